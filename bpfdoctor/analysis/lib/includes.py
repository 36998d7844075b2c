"""What the user's files include and define, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context

_DEFINE = re.compile(r"^\s*#\s*define\s+([A-Za-z_]\w{0,100})")
_INCLUDE = re.compile(r"^\s*#\s*include\s*[<\"]([^>\"]{1,200})[>\"]")


def included(context: Context) -> Iterator[str]:
    """The names as they stand between the quotes, of every file."""
    for file in context.raw.files:
        yield from (found[1] for line in file.text.splitlines() if (found := _INCLUDE.match(line)))


def defined(context: Context) -> Iterator[str]:
    """The macros that stand before the last #include of a file: what is included sees them."""
    for file in context.raw.files:
        lines = file.text.splitlines()
        last = max((at for at, line in enumerate(lines) if _INCLUDE.match(line)), default=0)
        yield from (found[1] for line in lines[:last] if (found := _DEFINE.match(line)))
