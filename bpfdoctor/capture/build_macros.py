"""Finds the macros that a project's build sets for its programs: `-DNAME=VALUE` in whatever builds it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor.capture.build_flags import text_of
from bpfdoctor.capture.header_search import distance

_MOST_FILES = 400
_VALUE = re.compile(r"[\w.+-]{1,60}")


def told(macro: str, files: Sequence[str], near: str) -> tuple[str, str | None] | None:
    """The nearest build file that sets a macro, and the value; None for a value that it works out."""
    flag = re.compile(rf"(?<![\w-])-D\s?{re.escape(macro)}(?!\w)(?:=([^\s\"'`,;)]{{0,200}}))?")
    unknown = None
    for path in sorted(files, key=lambda path: (distance(near, path), path))[:_MOST_FILES]:
        for found in flag.finditer(text_of(Path(path))):
            value = "1" if found[1] is None else found[1]
            if _VALUE.fullmatch(value):
                return path, value
            unknown = unknown or (path, None)
    return unknown
