"""Sentences that were said without their condition: each on a real log, or a real program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.kernel import registers
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Category, Diagnosis
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder
from tests.compilers import CLANG, HEADERS

CASES = folder("corpus") / "cases"


def answers(case: str, level: int = 1) -> list[Diagnosis]:
    """To the stored logs alone, one for each kernel."""
    logs = [log for _, stored, log in cases.logs(CASES / case) if stored == level]
    assert logs
    return [
        report.diagnoses[0]
        for log in logs
        for report in diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE))
    ]


def texts(diagnosis: Diagnosis) -> str:
    own = (diagnosis.message, diagnosis.headline, diagnosis.wants, diagnosis.has, diagnosis.lost)
    return "\n".join((*own, *(label.text for label in diagnosis.labels)))


def typed(message: str) -> Diagnosis:
    return diagnose(RawReport(f"{message}\n".encode(), "log", Flavour.LOG, Stage.PASTE))[0].diagnoses[0]


def test_a_constant_is_not_without_limit() -> None:
    for diagnosis in answers("unbounded-access/constant-length"):
        assert diagnosis.outcome == "CONSTANT"
        assert "0x80000000" in texts(diagnosis)
        assert "limit" not in texts(diagnosis)
        assert not diagnosis.fixes  # no comparison makes that constant right


def test_a_constant_added_to_a_pointer_is_not_known_at_run_time_only() -> None:
    for diagnosis in answers("map-value-bounds/constant-before-the-value"):
        assert "run time" not in texts(diagnosis)
        assert "8 bytes at offset -8" in diagnosis.has


def test_past_the_packets_end_no_byte_is_proved() -> None:
    for diagnosis in answers("packet-bounds/only-where-it-is-short"):
        assert diagnosis.outcome in ("WRONG_BRANCH", "COVERS_NOTHING")
        assert "proves bytes" not in texts(diagnosis)
        assert "fff" not in texts(diagnosis)
        assert "no check at all" not in diagnosis.has
    alone = typed("invalid access to packet, off=14 size=1, R2(id=0,off=14,r=-2)")
    assert "-2 bytes" not in texts(alone) and "past it" in alone.has


def test_where_no_path_releases_none_is_said_to_miss_it() -> None:
    for diagnosis in answers("unreleased-reference/never-released"):
        assert any(label.role == "branch" for label in diagnosis.labels)
        assert "misses the release" not in texts(diagnosis)


def test_a_helper_has_its_name_where_the_kernel_knows_none() -> None:
    text = texts(typed("invalid func unknown#182"))
    assert "bpf_strncmp (helper number 182, since Linux 5.17)" in text
    assert "helper number 4000" in texts(typed("invalid func unknown#4000"))


@pytest.mark.parametrize(
    ("message", "absent"),
    [
        ("insn 40000 cannot be patched due to 16-bit range", "1000000"),
        ("liveness analysis exceeded complexity limit (10001 calls)", "1000000"),
        ("R1 is not a pointer", "context"),
    ],
)
def test_a_limit_or_a_kind_is_that_of_the_message(message: str, absent: str) -> None:
    assert absent not in texts(typed(message)).replace("program's context, and", "")


def test_a_call_that_takes_several_kinds_of_memory_does_not_want_the_context() -> None:
    assert "context" not in registers.expected("ctx, fp, pkt, map_value, mem")
    assert registers.expected("ctx") == "the program's own context, unchanged"


def test_what_lacks_a_capability_is_policy_as_in_7_3() -> None:
    said = "loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN"
    assert typed(said).category is Category.POLICY
    assert catalogue.load().rule("permission-denied").category == Category.ENVIRONMENT.value


def test_a_field_of_the_context_is_told_with_its_width(tmp_path: Path) -> None:
    source = CASES / "context-access/half-a-field/prog.bpf.c"
    made = tmp_path / "prog.o"
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}"]
    subprocess.run([CLANG, *flags, "-c", str(source), "-o", str(made)], check=True)
    log = next(log for _, level, log in cases.logs(source.parent) if level == 1)
    report = diagnose(
        RawReport(
            log,
            str(source),
            Flavour.LIBBPF,
            Stage.PASTE,
            program=Program("tag", "sched_cls", "tc"),
            files=(SourceFile(str(source), source.read_text()),),
            object=made.read_bytes(),
        )
    )[-1]
    found = report.diagnoses[0]
    assert found.outcome == "WIDTH"
    assert "4 bytes" in found.headline and "may not be written" not in texts(found)
