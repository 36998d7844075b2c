"""What kernels, compilers and loaders can say, from the formats in their sources: each is answered in full.

corpus/messages.json and corpus/toolchain_messages.json hold the formats; `make messages` reads them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import UNKNOWN
from bpfdoctor.model.diagnosis import Confidence, Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder
from scripts.coverage import refusals
from scripts.toolchain_messages.render import statements

KERNEL = "0: (0f) r1 += r2\n{}\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0\n"
TOPICS = sorted({statement.topic for statement in refusals()})
# How many renderings of a tool's formats reach a rule, at the least; other lines are no failures alone.
KNOWN = {
    "aya": 120,
    "bcc": 110,
    "bcc-python": 60,
    "bpftool": 140,
    "cilium/ebpf": 670,
    "iproute2": 73,
    "libbpf": 1660,
    "libbpf-rs": 21,
    "llvm": 125,
}
TOOLS = [*statements(json.loads((folder("corpus") / "toolchain_messages.json").read_text()))]


def answered(text: str) -> list[Diagnosis]:
    reports = diagnose(RawReport(text.encode(), "log", Flavour.LOG, Stage.PASTE))
    return [diagnosis for report in reports for diagnosis in report.diagnoses]


def wrong(diagnosis: Diagnosis) -> Iterator[str]:
    """What is missing or odd in an answer for which the log has the message and little else."""
    yield from diagnosis.faults
    if diagnosis.confidence is Confidence.CLASSIFIED or diagnosis.finding.advice is not None:
        for text in (diagnosis.headline, diagnosis.means, diagnosis.next_step):
            if not text.strip() or "None" in text or "  " in text:
                yield f"{diagnosis.rule}: {text!r}"
        if diagnosis.fixes or diagnosis.root_cause or diagnosis.wants:
            yield f"{diagnosis.rule}: a cause or a patch without advice"
        return
    if diagnosis.finding.could_be:
        return  # a piece of a message: its values are not there
    for text in (diagnosis.headline, diagnosis.wants, diagnosis.has, *(fix.title for fix in diagnosis.fixes)):
        if not text.strip() or "None" in text or "  " in text:
            yield f"{diagnosis.rule}: {text!r}"
    if not diagnosis.fixes and not says_that_none_fits(diagnosis):
        yield f"{diagnosis.rule}: no fix"
    for fix in diagnosis.fixes:
        signs = {line[0] for line in fix.example if line}  # none: it is advice
        if not fix.why.strip() or not signs <= set("+- ") or signs == {" "}:
            yield f"{diagnosis.rule}: {fix.example}"


def says_that_none_fits(diagnosis: Diagnosis) -> bool:
    """Whether the rule has `fixes = []` for this: it recognises the text, and knows no cause."""
    kind = diagnosis.finding.kind
    outcome = None if diagnosis.outcome == kind else diagnosis.outcome
    return catalogue.load().rule(diagnosis.rule).words(outcome, kind).fixes == ()


def test_there_are_many() -> None:
    assert len(refusals()) >= 1250 and len(TOPICS) >= 44
    assert len(TOOLS) >= 2450 and {statement.tool for statement in TOOLS} == set(KNOWN)


@pytest.mark.parametrize("topic", TOPICS)
def test_what_a_kernel_can_say_is_answered_in_full(topic: str) -> None:
    for statement in refusals():
        for example in statement.examples if statement.topic == topic else ():
            found = answered(KERNEL.format(example))
            assert found or statement.soft, example  # soft: printed of programs that are loaded, too
            assert [sentence for each in found for sentence in wrong(each)] == [], example
            assert UNKNOWN not in {each.rule for each in found}, example


@pytest.mark.parametrize("tool", KNOWN)
def test_what_a_tool_can_say_is_answered_in_full(tool: str) -> None:
    known = 0
    for statement in TOOLS:
        for example in statement.examples if statement.tool == tool else ():
            found = answered(example)
            known += any(each.rule != UNKNOWN for each in found)
            assert [sentence for each in found for sentence in wrong(each)] == [], example
    assert known >= KNOWN[tool]
