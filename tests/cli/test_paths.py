"""Whoever sends a pull request chooses the names of its files: a name is never an option."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bpfdoctor.render import FORMATS
from tests.cli.command import ROOT, bpfdoctor, environment

PROGRAM = (
    '#include <linux/bpf.h>\n__attribute__((section("xdp"), used)) int f(struct xdp_md *c) { return 2; }\n'
)
EVIL = '#!/bin/sh\necho ran >> {proof}\nexec clang "$@"\n'

#: names that would be an option of ours, of clang, of a linker, or a response file
NAMES = [
    "-ovictim.bpf.c", "-o.bpf.c", "--clang=.bpf.c", "--cflags=-fplugin=evil.bpf.c", "--no-load.bpf.c",
    "-I.bpf.c", "-.bpf.c", "--.bpf.c", "@rsp.bpf.c", "-Wl,x.bpf.c", "--help.bpf.c", "a b.bpf.c",
    "$(touch ran).bpf.c", "`touch ran`.bpf.c", ";touch ran;.bpf.c", "a\nb.bpf.c", "\x1b[31mred.bpf.c",
    "*.bpf.c", "'.bpf.c", '".bpf.c', "\\.bpf.c", "a\udcffb.bpf.c", "\u202ec.bpf.c",
]  # fmt: skip


def the_actions_script(name: str) -> str:
    """The shell text of one step of action.yml."""
    text = (ROOT / "action.yml").read_text()
    step = text[text.index(f"- name: {name}\n") :]
    return textwrap.dedent(step[step.index("run: |\n") + len("run: |\n") :])


def run_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The last step of the action in `folder`, as a runner runs it; nobody becomes root for it."""
    runner = folder.parent / "runner"
    for path, text in (
        (runner / "bin/sudo", '#!/bin/sh\nexec "$@"\n'),
        (runner / "bpfdoctor/bin/bpfdoctor", f'#!/bin/sh\nexec {sys.executable} -m bpfdoctor "$@"\n'),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    names = {"PATHS": "", "ARGS": "--no-load", "FORMAT": "concise", "OUTPUT": ""} | inputs
    programs = f"{runner / 'bin'}:{os.environ['PATH']}"
    extra = {"RUNNER_TEMP": str(runner), "PATH": programs, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", the_actions_script("Check")],
        cwd=folder, env=environment(names | extra), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a program under every odd name, and one under a plain one."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in (*NAMES, "plain.bpf.c"):
        (folder / name).write_text(PROGRAM)
    return folder


def untouched(folder: Path) -> bool:
    """Whether no name was obeyed: every program is as it was, and nothing else came."""
    return sorted(os.listdir(folder)) == sorted((*NAMES, "plain.bpf.c")) and all(
        path.read_text() == PROGRAM for path in folder.iterdir()
    )


def test_the_action_checks_files_whatever_they_are_called(checkout: Path) -> None:
    done = run_action(checkout, PATHS="*.bpf.c", FORMAT="json")
    assert done.returncode == 0, done.stderr
    assert {report["source"] for report in json.loads(done.stdout)["reports"]} == {*NAMES, "plain.bpf.c"}
    assert untouched(checkout)


def test_a_folder_called_like_an_option_runs_nothing(tmp_path: Path) -> None:
    """What ran a stranger's program as root: paths: '**/*.bpf.c', and a folder called --clang=."""
    folder = tmp_path / "checkout"
    for name in ("--clang=.", "--cflags=-fplugin=.", "plain"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.bpf.c").write_text(PROGRAM)
        (folder / name / "a.bpf.c").chmod(0o755)
    evil = folder / "--clang=." / "x.bpf.c"
    evil.write_text(EVIL.format(proof=tmp_path / "ran"))
    evil.chmod(0o755)
    done = run_action(folder, PATHS="**/*.bpf.c */", FORMAT="json")
    assert not (tmp_path / "ran").exists()
    assert done.returncode == 2  # x.bpf.c is no program, and in the folders is none
    checked = {report["source"] for report in json.loads(done.stdout)["reports"]}
    assert checked == {"--clang=./a.bpf.c", "--cflags=-fplugin=./a.bpf.c", "plain/a.bpf.c"}


def test_the_actions_inputs_are_words_and_no_shell(checkout: Path) -> None:
    hostile = "$(touch ran) `touch ran` ; touch ran && touch ran | touch ran > ran"
    for name in ("PATHS", "ARGS", "FORMAT"):
        done = run_action(checkout, **({"PATHS": "plain.bpf.c"} | {name: hostile}))
        assert done.returncode == 2, (name, done.stdout)
    assert run_action(checkout, PATHS="plain.bpf.c", OUTPUT=hostile).returncode == 0
    (checkout / hostile).unlink()  # that is the file's name
    assert untouched(checkout)


def test_the_actions_args_keep_their_quotes_and_are_not_expanded(checkout: Path) -> None:
    (checkout / "plain.bpf.c").write_text(PROGRAM.replace("return 2", "return ONE * TWO"))
    done = run_action(checkout, PATHS="plain.bpf.c", ARGS="--no-load --cflags '-DONE=1 -DTWO=2'")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run_action(checkout, PATHS="plain.bpf.c", ARGS="--no-load -D *")
    assert "'*'" not in done.stderr and done.returncode == 1  # a macro called *, which clang refuses
    assert run_action(checkout, PATHS="plain.bpf.c", ARGS="--no-load '").returncode != 0


def test_a_pattern_that_matches_nothing_is_no_green_light(checkout: Path) -> None:
    assert run_action(checkout, PATHS="src/*.bpf.c").returncode == 2


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("-")])
def test_a_word_that_is_an_option_and_a_file_is_asked_about(checkout: Path, name: str) -> None:
    """Where no -- came first, as from `bpfdoctor check *.bpf.c` in a stranger's checkout."""
    done = bpfdoctor("check", "--no-load", name, "plain.bpf.c", cwd=checkout)
    assert done.status == 2
    assert "is an option, but also the name of a file" in done.err
    assert untouched(checkout)
    assert bpfdoctor("check", "--no-load", "--", name, cwd=checkout).status == 0
    assert bpfdoctor("check", "--no-load", f"./{name}", cwd=checkout).status == 0


def test_a_pattern_in_quotes_is_expanded_and_one_without_a_match_is_told(tmp_path: Path) -> None:
    (tmp_path / "a b/c").mkdir(parents=True)
    for name in ("a b/c/one.bpf.c", "a b/two.bpf.c", "[x].bpf.c", "--clang=.bpf.c"):
        (tmp_path / name).write_text(PROGRAM)
    told = ("check", "--no-load", "--output-format", "json", "--")
    done = bpfdoctor(*told, "a b/**/*.bpf.c", "[x].bpf.c", "*.bpf.c", cwd=tmp_path)
    assert done.status == 0, done.err
    sources = [report["source"] for report in json.loads(done.out)["reports"]]
    assert sources == ["a b/c/one.bpf.c", "a b/two.bpf.c", "[x].bpf.c", "--clang=.bpf.c"]
    for command in ("check", "preflight"):
        done = bpfdoctor(command, "a b/c/one.bpf.c", "src/*.bpf.c", cwd=tmp_path)
        assert done.status == 2 and "No file matches src/*.bpf.c." in done.err
        assert f"looked for from {tmp_path}" in done.err


def test_options_stay_options() -> None:
    assert bpfdoctor("log", "--exit-zero", stdin="R3 !read_ok\n").status == 0
    assert bpfdoctor("log", "-", stdin="R3 !read_ok\n").status == 1


@pytest.mark.parametrize("document", ["README.md", "docs/ci.md", ".pre-commit-hooks.yaml", "action.yml"])
def test_every_command_for_a_pull_request_separates_its_paths(document: str) -> None:
    text = (ROOT / document).read_text()
    commands = [
        line for line in text.splitlines() if re.search(r"bpfdoctor\"? (?:check|log) .*--output-format", line)
    ]
    assert commands, document
    hooks = document.endswith("hooks.yaml")
    assert all(" -- " in line for line in commands) or (hooks and text.count('args: ["--"]') == len(commands))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_every_name(tmp_path: Path, form: str) -> None:
    for name in NAMES:
        (tmp_path / name).write_text("R3 !read_ok\n")
    done = bpfdoctor("log", "--output-format", form, "--", *NAMES, cwd=tmp_path)
    assert done.status == 1, done.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.out)


@pytest.mark.parametrize("name", ["a\udcffb.bpf.c", "a\udcffb.c", "\u202e.bpf.c"])
def test_a_name_that_is_no_text_is_loaded_and_explained(tmp_path: Path, name: str) -> None:
    (folder := tmp_path / "f\udcff").mkdir()
    bcc = "int kprobe__do_nanosleep(void *ctx) { return *(int *)0; }\n"
    (folder / name).write_text(PROGRAM.replace("return 2", "return *(int *)0") if "bpf" in name else bcc)
    done = bpfdoctor("check", *([] if os.geteuid() == 0 else ["--no-load"]), "--", folder / name)
    assert done.status == (1 if os.geteuid() == 0 else 0), done.out + done.err
