"""A rule's page, with the programs of the corpus in place of their {{ program("…") }}."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.schema import Usual

PROGRAM = re.compile(r"\{\{\s*program\(\"([^\"]+)\"\)\s*\}\}")
_NONE = re.compile(r"\{\{\s*no_program\(\"([^\"]+)\"\)\s*\}\}")
SESSION = re.compile(r"\{\{\s*session\(\"([^\"]+)\"\)\s*\}\}")
SAID = "said.txt"
_EXPECT = re.compile(r"/\* expect: [^*]*\*/")
_CAUSE = re.compile(r"[ \t]*/\* cause: [^*]*\*/")


def page(file: Path, usual: Sequence[Usual] = ()) -> str:
    """The body of a rule's file, its usual causes before the programs. Raises RuleError, OSError."""
    _, body = split(file.read_text(encoding="utf-8"), file.name)
    if usual:
        before, fails, behind = body.partition("## Fails")
        body = f"{before}{_usual(usual)}{fails}{behind}"
    body = _NONE.sub(lambda found: f"No program here: it needs {found.group(1)}.", body)
    body = SESSION.sub(lambda found: _session(sessions_folder() / found.group(1)), body)
    return PROGRAM.sub(lambda found: shown(program_file(found.group(1))), body)


def _usual(usual: Sequence[Usual]) -> str:
    """The list that a log without its cause gets; the same cause for two reasons stands in it once."""
    causes = {each.cause: each.because for each in usual}
    lines = (f"{number}. {cause} {because}" for number, (cause, because) in enumerate(causes.items(), 1))
    return "## Usual causes, most likely first\n" + "\n".join(lines) + "\n\n"


def program_file(path: str) -> Path:
    """Where the corpus keeps RULE/CASE/prog.bpf.c."""
    return resources.folder("corpus") / "cases" / path


def sessions_folder() -> Path:
    """Where the corpus keeps RULE/CASE: a program, the commands that use it, and what they say."""
    return resources.folder("corpus") / "loaders"


def sessions(body: str) -> list[str]:
    """The sessions that a page shows, RULE/CASE."""
    return SESSION.findall(body)


def _session(case: Path) -> str:
    commands = (case / "commands.sh").read_text(encoding="utf-8").splitlines()
    typed = "".join(f"$ {line}\n" for line in commands)
    said = (case / SAID).read_text(encoding="utf-8")
    return f"{shown(case / 'prog.bpf.c')}\n\n```console\n{typed}{said}```"


def programs(body: str) -> list[str]:
    """The programs a page shows, as they are named in it."""
    return PROGRAM.findall(body)


def wanting(body: str) -> str | None:
    """What a program for the page would need that the corpus cannot have; None: the page says nothing."""
    found = _NONE.search(body)
    return found.group(1) if found else None


def shown(file: Path) -> str:
    """The program as a reader wants it: the marks of our tests in words, or gone."""
    text = _CAUSE.sub("", file.read_text(encoding="utf-8"))
    text = _EXPECT.sub("/* refused here */", text)
    language = "python" if file.suffix == ".py" else "c"
    return f"```{language}\n{text.strip()}\n```"
