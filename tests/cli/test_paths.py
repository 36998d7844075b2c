"""Whoever sends a pull request chooses the names of its files: a name is never an option."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from bpfdoctor.render import FORMATS
from tests.cli.command import ROOT, bpfdoctor

PROGRAM = (
    '#include <linux/bpf.h>\n__attribute__((section("xdp"), used)) int f(struct xdp_md *c) { return 2; }\n'
)

#: names that would be an option of ours, of clang, of a linker, or a response file
NAMES = [
    "-ovictim.bpf.c", "-o.bpf.c", "--clang=.bpf.c", "--cflags=-fplugin=evil.bpf.c", "--no-load.bpf.c",
    "-I.bpf.c", "-.bpf.c", "--.bpf.c", "@rsp.bpf.c", "-Wl,x.bpf.c", "--help.bpf.c", "a b.bpf.c",
    "$(touch ran).bpf.c", "`touch ran`.bpf.c", ";touch ran;.bpf.c", "a\nb.bpf.c", "\x1b[31mred.bpf.c",
    "*.bpf.c", "'.bpf.c", '".bpf.c', "\\.bpf.c", "a\udcffb.bpf.c", "\u202ec.bpf.c",
]  # fmt: skip


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


@pytest.mark.parametrize("document", ["README.md", "docs/ci.md", ".pre-commit-hooks.yaml"])
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
