"""docs/editors.md: completion asked as shells ask it, the man page, and the problem matcher of VS Code."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from scripts import man_page
from tests.cli.command import BPFDOCTOR, READ_OK, ROOT, bpfdoctor, environment
from tests.unit.render.reports import ALL

EDITORS = (ROOT / "docs/editors.md").read_text(encoding="utf-8")


def completed(typed: str, shell: str = "bash") -> list[str]:
    """What the shell is offered for the last word."""
    words = typed.split(" ")
    asked = {
        "bash": {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": typed},
        "fish": {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }
    done = bpfdoctor(stdin="", env={"_BPFDOCTOR_COMPLETE": f"complete_{shell}", **asked[shell]})
    assert (done.status, done.err) == (0, "")
    return (
        re.findall(r"[\w./,-]+", done.out)
        if shell == "zsh"
        else [line.split("\t")[0] for line in done.out.splitlines()]
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bpfdoctor expl", ["explain"]),
        ("bpfdoctor explain packet-b", ["packet-bounds"]),
        ("bpfdoctor check --ignore loops,packet-b", ["loops,packet-bounds"]),
        ("bpfdoctor log --output-format git", ["github", "gitlab"]),
        ("bpfdoctor check --kernel 6.12,5.10.", ["6.12,5.10.218"]),
        ("bpfdoctor nothing x", []),
    ],
)
def test_a_shell_is_offered_commands_and_values(typed: str, offered: list[str]) -> None:
    assert [word for word in completed(typed) if word] == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_every_shell_is_answered(shell: str) -> None:
    assert "packet-bounds" in completed("bpfdoctor explain packet-b", shell)


def test_bash_itself_completes_with_the_script_that_is_shown() -> None:
    script = bpfdoctor("--show-completion", "bash", stdin="").out
    typed = "COMP_WORDS=(bpfdoctor explain packet-b) COMP_CWORD=2"
    command = f'{script}\nbpfdoctor() {{ {" ".join(BPFDOCTOR)} "$@"; }}\nexport -f bpfdoctor\n'
    asked = f'{typed}; _bpfdoctor_completion "bash -c bpfdoctor"; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-c", command.replace("$1 ) )", "bash -c bpfdoctor ) )") + asked],
        capture_output=True,
        text=True,
        env=environment({"PYTHONPATH": str(ROOT)}),
        check=False,
    )
    assert done.stdout == "packet-bounds\n"


def test_the_man_page_has_every_command_and_option_and_mandoc_has_nothing_against_it() -> None:
    page = man_page.page()
    assert page.isascii()
    for name in (
        "check",
        "preflight",
        "log",
        "run",
        "explain",
        "rules",
        "reduce",
        "kernels get",
        "report diff",
    ):
        assert f".SS {name}\n" in page
    shown = subprocess.run(
        ["mandoc", "-T", "ascii"], input=page, capture_output=True, text=True, check=True
    ).stdout
    plain = " ".join(re.sub(".\x08", "", shown).split())
    assert "--output-format full|concise|json" in plain and "SETTINGS IN A FILE" in plain
    lint = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True, check=False
    )
    assert lint.stdout + lint.stderr == ""


def test_the_problem_matcher_reads_a_line_for_each_finding() -> None:
    from bpfdoctor.render import render

    task = json.loads(EDITORS.partition("```json\n")[2].partition("```")[0])["tasks"][0]
    pattern = re.compile(task["problemMatcher"]["pattern"]["regexp"])
    lines = render([make() for make in ALL], "concise").splitlines()
    lines += bpfdoctor("log", "--output-format", "concise", stdin=READ_OK).out.splitlines()
    found = [match.groups() for line in lines if (match := pattern.match(line))]
    placed = [line for line in lines if re.match(r"\S+:\d+", line)]
    assert len(found) == len(placed) >= 3
    assert ("pkt.bpf.c", "24", "11", "error", "BD101") in [each[:5] for each in found]
