"""What rules/verifier_history.toml says of later kernels is what the corpus's seven kernels said."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import store
from bpfdoctor.machine.capabilities_since import Skill
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Diagnosis, Layer, Report
from bpfdoctor.model.report import Flavour, Kernel, RawReport, Stage, Verdict
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.other_kernels import compared
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

ENTRIES = {entry["name"]: entry for entry, _ in store.read_newer(folder("rules"), [])}
ROOT = folder("corpus") / "cases"
SHOWING = sorted({(name, case) for name, entry in ENTRIES.items() for case in entry["cases"]})
BY_SKILL = [(name, case) for name, case in SHOWING if name in set(Skill)]
KERNEL = re.compile(r"\d+\.\d+\.\d+")


def logs(case: Path) -> Iterator[tuple[str, Diagnosis]]:
    """(kernel, what is said of its log at level 1), pasted: without a word about the kernel."""
    for kernel, level, log in cases.logs(case):
        if level == 1 and KERNEL.fullmatch(kernel):
            for report in diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE)):
                for diagnosis in report.diagnoses:
                    yield kernel, diagnosis


def test_every_skill_is_told_about() -> None:
    assert set(Skill) <= set(ENTRIES)


@pytest.mark.parametrize(("name", "case"), SHOWING)
def test_the_boundary_is_where_the_lab_found_it(name: str, case: str) -> None:
    since, before = (numbers(ENTRIES[name][key]) for key in ("since", "before"))
    said = {kernel: said["verdict"] for kernel, said in cases.verdicts(ROOT / case).items()}
    newer = {kernel for kernel in said if numbers(kernel)[: len(since)] >= since}
    older = {kernel for kernel in said if numbers(kernel)[: len(before)] <= before}
    assert newer and older and newer | older == set(said)
    assert {said[kernel] for kernel in newer} == {"loads"}
    assert "loads" not in {said[kernel] for kernel in older}


# What a path of 5.10 doesn't show: registers are printed after branches only.
NOT_SHOWN = {
    ("unbounded-access/quotient-as-index", "5.10"),
}


@pytest.mark.parametrize(("name", "case"), BY_SKILL)
def test_a_pasted_log_is_enough_to_see_that_the_program_is_right(name: str, case: str) -> None:
    shown = [each for each in logs(ROOT / case) if (case, each[0].rpartition(".")[0]) not in NOT_SHOWN]
    assert shown
    for kernel, diagnosis in shown:
        assert diagnosis.layer is Layer.FALSE_POSITIVE, kernel
        assert diagnosis.other_kernels is not None
        assert diagnosis.other_kernels.since == ENTRIES[name]["since"], kernel
        assert diagnosis.root_cause is not None and diagnosis.root_cause.insn != diagnosis.insn


def asked(case: str) -> list[Report]:
    """The reports of `check --kernel all`, from the stored answers."""
    found: list[Report] = []
    stored = {kernel: log for kernel, level, log in cases.logs(ROOT / case) if level == 1}
    for kernel, said in cases.verdicts(ROOT / case).items():
        raw = RawReport(
            stored.get(kernel, b""),
            "prog.bpf.c",
            Flavour.LIBBPF,
            Stage.VERIFIER,
            verdict=Verdict(str(said["verdict"])),
            kernel=Kernel(kernel),
        )
        loaded = Report("prog.bpf.c", raw.flavour, raw.verdict, kernel=raw.kernel)
        report = diagnose(raw)[-1] if kernel in stored else loaded
        found.append(replace(report, program=None, not_possible=str(said.get("not_possible", ""))))
    return compared(found)


def told(case: str) -> dict[str, Diagnosis]:
    return {
        report.kernel.release: report.diagnoses[-1]
        for report in asked(case)
        if report.kernel and report.diagnoses
    }


def test_a_program_that_newer_kernels_load_is_right() -> None:
    said = told("unbounded-access/below-another-number")
    assert set(said) == {"5.10.218", "5.10.262", "6.1.192"}
    for diagnosis in said.values():
        assert diagnosis.layer is Layer.FALSE_POSITIVE
        other = diagnosis.other_kernels
        assert other is not None and other.loads == ("6.12.117", "6.18.15", "7.2.13", "7.3.4")
        assert other.text.startswith("6.12 and later load this program as it is: they learn a limit")
        assert other.text.endswith("and the verifier of 5.10 and 6.1 can't see it.")


def test_a_program_that_passes_by_chance_is_not_called_right() -> None:
    said = told("uninitialized-stack/key-never-written")
    assert said["5.10.218"].layer is Layer.SOURCE
    assert said["5.10.218"].other_kernels and "left to chance" in said["5.10.218"].other_kernels.text
    assert said["5.10.218"].other_kernels.text.startswith("5.10.262 and later load")


def test_a_limit_that_was_raised_is_no_false_alarm() -> None:
    assert all(d.layer is not Layer.FALSE_POSITIVE for d in told("call-depth/nine-deep").values())


def test_a_check_that_was_added_is_named() -> None:
    said = told("tracing-argument-slot/narrow-argument")
    assert set(said) == {"6.12.117", "6.18.15", "7.2.13", "7.3.4"}
    for diagnosis in said.values():
        assert diagnosis.layer is Layer.SOURCE and diagnosis.other_kernels
        assert diagnosis.other_kernels.text == (
            "5.10 and 6.1 load this program as it is: what is refused here is checked by 6.12 and later only."
        )


def test_what_a_kernel_lacks_says_nothing_of_the_program() -> None:
    said = told("nested-rcu-lock/lock-in-lock")
    others = [each.other_kernels for each in said.values() if each.other_kernels]
    assert others and all(each.refused == ("6.12.117", "6.18.15") for each in others)


def test_the_page_names_the_kernels() -> None:
    newer = catalogue.load().rule("map-value-or-null").newer
    assert {entry.name: entry.since for entry in newer} == {"same-address": "6.12", "constant-key": "6.14"}
