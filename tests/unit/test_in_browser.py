"""What answers in the paste page says what the terminal says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfdoctor.in_browser import FORMATS, answer
from bpfdoctor.pipeline import read_log
from bpfdoctor.render import render
from bpfdoctor.render.environment import SCRIPTS
from scripts.site import engine
from tests.cli.command import ROOT

CASE = ROOT / "corpus/cases/packet-bounds/udp-after-ip-check"
LOG = next((CASE / "logs").glob("6.12*-l1.log")).read_bytes()


def test_a_log_is_answered_as_in_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "pasted"
    path.write_bytes(LOG)
    said = answer([(str(path), LOG)])
    for form in FORMATS:
        assert said.written(form) == render(read_log(path, stepped=True), form)


def test_with_the_source_there_is_a_patch() -> None:
    text = (CASE / "prog.bpf.c").read_text()
    assert "udp + 1" in answer([("log", LOG)], [("prog.bpf.c", text)]).written("html")
    assert "udp + 1" not in answer([("log", LOG)]).written("html")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "The log is empty"),
        (b"\x7fELF" + bytes(60), "is an ELF object, not a log"),
        (b'SEC("xdp")\nint f(struct xdp_md *c) { return 2; }\n', "is a program, not a log"),
    ],
)
def test_what_is_no_log_is_said(text: bytes, said: str) -> None:
    assert all(said in answer([("log", text)]).written(form) for form in FORMATS if form != "json")


def test_another_file_than_the_object_is_said() -> None:
    said = answer([("log", LOG)], elf_file=b"\x7fELF" + bytes(60)).written("html")
    assert "The object is not a compiled BPF program." in said


def test_what_is_packed_for_the_browser_has_what_rules_name() -> None:
    found = engine.modules()
    assert {"bpfdoctor.fixes.plan", "bpfdoctor.analysis.collectors.packet_range"} <= found
    assert {"bpfdoctor.render.as_json", "bpfdoctor.render.as_markdown", "bpfdoctor.render.html"} <= found
    assert not {name for name in found if name.startswith(("bpfdoctor.capture", "bpfdoctor.lab"))}


def test_several_logs_are_one_answer_and_one_that_is_none_does_not_hide_the_others() -> None:
    said = answer([("one.log", LOG), ("two.log", b""), ("three.log", b"R3 !read_ok")])
    assert re.findall(r"<h2>(.+?): <", said.written("html")) == ["two.log", "one.log", "three.log"]
    assert "not examined: two.log: The log is empty" in said.written("markdown")


@pytest.mark.parametrize("form", ["html", "json"])
def test_an_answer_of_ours_is_no_log(form: str) -> None:
    text = answer([("a.log", LOG)]).written(form).encode()
    assert "not a log" in answer([(f"a.{form}", text)]).written("markdown")


def test_what_is_packed_has_the_stepping_views_scripts(tmp_path: Path) -> None:
    engine.gather(tmp_path, ROOT)
    assert all((tmp_path / "bpfdoctor/render/templates" / name).is_file() for name in SCRIPTS)
