"""An example of a rule is shown only where its names are the user's; else there is advice, and the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Diagnosis, FixStatus
from bpfdoctor.model.report import CaptureOptions, Flavour, Kernel, RawReport, Stage, Verdict
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from bpfdoctor.render.words import fix_kind
from bpfdoctor.resources import folder
from scripts import bcc_answers

CASES = folder("corpus") / "cases"


def examples(case: Path) -> set[tuple[str, ...]]:
    """The examples of a case's answers, with the program at hand."""
    return {fix.example for _, each in bcc_answers.answers(case) for fix in each.fixes if not fix.edits}


@pytest.mark.parametrize("name", ["stack-too-large/bcc-path-buffer", "missing-exit/bcc-strchr-in-a-function"])
def test_another_programs_names_are_not_shown(name: str) -> None:
    assert examples(CASES / name) == {()}


def test_an_example_without_names_is_shown() -> None:
    [example] = examples(CASES / "unsupported-builtin/bcc-copy-of-variable-length")
    assert any("bpf_probe_read_kernel" in line for line in example)


def pasted() -> Iterator[tuple[bytes, Diagnosis]]:
    """Every fifth case's first log, pasted alone, and what is said of it."""
    for case in sorted(CASES.glob("*/*"))[::5]:
        for _, _, log in list(cases.logs(case))[:1]:
            for report in diagnose(RawReport(log, "log.txt", Flavour.LOG, Stage.PASTE)):
                yield from ((log, each) for each in report.diagnoses)


def test_what_an_example_changes_stands_in_the_log() -> None:
    shown = [(log, fix) for log, each in pasted() for fix in each.fixes if fix.example]
    assert shown
    for log, fix in shown:
        if fix.example[0].startswith(("-clang", "+clang", "-rustc", "-./", "+sudo", "+YOUR", "+bpfdoctor")):
            continue  # a command
        said = log.decode("utf-8", "replace")
        for line in fix.example:
            code = re.sub(r"/\\*.*?\\*/|//.*", "", line)
            if not line.startswith("+"):
                words = set(re.findall(r"[a-z_]{4,}", code)) - {
                    "define",
                    "sizeof",
                    "struct",
                    "return",
                    "void",
                    "char",
                    "volatile",
                    "byte",  # of the assembler
                    "long",
                }
                assert all(word in said for word in words), (line, fix.title)


def test_without_an_example_nothing_is_called_a_suggestion() -> None:
    bare = [fix for _, each in pasted() for fix in each.fixes if not fix.example and not fix.edits]
    assert len(bare) > 10
    assert {fix_kind(fix) for fix in bare if fix.outcome.status is FixStatus.NOT_TRIED} == {"advice"}


@pytest.mark.parametrize("format", ["full", "json", "github", "html", "sarif"])
def test_no_format_calls_advice_a_suggestion(format: str) -> None:
    log = next(log for _, _, log in cases.logs(CASES / "packet-bounds/udp-after-ip-check"))
    [report] = diagnose(RawReport(log, "log.txt", Flavour.LOG, Stage.PASTE))
    assert [fix_kind(fix) for fix in report.diagnoses[0].fixes] == ["advice"]
    assert "suggestion" not in render([report], format)


def refused_silently(words: bytes) -> list[Diagnosis]:
    """What `check` says where the kernel refuses the load and libbpf says this."""
    raw = RawReport(
        words,
        "a.bpf.c",
        Flavour.LIBBPF,
        Stage.LOADER,
        verdict=Verdict.NOT_LOADED,
        kernel=Kernel("6.12.1", CaptureOptions().capabilities),
        errno=1,
    )
    return [each for report in diagnose(raw) for each in report.diagnoses]


def test_check_does_not_advise_what_it_has_just_done() -> None:
    words = b"libbpf: prog 'a': BPF program load failed: Operation not permitted\n"
    [found] = refused_silently(words)
    others = found.next_step.replace("bpfdoctor check --kernel all", "")  # asks other kernels
    assert found.rule == "load-refused" and "bpfdoctor check" not in others
    assert not [fix for fix in found.fixes if "root" in fix.title or "./loader" in " ".join(fix.example)]


def test_check_misses_no_message() -> None:
    [found] = refused_silently(b"libbpf: failed to load object 'a'\n")
    assert "missing" not in found.headline and found.ask_for == ""
