"""A rule's page, with the programs of the corpus in place of their {{ program("…") }}."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.schema import Usual

PROGRAM = re.compile(r"\{\{\s*program\(\"([^\"]+)\"\)\s*\}\}")
_EXPECT = re.compile(r"/\* expect: [^*]*\*/")
_CAUSE = re.compile(r"[ \t]*/\* cause: [^*]*\*/")


def page(file: Path, usual: Sequence[Usual] = ()) -> str:
    """The body of a rule's file, its usual causes before the programs. Raises RuleError, OSError."""
    _, body = split(file.read_text(encoding="utf-8"), file.name)
    if usual:
        before, fails, behind = body.partition("## Fails")
        body = f"{before}{_usual(usual)}{fails}{behind}"
    return PROGRAM.sub(lambda found: shown(program_file(found.group(1))), body)


def _usual(usual: Sequence[Usual]) -> str:
    """The list that a log without its cause gets; the same cause for two reasons stands in it once."""
    causes = {each.cause: each.because for each in usual}
    lines = (f"{number}. {cause} {because}" for number, (cause, because) in enumerate(causes.items(), 1))
    return "## Usual causes, most likely first\n" + "\n".join(lines) + "\n\n"


def program_file(path: str) -> Path:
    """Where the corpus keeps RULE/CASE/prog.bpf.c."""
    return resources.folder("corpus") / "cases" / path


def programs(body: str) -> list[str]:
    """The programs a page shows, as they are named in it."""
    return PROGRAM.findall(body)


def shown(file: Path) -> str:
    """The program as a reader wants it: the marks of our tests in words, or gone."""
    text = _CAUSE.sub("", file.read_text(encoding="utf-8"))
    text = _EXPECT.sub("/* refused here */", text)
    language = "python" if file.suffix == ".py" else "c"
    return f"```{language}\n{text.strip()}\n```"
