"""What we tell people to type: bash reads it, our own command line takes it, the tools in it exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from bpfdoctor import catalogue
from bpfdoctor.catalogue import topics
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


def ours() -> list[tuple[Printed, list[str]]]:
    """Those of bpfdoctor with a subcommand: `…` stands for what was asked before."""
    return [(each, rest) for each, rest in of("bpfdoctor") if rest and rest[0] not in ("…", "X")]


def rules_in(arguments: list[str]) -> list[str]:
    """The rules that a command line of ours names; what stands for one, or a message, is none."""
    values = [
        value
        for option, value in pairwise(arguments)
        if option in ("explain", "--select", "--ignore") and value not in ("…", "X")
    ]
    return [value for value in values if " " not in value and not value.isupper()]


def scripts_of_ours() -> list[tuple[Printed, list[str]]]:
    return [each for each in of("python") + of("python3") if each[1][:2] != ["-m", "venv"]]


def questions_to_bpftool() -> list[tuple[Printed, list[str], list[str]]]:
    """With an object, and maybe a command: (command, arguments, the object and the command)."""
    found = []
    for each, arguments in of("bpftool"):
        rest = [word for word in arguments if not word.startswith("-") and word != "…"]
        if rest and rest != ["version"]:
            found.append((each, arguments, rest[:2]))
    return found


def compilations() -> list[tuple[Printed, list[str]]]:
    """The options that we tell people to give to clang, without what they fill in."""
    found = [(each, [w for w in given if w != "…" and "$" not in w]) for each, given in of("clang")]
    return [
        (each, given)
        for each, given in found
        if given != ["--version"] and any(word.startswith("-") for word in given)
    ]


def named(value: object) -> str:
    return value.line if isinstance(value, Printed) else " ".join(value) if isinstance(value, list) else ""


def test_the_places_that_print_commands_are_all_read() -> None:
    lines = {each.line for each in printed.everything()}
    for place in (
        "sudo ln -sf /opt/bpfdoctor/bin/bpfdoctor /usr/local/bin/",  # a console block
        ".bpfdoctor/bin/bpfdoctor run --output-format github -- sudo ./run-tests",  # YAML
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


@pytest.mark.parametrize(("each", "arguments"), ours(), ids=named)
def test_our_own_command_line_takes_it(each: Printed, arguments: list[str]) -> None:
    group: Any = typer.main.get_command(app)  # a group of typer's own copy of click
    if arguments[0].startswith("-"):  # of no command: --install-completion
        assert arguments[0] in {name for option in group.params for name in option.opts}
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


@pytest.mark.parametrize("name", sorted({rule for _, rest in of("bpfdoctor") for rule in rules_in(rest)}))
def test_the_rule_it_names_exists(name: str) -> None:
    known = {key for rule in catalogue.load().rules for key in (rule.name, rule.id)}
    assert name in known | {topic.name for topic in topics.load()}


@pytest.mark.parametrize(("each", "arguments"), of("make"), ids=named)
def test_the_target_of_make_exists(each: Printed, arguments: list[str]) -> None:
    done = subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{each.where}: {done.stderr}"


@pytest.mark.parametrize(("each", "arguments"), scripts_of_ours(), ids=named)
def test_the_script_exists_and_has_the_options(each: Printed, arguments: list[str]) -> None:
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


@pytest.mark.parametrize(("each", "arguments", "asked"), questions_to_bpftool(), ids=named)
def test_bpftool_has_the_command(each: Printed, arguments: list[str], asked: list[str]) -> None:
    for at, word in enumerate(asked):
        assert word == "help" or word in bpftool_words(*asked[:at]), each.where
    known = {"-d", "-p", "-S", "-k", "-i"}  # the last three are newer than most distributions' bpftool
    unknown = {word for word in arguments if word.startswith("-")} - known
    assert not unknown, f"{each.where}: nothing checks {unknown}"


@pytest.mark.parametrize(("each", "given"), compilations(), ids=named)
def test_clang_takes_the_options(each: Printed, given: list[str], tmp_path: Path) -> None:
    tools = sorted(Path("/usr/bin").glob("clang*"))
    tool = next(path for path in tools if re.fullmatch(r"clang(-\d+)?", path.name))
    (tmp_path / "prog.bpf.c").write_text("int x;\n")
    sources = [] if "prog.bpf.c" in given else ["prog.bpf.c"]
    done = subprocess.run(
        [tool, "-###", *given, *sources], cwd=tmp_path, capture_output=True, text=True, check=False
    )
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
    commands = [(each, command) for each in found for command in words(each.line)]
    assert {name(program) for _, (program, *_) in commands} <= PROGRAMS.keys()
    own = [(each, rest) for each, (program, *rest) in commands if name(program) == "bpfdoctor"]
    assert len(own) > 50
    for each, arguments in own:
        test_our_own_command_line_takes_it(each, arguments)
        for rule in rules_in(arguments):
            test_the_rule_it_names_exists(rule)


@pytest.mark.parametrize("file", ["my log.gz", "-oowned.gz", "a'b;reboot.gz", "$(reboot).gz"])
def test_a_files_name_is_one_word_of_the_command(file: str, tmp_path: Path) -> None:
    (tmp_path / file).write_bytes(b"\x1f\x8b" + b"x" * 20)
    done = bpfdoctor("log", f"./{file}" if file.startswith("-") else file, cwd=tmp_path)
    (line,) = [line for line in done.err.splitlines() if "zcat" in line]
    told = shlex.split(line[line.index("zcat") :])
    assert told == ["zcat", f"./{file}" if file.startswith("-") else file, "|", "bpfdoctor", "log"]
