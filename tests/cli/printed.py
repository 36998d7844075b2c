"""Collects the shell commands that documents, rule pages and the program's own texts tell people to type.

A command is a line after `$ ` in a console block, a step of a YAML block, a text in backticks that begins
with the name of a program, an example line of a fix that does, or a text of the code that ends with one.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bpfdoctor.catalogue.head import split
from tests.cli.command import ROOT

# The programs that commands begin with, and the Debian package that has each; "" is what every system has,
# what is the reader's own, or what no package has.
PROGRAMS = {
    **dict.fromkeys(("bpfdoctor", "make", "python", "YOUR-LOADER", "./loader", "./run-tests", "set"), ""),
    **dict.fromkeys(("sudo", "apt-get", "cat", "chmod", "echo", "grep", "ls", "tail", "uname", "shopt"), ""),
    **dict.fromkeys(("ulimit", "ln", "sed", "zcat", "tee", "rm", "mount", "less", "["), ""),
    **dict.fromkeys(("llvm-objdump", "llvm-readelf", "llvm-strip", "llvm-objcopy"), "llvm"),
    "clang": "clang",
    **dict.fromkeys(("cmake", "ctest"), "cmake"),
    **dict.fromkeys(("readelf", "nm", "strip"), "binutils"),
    **dict.fromkeys(("ip", "tc"), "iproute2"),
    "bpftool": "bpftool",
    "bpftrace": "bpftrace",
    "bzcat": "bzip2",
    "dmesg": "util-linux",
    "file": "file",
    "git": "git",
    "jq": "jq",
    "man": "man-db",
    "meson": "meson",
    "pahole": "pahole",
    "pdftotext": "poppler-utils",
    "pip": "python3-pip",
    "pipx": "pipx",
    "python3": "python3",
    "reviewdog": "",  # GitHub
    "setcap": "libcap2-bin",
    "sysctl": "procps",
    "unzip": "unzip",
    "usermod": "passwd",
    "uv": "",  # PyPI
    "veristat": "",  # the kernel's own tools
    "xzcat": "xz-utils",
    "zstdcat": "zstd",
}
_NAMES = "|".join(map(re.escape, PROGRAMS))
_SPAN = re.compile(rf"(?<!`)`((?:sudo )?(?:{_NAMES})(?:\s[^`]+)?)`(?!`)")
_AFTER_COLON = re.compile(rf": ((?:sudo )?(?:{_NAMES}) \S.*)$")
_LINE = re.compile(rf"\s*((?:sudo )?(?:{_NAMES}) (?!=)\S.*?)(?:  +\S.*)?$")
_OURS = re.compile(r"(?:sudo )?(?:bpfdoctor|make|apt-get) |.*\| bpfdoctor")
_WORDS_OF_OTHERS = re.compile(
    r"bpfdoctor/log/(?!repair/)|bpfdoctor/log/repair/(?:prefixes|odd_forms|one_line)"
)
_STEPS = {"run", "script", "entry"}


@dataclass(frozen=True)
class Printed:
    """A command and where it is printed. What is filled in at run time is X."""

    where: str
    line: str


def everything() -> list[Printed]:
    """Each command once, with the first place that has it."""
    found = [*documents(), *configurations(), *pages(), *code()]
    return list({each.line: each for each in reversed(found)}.values())[::-1]


def documents() -> Iterator[Printed]:
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        *ROOT.glob("docs/*.md"),
    ):
        if path.name != "messages.md":  # the kernels' words
            yield from _markdown(path.name, path.read_text(encoding="utf-8"))


def configurations() -> Iterator[Printed]:
    # The scripts of action.yml and gitlab-ci.yml are run: tests/cli/test_action.py, test_snippets.py
    name = ".pre-commit-hooks.yaml"
    yield from _steps(name, yaml.safe_load((ROOT / name).read_text(encoding="utf-8")))


def pages() -> Iterator[Printed]:
    for path in sorted((*ROOT.glob("rules/*/*.md"), *ROOT.glob("topics/*.md"))):
        head, body = split(path.read_text(encoding="utf-8"), path.name)
        yield from _markdown(path.name, body)
        yield from _head(path.name, tomllib.loads(head))


def code() -> Iterator[Printed]:
    for path in sorted(ROOT.glob("bpfdoctor/**/*.py")):
        where = str(path.relative_to(ROOT))
        if _WORDS_OF_OTHERS.match(where):  # what logs say
            continue
        for text in texts(ast.parse(path.read_text(encoding="utf-8"))):
            for span in _SPAN.findall(text):
                yield Printed(where, " ".join(span.split()))
            if match := _AFTER_COLON.search(text) or (_OURS.match(text) and _LINE.match(text)):
                yield Printed(where, match[1].rstrip("."))
            for line in text.splitlines()[1:]:  # of a command's help
                if line.startswith("  ") and (match := _LINE.match(line)):
                    yield Printed(where, match[1])


def _markdown(where: str, text: str) -> Iterator[Printed]:
    outside: list[str] = []
    fence, inside = "", list[str]()
    for line in text.splitlines():
        if line.strip().startswith("```"):
            if fence:
                yield from _fenced(where, fence, inside)
            fence, inside = ("", []) if fence else (line.strip()[3:] or "text", [])
        else:
            (inside if fence else outside).append(line)
    for span in _SPAN.findall("\n".join(outside)):
        yield Printed(where, " ".join(span.split()))


def spans(where: str, text: str) -> Iterator[Printed]:
    """The commands in backticks, and the lines that are one."""
    for span in _SPAN.findall(text):
        yield Printed(where, " ".join(span.split()))
    for line in text.splitlines():
        if _OURS.match(line.strip()) and (match := _LINE.match(line)):
            yield Printed(where, match[1])


def _fenced(where: str, language: str, lines: list[str]) -> Iterator[Printed]:
    if language == "console":
        yield from (Printed(where, line.strip()[2:]) for line in lines if line.strip().startswith("$ "))
    elif language == "yaml":
        yield from _steps(where, yaml.safe_load(textwrap.dedent("\n".join(lines))))


def _steps(where: str, value: Any) -> Iterator[Printed]:
    """The `run:` and `script:` of CI files, and the `entry:` of hooks."""
    if isinstance(value, list):
        for each in value:
            yield from _steps(where, each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in _STEPS:
                yield from (Printed(where, step) for step in ([each] if isinstance(each, str) else each))
            else:
                yield from _steps(where, each)


def _head(where: str, value: Any, key: str = "") -> Iterator[Printed]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in ("match", "examples"):  # the words of others
                yield from _head(where, each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _head(where, each, key)
    elif isinstance(value, str):
        text = re.sub(r"\{%.*?%\}", "", re.sub(r"\{\{.*?\}\}", "X", value))
        yield from (Printed(where, " ".join(span.split())) for span in _SPAN.findall(text))
        if key == "example":
            for line in text.splitlines():
                if line[:1] in ("+", "-", " ") and (match := _LINE.match(line[1:])):
                    yield Printed(where, match[1])


def texts(tree: ast.AST) -> Iterator[str]:
    """What the code can print: its texts, those of commands (their help) too, but no other docstrings."""
    silent = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and not (isinstance(node, ast.FunctionDef) and node.decorator_list)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield re.sub(r"\{\w+\}", "X", node.value)
