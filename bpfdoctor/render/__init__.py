"""Draws reports: one module per output format, imported when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass
from bpfdoctor.render.escape import without_commands

# Format -> module. The names are ruff's where ruff has the format.
_MODULES = {
    "full": "text",
    "concise": "concise",
    "json": "as_json",
    "jsonl": "as_jsonl",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "rdjson": "rdjson",
    "junit": "junit",
    "html": "html",
    "markdown": "as_markdown",
}
FORMATS = tuple(_MODULES)

# How a format writes a colon at the beginning of a line, and a hash: what reads it sees the same text.
_JSON, _XML = (":", "\\u0023"), ("&#58;", "&#35;")  # no line of JSON begins with what came from the input
_WRITTEN = {
    **dict.fromkeys(("json", "jsonl", "sarif", "gitlab", "rdjson"), _JSON),
    **dict.fromkeys(("junit", "html"), _XML),
    "github": (":", r"\x23"),  # what begins its lines are its own commands
}


@dataclass(frozen=True, slots=True)
class Unexamined:
    """A file that bpfdoctor could not examine, and why."""

    source: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many findings are not among the reports: by --select and --ignore, and by --baseline."""

    by_options: int = 0
    by_baseline: int = 0


@dataclass(frozen=True, slots=True)
class Canvas:
    """What the output is drawn on. `width` counts terminal cells.

    `unicode` False restricts the drawing to ASCII. `base` is the folder that machine formats make paths
    relative to ("" leaves them as they are), `below` the folder of it that relative paths begin in.
    `site` is the address below which rules have their pages ("": nowhere).
    """

    width: int = 100
    color: bool = False
    unicode: bool = True
    base: str = ""
    below: str = ""
    site: str = ""
    failures: tuple[Unexamined, ...] = ()
    left_out: LeftOut = LeftOut()

    def path(self, file: str) -> str:
        """`file` relative to `base` when it lies in it, with forward slashes."""
        if not self.base and os.path.normpath(file) == file:  # most are, and pathlib's import has a price
            return file
        from pathlib import PurePath

        path = PurePath(file)
        if not path.is_absolute() and self.below and file != "-":
            path = PurePath(os.path.normpath(os.path.join(self.below, file)))
        if self.base and path.is_absolute() and path.is_relative_to(self.base):
            path = path.relative_to(self.base)
        return path.as_posix()


_NOTHING = LeftOut()


class _Format(Protocol):
    def render(self, reports: Sequence[Report], canvas: Canvas) -> str: ...


def module_of(format: str) -> str:
    """The module that writes a format."""
    return f"{__name__}.{_MODULES[format]}"


def render(
    reports: Sequence[Report],
    format: str,
    *,
    width: int = 100,
    color: bool = False,
    unicode: bool = True,
    base: str = "",
    below: str = "",
    site: str = "",
    failures: Sequence[Unexamined] = (),
    left_out: LeftOut = _NOTHING,
    obeyed: bool = False,
) -> str:
    """The reports in one of FORMATS, with a final newline unless there is nothing to say.

    `base`, `below` and `site` are as in Canvas.
    `obeyed`: a CI system reads the text for commands, so what comes from the input must not look like one.
    """
    module = cast(_Format, import_module(module_of(format)))
    canvas = Canvas(max(width, 40), color, unicode, base, below, site, tuple(failures), left_out)
    text = module.render(reports, canvas)
    return without_commands(text, *_WRITTEN.get(format, ())) if obeyed else text
