"""A rule's page, with the programs of the corpus in place of their {{ program("…") }}."""

from __future__ import annotations

import re
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.catalogue.schema import split

PROGRAM = re.compile(r"\{\{\s*program\(\"([^\"]+)\"\)\s*\}\}")
_EXPECT = re.compile(r"/\* expect: [^*]*\*/")
_CAUSE = re.compile(r"[ \t]*/\* cause: [^*]*\*/")


def page(file: Path) -> str:
    """The body of a rule's file. Raises RuleError, OSError."""
    _, body = split(file.read_text(encoding="utf-8"), file.name)
    return PROGRAM.sub(lambda found: _fenced(program_file(found.group(1))), body)


def program_file(path: str) -> Path:
    """Where the corpus keeps RULE/CASE/prog.bpf.c."""
    return resources.folder("corpus") / "cases" / path


def programs(body: str) -> list[str]:
    """The programs a page shows, as they are named in it."""
    return PROGRAM.findall(body)


def _fenced(file: Path) -> str:
    """The program as a reader wants it: the marks of our tests in words, or gone."""
    text = _CAUSE.sub("", file.read_text(encoding="utf-8"))
    text = _EXPECT.sub("/* refused here */", text)
    language = "python" if file.suffix == ".py" else "c"
    return f"```{language}\n{text.strip()}\n```"
