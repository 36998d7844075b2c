"""What the pipeline makes of several findings of one program."""

from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.report import Flavour, Kernel, Program, RawReport, Stage, Verdict
from bpfdoctor.pipeline import diagnose
from tests.unit.catalogue import books

# What libbpf 1.1 printed for an fentry program on a locked-down 6.18.
LOCKED_DOWN = RawReport(
    b"libbpf: prog 'forget': BPF program load failed: Operation not permitted\n"
    b"libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB\n"
    b"libbpf: prog 'forget': failed to load: -1\n",
    "prog.bpf.c",
    Flavour.LIBBPF,
    Stage.LOADER,
    Verdict.NOT_LOADED,
)


def rules(release: str | None) -> list[str]:
    raw = replace(LOCKED_DOWN, kernel=Kernel(release) if release else None)
    return [each.rule for report in diagnose(raw) for each in report.diagnoses]


def test_a_hint_about_old_kernels_is_left_out_on_a_newer_one() -> None:
    assert rules("6.18.44") == ["load-refused"]
    assert rules("5.11.0") == ["load-refused"]  # "before 5.11" leaves 5.11 out
    assert rules("5.10.999") == ["load-refused", "memory-lock-limit"]


def test_it_is_shown_where_it_may_help() -> None:
    assert rules("5.10.218") == ["load-refused", "memory-lock-limit"]
    assert rules(None) == ["load-refused", "memory-lock-limit"]


def test_a_text_that_cannot_be_written_costs_that_text_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = books.match("R{reg:reg} is {n:int} bytes wide") + books.match("R{reg:reg} is too wide")
    rule = ("memory/odd", "BD101", matches)
    folder = books.write(tmp_path, rule, ("silent/unknown-message", "BD901", ""))
    file = folder / "memory" / "odd.md"
    file.write_text(file.read_text().replace('headline = "h"', 'headline = "{n:bytes}"'))
    rules = catalogue.Catalogue(catalogue.store.compile_folder(folder), folder)
    monkeypatch.setattr(catalogue, "load", lambda: rules)
    for width, headline in (("2 bytes", "2 bytes"), ("too", "")):  # dev check names it
        log = f"0: (95) exit\nR1 is {width} wide\nprocessed 1 insns (limit 1000000)\n"
        (report,) = diagnose(RawReport(log.encode(), "log", Flavour.LOG, Stage.PASTE))
        (diagnosis,) = report.diagnoses
        assert (diagnosis.rule, diagnosis.headline, diagnosis.wants, diagnosis.has) == (
            "odd",
            headline,
            "w",
            "a",
        )
        assert [note.partition("(")[2] for note in report.notes] == [
            f"{fault})" for fault in diagnosis.faults
        ]
    assert diagnosis.faults[0].startswith("odd: headline: KeyError: ")


def test_a_sentence_does_not_end_in_the_space_before_a_value_that_is_empty() -> None:
    (report,) = diagnose(RawReport(b"prog.c:3:1: error: expected '}'\n", "log", Flavour.LOG, Stage.PASTE))
    assert [each.headline for each in report.diagnoses] == ["expected }"]


def test_a_log_that_ends_with_a_jump_is_about_no_operand() -> None:
    log = (
        b"0: (b7) r1 = 0\n1: (05) goto pc+2\n"
        b"math between pkt pointer and register with unbounded min value is not allowed\n"
    )
    (report,) = diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE))
    assert [each.rule for each in report.diagnoses] == ["unbounded-access"]


@pytest.mark.parametrize(("capabilities", "blames_rights"), [("full", False), ("bpf+net", True)])
def test_a_load_that_is_not_permitted_to_full_rights_is_refused_by_the_machine(
    capabilities: str, blames_rights: bool
) -> None:
    said = b"libbpf: prog 'on_open': BPF program load failed: -EPERM\n"
    raw = RawReport(said, "a.o", Flavour.OBJECT, Stage.LOADER, Verdict.NOT_LOADED)
    raw = replace(raw, program=Program("on_open", "lsm"), kernel=Kernel("6.18.1", capabilities), errno=1)
    [report] = diagnose(raw)
    [finding] = report.diagnoses
    assert ("CAP_BPF" in finding.means) == blames_rights
