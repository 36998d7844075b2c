"""`check -`: a program on standard input, under the name of the file that it stands for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import bpfdoctor
from tests.cli.test_mending import COUNT, HEAD, MENDED
from tests.compilers import CLANG, HEADERS

root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")
CHECK = ("check", "-", "--no-load", "--output-format", "concise")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program as it was saved, and a header of its own."""
    (tmp_path / "bpf").mkdir()
    (tmp_path / "bpf/own.h").write_text("static inline int own(void) { return undeclared; }\n")
    (tmp_path / "bpf/prog.bpf.c").write_text(HEAD + MENDED)
    return tmp_path


def test_it_is_found_where_the_file_is_that_it_stands_for(project: Path) -> None:
    text = '#include "own.h"\n' + HEAD + COUNT.replace("return XDP_PASS", "return own() + missing")
    for name in ("bpf/prog.bpf.c", "bpf/new.bpf.c"):  # that is there with other text; that is not there
        done = bpfdoctor(*CHECK, "--stdin-name", name, stdin=text, cwd=project)
        assert done.status == 1
        places = [line.partition(": ")[0] for line in done.out.splitlines()]
        assert "bpf/own.h:1:38" in places, done.out
        assert f"{name}:{text[: text.index('missing')].count(chr(10)) + 1}:18" in places, done.out
    assert sorted(os.listdir(project / "bpf")) == ["own.h", "prog.bpf.c"]
    assert (project / "bpf/prog.bpf.c").read_text() == HEAD + MENDED


def test_without_a_name_it_has_one_of_its_kind(project: Path) -> None:
    done = bpfdoctor(*CHECK, stdin=HEAD + COUNT.replace("key;", "key"), cwd=project)
    assert done.status == 1 and done.out.startswith("stdin.c:")
    done = bpfdoctor(*CHECK, stdin="from bcc import BPF\n", cwd=project)
    assert done.status == 2 and "stdin.py is a Python file without a BPF(text=" in done.err


def test_an_object(project: Path) -> None:
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}"]
    command = [CLANG, *flags, "-c", "bpf/prog.bpf.c", "-o", "-"]
    elf = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=project).stdout
    done = bpfdoctor("check", "-", "--no-load", stdin=elf, cwd=project)
    assert done.status == 0 and "stdin.o: " in done.out, done


@root
def test_what_is_tried_is_what_came(project: Path) -> None:
    """Compilers, kernel and patches see the text that came, not what is on the disk."""
    text = HEAD + MENDED.replace("\tif (!n)\n\t\treturn XDP_PASS;\n", "")
    done = bpfdoctor("check", "-", "--stdin-name", "bpf/prog.bpf.c", stdin=text, cwd=project)
    assert done.status == 1 and "bpf/prog.bpf.c:" in done.out and "fix, loaded on" in done.out
    done = bpfdoctor("check", "-", "--diff", "--stdin-name", "bpf/new.bpf.c", stdin=text, cwd=project)
    assert done.status == 1 and done.out.startswith("--- a/bpf/new.bpf.c\n+++ b/bpf/new.bpf.c\n")
    (project / "bpf/new.bpf.c").write_text(text)
    subprocess.run(["git", "apply", "-"], input=done.out, text=True, check=True, cwd=project)
    assert (project / "bpf/new.bpf.c").read_text() == HEAD + MENDED


@pytest.mark.parametrize(
    ("stdin", "arguments", "said"),
    [
        ("", (), "Nothing came from standard input"),
        ("0: (95) exit\nR0 !read_ok\nprocessed 1 insns\n", (), "Standard input is a log, not a program"),
        ("hello\n", (), "stdin.c has no BPF program"),
        (b"\0\1\2\3", (), "stdin.c is a binary file"),
        (HEAD, ("--fix",), "--diff shows the patch"),
    ],
)
def test_what_is_no_program_is_said(stdin: str | bytes, arguments: tuple[str, ...], said: str) -> None:
    done = bpfdoctor("check", "-", *arguments, stdin=stdin)
    assert done.status == 2 and said in done.err and not done.out, done


def test_a_name_for_nothing_is_a_mistake() -> None:
    done = bpfdoctor("check", "--stdin-name", "a.bpf.c", "b.bpf.c")
    assert done.status == 2 and "put - among the paths" in done.err
