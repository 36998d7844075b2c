"""What answers in the paste page says what the terminal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.in_browser import answer
from bpfdoctor.pipeline import read_log
from bpfdoctor.render import render
from scripts.site import engine
from tests.cli.command import ROOT

CASE = ROOT / "corpus/cases/packet-bounds/udp-after-ip-check"
LOG = next((CASE / "logs").glob("6.12*-l1.log")).read_bytes()


def test_a_log_is_answered_as_in_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "pasted"
    path.write_bytes(LOG)
    assert answer(str(path), LOG) == render(read_log(path, stepped=True), "html")


def test_with_the_source_there_is_a_patch() -> None:
    text = (CASE / "prog.bpf.c").read_text()
    assert "data_end)\n" in answer("log", LOG, [("prog.bpf.c", text)])
    assert "udp + 1" in answer("log", LOG, [("prog.bpf.c", text)]) and "udp + 1" not in answer("log", LOG)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "The log is empty"),
        (b"\x7fELF" + bytes(60), "is an ELF object, not a log"),
        (b'SEC("xdp")\nint f(struct xdp_md *c) { return 2; }\n', "is a program, not a log"),
    ],
)
def test_what_is_no_log_is_said(text: bytes, said: str) -> None:
    assert said in answer("log", text)


def test_another_file_than_the_object_is_said() -> None:
    assert "The object is not a compiled BPF program." in answer("log", LOG, elf_file=b"\x7fELF" + bytes(60))


def test_what_is_packed_for_the_browser_has_what_rules_name() -> None:
    found = engine.modules()
    assert {"bpfdoctor.fixes.plan", "bpfdoctor.analysis.collectors.packet_range"} <= found
    assert not {name for name in found if name.startswith(("bpfdoctor.capture", "bpfdoctor.lab"))}
