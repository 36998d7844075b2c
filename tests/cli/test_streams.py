"""Standard output and error closed, full, or left by their reader: the right status, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bpfdoctor.render import FORMATS
from tests.cli.command import READ_OK, ROOT, Done, bpfdoctor, environment

COMMANDS = {
    "a refusal": ("log refused.log", 1),
    "a long answer": ("log refused.log --output-format html", 1),
    "no answer": ("log cut.log", 2),
    "no such file": ("log nothing.log", 2),
    "nothing wrong": ("log loads.log", 0),
    "the rules": ("rules", 0),
    "a page": ("explain packet-bounds", 0),
    "help": ("check --help", 0),
    "the version": ("--version", 0),
    "a usage error": ("log --no-such-option x", 2),
}
LOADS = "0: R1=ctx() R10=fp0\n0: (b7) r0 = 0\n1: (95) exit\nprocessed 2 insns (limit 1000000)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "refused.log").write_text(READ_OK)
    (tmp_path / "cut.log").write_text("0: R1=ctx() R10=fp0\n0: (b7) r0 = 0\n")
    (tmp_path / "loads.log").write_text(LOADS)
    return tmp_path


def shell(command: str, folder: Path) -> Done:
    """`command` in bash, with `B` for bpfdoctor; the status is the last one that is not 0."""
    script = f'set -o pipefail; B() {{ {sys.executable} -m bpfdoctor "$@"; }}; {command}'
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment({"PYTHONPATH": str(ROOT)}),
        cwd=folder,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", "| true"])
@pytest.mark.parametrize("name", COMMANDS)
def test_nobody_listens(name: str, streams: str, folder: Path) -> None:
    command, status = COMMANDS[name]
    done = shell(f"B {command} {streams}", folder)
    assert done.status == status
    assert "Traceback" not in done.err and "Exception ignored" not in done.err and "bug" not in done.err


@pytest.mark.parametrize("name", COMMANDS)
def test_there_is_no_room_for_the_answer(name: str, folder: Path) -> None:
    done = shell(f"B {COMMANDS[name][0]} >/dev/full", folder)
    assert done.status == 2, "an answer that nobody gets is none"
    assert done.err and "Traceback" not in done.err and "Exception ignored" not in done.err
    assert "bug in bpfdoctor" not in done.err


def test_what_is_meant_for_nobody_goes_into_no_file(folder: Path) -> None:
    """The first file that is opened gets the number of a closed descriptor."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shell("B log refused.log nothing.log <&- >&- 2>&-", folder)
    shell("B log refused.log -o answer.txt <&- >&- 2>&-", folder)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert b"uninitialized-register" in after.pop("answer.txt")
    assert after == before


# ---- commands for whoever reads the log of a CI job

HOSTILE = (
    "prog ::error file=x::owned\n::error::owned\n  ::set-output name=x::owned\n##[error]owned\n"
    "0: R1=ctx() R10=fp0\n; ::error::owned @ ::error::x.c:3\n0: (61) r1 = *(u32 *)(r1 +4)\n"
    "; x ##[add-mask]owned ##vso[task.setvariable]x\n1: (71) r0 = *(u8 *)(r1 +0)\n"
    "R1 invalid mem access '##[group]x'\n::error::owned\n"
)


def obeyed(text: str) -> list[str]:
    """The lines that GitHub's runner takes for commands."""
    return [
        line
        for line in text.splitlines()
        if line.strip().startswith("::") or "##[" in line or "##vso[" in line
    ]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("color", ["always", "never"])
def test_no_line_of_the_input_is_obeyed(form: str, color: str) -> None:
    hostile = [
        HOSTILE,
        HOSTILE.replace("R1 invalid", "::error::R1 invalid"),
        "x.c:1:2: error: ::error::owned ##[x]y\n",
    ]
    for text in hostile:
        arguments = ("log", "--output-format", form, "--color", color, "--width", "40")
        done = bpfdoctor(*arguments, stdin=text, env={"GITHUB_ACTIONS": "true"})
        own = [line for line in obeyed(done.out) if form == "github" and line.startswith("::error title=")]
        assert obeyed(done.out) == own and obeyed(done.err) == []
        assert not any("##[" in line for line in own)


def test_a_file_name_is_not_obeyed_either(tmp_path: Path) -> None:
    for name in ("::error::owned", "##[error]owned.log"):
        done = bpfdoctor("log", name, cwd=tmp_path, env={"GITHUB_ACTIONS": "true"})
        assert done.status == 2 and obeyed(done.err) == [] and "owned" in done.err


def test_elsewhere_the_text_stays_as_it_is() -> None:
    assert "##[group]x" in bpfdoctor("log", "--output-format", "json", stdin=HOSTILE).out
