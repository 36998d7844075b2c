"""Every real log of the corpus gets its rule, at the line that its author marked, in whole sentences."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Confidence, Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.model.trace import Step
from scripts.diagnosed import diagnosed
from scripts import causes

UPDATE = "python -m bpfdoctor dev capture {case} stores what real kernels say now"
RULES = catalogue.load()
CASES = causes.corpus()
# For the others, refused by nobody, without a privilege, by the loader or after millions of lines, no log is
# stored.
WITH_LOGS = [case for case in CASES if any(cases.folder(case).glob("*.log*"))]
# Why the logs of these programs name another line than their author does.
OTHER_LINE = {
    "arena-sign-extension/signed-byte": "said when the accesses are rewritten, after the last step",
    "kernel-headers-unfit/bcc-own-macro-before-the-header": "the compiler names the line of the header",
    "loop-back-edge/without-a-jump-at-its-end": "5.10 names the instruction without walking over it",
    "core-relocation-failed/field-not-in-this-kernel": "clang counts the instruction to the line above",
    "core-relocation-size/number-of-another-size": "the loader names the access, the mark is at the member",
    "recursive-call/function-calls-itself": "5.10 names the call without walking over it",
    "recursive-call/two-functions-call-each-other": "5.10 names the call without walking over it",
    "release-without-acquire/dropped-after-push": "clang makes one call of the two, which has no line",
    "return-value-range/cgroup-returns-two": "a jump leads to the exit, and no line is quoted before it",
    "return-value-range/ingress-verdict": "a jump leads to the exit, and no line is quoted before it",
    "tail-call-stack-depth/large-buffer-in-the-caller": "said of the whole program, after its last step",
    "unreleased-reference/never-released": "clang counts the exit to the closing brace, as two returns share it",
}

# What is called there is in the program only; the message is that of another rule.
ONLY_WITH_THE_PROGRAM = {
    "internal-header/bcc-ext4-h": "missing-header",
    "missing-exit/bcc-tool-memcmp": "jump-out-of-range",
}

# Older kernels answer with E2BIG alone; in a pasted text that number has several meanings.
ONLY_A_NUMBER = {"loader-request-wrong/too-many-maps": "load-refused"}

Answers = list[tuple[str, int, list[Diagnosis]]]  # kernel, log level, what is said of the pasted log


@pytest.fixture(scope="module", params=WITH_LOGS, ids=causes.name)
def case(request: pytest.FixtureRequest) -> Path:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def answers(case: Path) -> Answers:
    """Of each log on its own, without the program."""
    return [(kernel, level, list(pasted(log))) for kernel, level, log in cases.logs(case)]


def pasted(log: bytes) -> Iterator[Diagnosis]:
    for report in diagnosed(RawReport(log, "log", Flavour.LOG, Stage.PASTE)):
        yield from report.diagnoses


def test_there_are_cases_and_logs() -> None:
    assert len(CASES) >= 380
    assert len(CASES) - len(WITH_LOGS) <= 25  # those that load with a warning leave none
    assert sum(len(list(cases.logs(case))) for case in CASES) >= 4200


def test_a_pasted_log_reaches_the_same_rule_as_the_program(case: Path, answers: Answers) -> None:
    stored = cases.verdicts(case)
    for kernel, level, said in answers:
        rules = [diagnosis.rule for diagnosis in said]
        rule = ONLY_WITH_THE_PROGRAM.get(causes.name(case), stored[kernel].get("rule"))
        right = {rule}
        if rule != case.parent.name:
            right |= {ONLY_A_NUMBER.get(causes.name(case), rule)}
        assert right & set(rules), (kernel, level, UPDATE.format(case=case))


def test_every_text_of_the_rule_is_written(answers: Answers) -> None:
    for kernel, level, said in answers:
        for diagnosis in said:
            where = f"{diagnosis.rule}, {kernel} level {level}"
            assert diagnosis.faults == (), where
            assert list(unwritten(diagnosis)) == [], where


def unwritten(diagnosis: Diagnosis) -> Iterator[str]:
    """The keys of texts that the rule has, that nothing excuses, and that are not in the answer."""
    if diagnosis.confidence is Confidence.CLASSIFIED or diagnosis.finding.advice is not None:
        # Only recognised, or advice for one error of a loader's step: it says what to look at.
        yield from (key for key in ("headline", "means", "next_step") if not getattr(diagnosis, key).strip())
        return
    rule, kind = RULES.rule(diagnosis.rule), diagnosis.finding.kind
    if diagnosis.finding.advice is not None or rule.classified:  # said of the step and its error number
        yield from (key for key in ("headline", "means", "next_step") if not getattr(diagnosis, key).strip())
        return
    words = rule.words(None if diagnosis.outcome == kind else diagnosis.outcome, kind)
    roles = {label.role for label in diagnosis.labels}
    labelled = {label.insn for label in diagnosis.labels}
    for key in ("headline", "wants", "has", "note"):
        if (key in words.slots or key != "note") and not getattr(diagnosis, key).strip():
            yield key
    for role in words.labels.keys() - roles:
        at = diagnosis.finding.step if role == "access" else getattr(diagnosis.facts, role, None)
        # What a later kernel sees there is said in place of the rule's label.
        if at and not (isinstance(at, Step) and at.insn.index in labelled):
            yield role
    if diagnosis.root_cause and not diagnosis.root_cause.text:
        yield "cause"
    # None of the names: the rule says that none fits. Those that are only placed need the program.
    anywhere = [fix for fix in rule.fixes if not fix.only_placed]
    if not diagnosis.fixes and any(words.fixes is None or fix.name in words.fixes for fix in anywhere):
        yield "fix"
    for fix in diagnosis.fixes:
        # Neither edits nor an example: advice, as an example is shown in the user's own names or not at all.
        signs = {line[0] for line in fix.example if line}
        if not (fix.title.strip() and fix.why.strip() and signs <= set("+- ") and signs != {" "}):
            yield f"fix {fix.title!r}"


def test_no_program_is_called_right_that_later_kernels_refuse(case: Path, answers: Answers) -> None:
    """That it is said of those that they load is what test_newer_kernels.py shows."""
    verdicts = {kernel: said["verdict"] for kernel, said in cases.verdicts(case).items()}
    for kernel, _, said in answers:
        for diagnosis in said:
            if "unseen" in {label.role for label in diagnosis.labels}:
                since = numbers(diagnosis.other_kernels.since or "0") if diagnosis.other_kernels else (0,)
                later = {verdict for each, verdict in verdicts.items() if numbers(each) >= since}
                assert later == {"loads"}, kernel


def test_the_marked_line_is_the_one_found(case: Path) -> None:
    # A log that quotes the marked line shows it; one that does not may show no line, but no other.
    wrong = [
        str(each)
        for each in causes.found(case)
        if each.refused_is_marked is False or (each.quotes_mark and each.refused_line is None)
    ]
    if causes.name(case) in OTHER_LINE:
        assert wrong, "it is found now: OTHER_LINE needs no entry for it"
    else:
        assert not wrong, causes.marked(case, "/* expect: ")
