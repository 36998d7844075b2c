"""What we tell people to type: bash reads it, our own command line takes it, the tools in it exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from bpfdoctor import catalogue
from bpfdoctor.cli.main import COMMANDS, app
from tests.cli import printed
from tests.cli.command import ROOT, a_log_of_each_rule, bpfdoctor
from tests.cli.printed import PROGRAMS, Printed

PRINTED = printed.everything()
_ENDS = {"|", "||", "&&", ";", "&"}
_PREFIXES = {"sudo", "exec", "time"}


def words(line: str) -> Iterator[list[str]]:
    """The simple commands of some lines of shell, each as its words, without redirections and sudo."""
    text = re.sub(r"\$\([^()]*\)", "X", line.replace("\\\n", " ")).replace("\n", ";")
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    command: list[str] = []
    skipped = False
    for word in [*lexer, ";"]:
        if word in _ENDS:
            if command:
                yield command
            command = []
        elif set(word) <= set("<>&"):
            skipped = True
            if command and command[-1] == "2":
                command.pop()
        elif skipped or (not command and (word in _PREFIXES or re.fullmatch(r"\w+=.*", word))):
            skipped = False
        else:
            command.append(word)


def synopsis(line: str) -> str:
    """`log [FILE…|-]` and `list|get|remove`, as one of what they stand for."""
    return re.sub(r"(?<=\w)(\|\w+)+", "", re.sub(r"\[\w+…?[^\]]*\]", "", line))


def name(program: str) -> str:
    """bpfdoctor of .venv/bin/bpfdoctor, python of python3.11; as it is where it is the reader's own."""
    base = Path(program).name
    return base if base in PROGRAMS and not program.startswith("./") else program


SIMPLE = [(each, name(command[0]), command[1:]) for each in PRINTED for command in words(synopsis(each.line))]


def of(program: str) -> list[tuple[Printed, list[str]]]:
    return [(each, arguments) for each, first, arguments in SIMPLE if first == program]


def named(value: object) -> str:
    return value.line if isinstance(value, Printed) else " ".join(value) if isinstance(value, list) else ""


def test_the_places_that_print_commands_are_all_read() -> None:
    lines = {each.line for each in printed.everything()}
    for place in (
        "sudo ln -sf /opt/bpfdoctor/bin/bpfdoctor /usr/local/bin/",  # a console block
        "sudo ./run-tests 2>&1 | tee loader.log",  # YAML
        "bpfdoctor check --no-load --output-format concise",  # a hook
        "bpftool map dump pinned PATH",  # a page
        "clang -target bpf -O2 -g -mcpu=v3 -c prog.bpf.c",  # a fix
        "bpfdoctor kernels remove 6.16",  # a way out
        "zcat X | bpfdoctor log",  # one that is filled in
        "sudo veristat -v -l2 prog.o | bpfdoctor",  # the command that would tell
        "bpfdoctor kernels run all pkt.bpf.o --level 2 | less",  # a help text
    ):
        assert place in lines
    assert len(lines) > 200


@pytest.mark.parametrize("each", PRINTED, ids=named)
def test_bash_can_read_it(each: Printed) -> None:
    done = subprocess.run(["bash", "-n"], input=each.line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), each.where


def test_every_program_is_one_we_know() -> None:
    strangers = {f"{first} ({each.where})" for each, first, _ in SIMPLE if first not in PROGRAMS}
    assert not strangers, "say in tests/cli/printed.py which package has them"


@pytest.mark.parametrize(("each", "arguments"), of("bpfdoctor"), ids=named)
def test_our_own_command_line_takes_it(each: Printed, arguments: list[str]) -> None:
    group: Any = typer.main.get_command(app)  # a group of typer's own copy of click
    if not arguments or arguments[0] in ("…", "X"):  # whatever was asked before
        return
    command = group.get_command(None, arguments[0])
    assert command, f"{each.where}: there is no bpfdoctor {arguments[0]}; there are {', '.join(COMMANDS)}"
    rest = ["X" if word == "…" else word for word in arguments[1:]]
    if hasattr(command, "commands") and rest:
        command = command.commands[rest.pop(0)]
    try:
        command.make_context("bpfdoctor", list(rest))  # raises what the user would see
    except typer.BadParameter as error:
        if type(error).__name__ != "MissingParameter":  # typer does not export it
            raise
        command.make_context("bpfdoctor", [*rest, "X"])  # named only, or a hook, which adds the files


@pytest.mark.parametrize(("each", "arguments"), of("bpfdoctor"), ids=named)
def test_rules_it_names_exist(each: Printed, arguments: list[str]) -> None:
    names = {key for rule in catalogue.load().rules for key in (rule.name, rule.id)}
    for option in ("explain", "--select", "--ignore"):
        if option in arguments[:-1]:
            value = arguments[arguments.index(option) + 1]
            assert value in names or " " in value or value.isupper() or value in ("…", "X"), each.where


@pytest.mark.parametrize(("each", "arguments"), of("make"), ids=named)
def test_the_target_of_make_exists(each: Printed, arguments: list[str]) -> None:
    done = subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{each.where}: {done.stderr}"


@pytest.mark.parametrize(("each", "arguments"), of("python") + of("python3"), ids=named)
def test_the_script_exists_and_has_the_options(each: Printed, arguments: list[str]) -> None:
    if arguments[:2] == ["-m", "venv"]:
        return
    script = arguments[:2] if arguments[0] == "-m" else arguments[:1]
    done = subprocess.run(
        [ROOT / ".venv/bin/python", *script, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{each.where}: {done.stderr}"
    assert {word for word in arguments if word.startswith("--")} <= set(re.findall(r"--[\w-]+", done.stdout))


@cache
def bpftool_words(*of: str) -> set[str]:
    """What `bpftool [OBJECT] help` lists."""
    tool = shutil.which("bpftool", path="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")
    assert tool, "bpftool is not installed: make setup"
    done = subprocess.run([tool, *of, "help"], capture_output=True, text=True, check=False)
    return set(re.findall(r"[\w-]+", done.stdout + done.stderr))


@pytest.mark.parametrize(("each", "arguments"), of("bpftool"), ids=named)
def test_bpftool_has_the_command(each: Printed, arguments: list[str]) -> None:
    rest = [word for word in arguments if not word.startswith("-") and word != "…"]
    if not rest or rest == ["version"]:
        return
    assert rest[0] in bpftool_words(), each.where
    if len(rest) > 1 and rest[1] != "help":
        assert rest[1] in bpftool_words(rest[0]), each.where
    signed = "-S" in arguments or "-k" in arguments  # newer than most distributions' bpftool
    options = {word for word in arguments if word.startswith("-")} - {"-d", "-p"}
    assert not options or signed, f"{each.where}: nothing checks {options}"


@pytest.mark.parametrize(("each", "arguments"), of("clang"), ids=named)
def test_clang_takes_the_options(each: Printed, arguments: list[str], tmp_path: Path) -> None:
    tools = sorted(Path("/usr/bin").glob("clang*"))
    tool = next(path for path in tools if re.fullmatch(r"clang(-\d+)?", path.name))
    given = [word for word in arguments if word != "…" and "$" not in word]
    if not any(word.startswith("-") for word in given) or given == ["--version"]:
        return
    (tmp_path / "prog.bpf.c").write_text("int x;\n")
    if "prog.bpf.c" not in given:
        given.append("prog.bpf.c")
    done = subprocess.run([tool, "-###", *given], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "error:" not in done.stderr, f"{each.where}: {done.stderr}"


def test_packages_exist_where_this_system_can_tell() -> None:
    wanted = set(filter(None, PROGRAMS.values()))
    for _, arguments in of("apt-get"):
        rest = [word for word in arguments if not word.startswith("-") and word != "X" and "$" not in word]
        if rest and rest[0] == "install":
            wanted |= set(rest[1:])
    assert {"clang", "libbpf-dev", "qemu-system-x86", "bpftool"} <= wanted
    done = subprocess.run(["apt-cache", "show", *sorted(wanted)], capture_output=True, text=True, check=False)
    unknown = re.findall(r"No packages found|Unable to locate package (\S+)", done.stderr)
    assert not unknown


def test_what_only_reads_is_run() -> None:
    """Commands without placeholders that need no file, no root and no network."""
    placeholders = {"RULE", "X", "the message"}
    run = {}
    for each, arguments in of("bpfdoctor"):
        only_reads = arguments[:1] == ["rules"] or (arguments[:1] == ["explain"] and len(arguments) > 1)
        if only_reads and placeholders.isdisjoint(arguments):
            run[" ".join(arguments)] = (each.where, bpfdoctor(*arguments).status)
    assert {"explain packet-bounds", "rules"} <= run.keys()
    assert {command: where for command, (where, status) in run.items() if status} == {}


def test_commands_of_answers_can_be_typed() -> None:
    """With what real logs fill in."""
    answers = bpfdoctor("log", *a_log_of_each_rule()).out
    found = [*printed.spans("an answer", answers)]
    assert len({each.line for each in found}) > 100
    for each in found:
        test_bash_can_read_it(each)
        for program, *arguments in words(each.line):
            assert name(program) in PROGRAMS
            if name(program) == "bpfdoctor":
                test_our_own_command_line_takes_it(each, arguments)
                test_rules_it_names_exist(each, arguments)


@pytest.mark.parametrize("file", ["my log.gz", "-oowned.gz", "a'b;reboot.gz", "$(reboot).gz"])
def test_a_files_name_is_one_word_of_the_command(file: str, tmp_path: Path) -> None:
    (tmp_path / file).write_bytes(b"\x1f\x8b" + b"x" * 20)
    done = bpfdoctor("log", f"./{file}" if file.startswith("-") else file, cwd=tmp_path)
    (line,) = [line for line in done.err.splitlines() if "zcat" in line]
    told = shlex.split(line[line.index("zcat") :])
    assert told == ["zcat", f"./{file}" if file.startswith("-") else file, "|", "bpfdoctor", "log"]
