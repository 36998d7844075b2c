"""What is no log: a program, nothing at all, a log's end alone. The answer names the command that fits."""

import pytest

from bpfdoctor.model.report import Flavour, RawReport, Stage, Verdict
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder
from tests.cli.command import bpfdoctor

CASES = folder("corpus") / "cases"


@pytest.mark.parametrize(
    "program", ["packet-bounds/udp-after-ip-check/prog.bpf.c", "packet-bounds/bcc-xdp-eth-type/prog.c"]
)
def test_a_program_is_told_from_a_log(program: str) -> None:
    named = bpfdoctor("log", CASES / program)
    assert named.status == 2
    assert "is a program, not a log" in named.err
    assert f"sudo bpfdoctor check -- {CASES / program}" in named.err
    piped = bpfdoctor("log", stdin=(CASES / program).read_text())
    assert piped.status == 2
    assert "sudo bpfdoctor check FILE" in piped.err


def test_a_loaders_last_words_are_no_message() -> None:
    done = bpfdoctor("log", stdin="ERROR: Loading BPF object(s) failed.")
    assert done.status == 1
    assert "loading-step-failed" in done.out and "classified, no cause shown" in done.out
    assert "suggestion" not in done.out


def test_the_command_stands_on_a_line_of_its_own() -> None:
    done = bpfdoctor("log", "--width", "60", stdin="R3 !read_ok")
    assert "     sudo bpfdoctor check prog.bpf.c\n" in done.out
    assert all(len(line) <= 60 for line in done.out.splitlines())


def test_of_what_was_loaded_here_no_text_is_missing() -> None:
    printed = b"libbpf: elf: skipping section(5) .data.marks (size 0)\n"
    asked = RawReport(printed, "prog.bpf.c", Flavour.LIBBPF, Stage.LOADER, verdict=Verdict.NOT_LOADED)
    [found] = [each for report in diagnose(asked) for each in report.diagnoses]
    assert (found.rule, found.outcome) == ("unknown-message", "NOTHING_SAID")
    assert "neither the kernel nor the loader said why" in found.headline and not found.usual
