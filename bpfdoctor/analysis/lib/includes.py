"""What the user's files include, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context

_INCLUDE = re.compile(r"^\s*#\s*include\s*[<\"]([^>\"]{1,200})[>\"]")


def included(context: Context) -> Iterator[str]:
    """The names as they stand between the quotes, of every file."""
    for file in context.raw.files:
        yield from (found[1] for line in file.text.splitlines() if (found := _INCLUDE.match(line)))
