"""`check -`: a program that comes from standard input, under the name of the file that it stands for."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from bpfdoctor import regular_file
from bpfdoctor.capture._limits import MOST_OBJECT
from bpfdoctor.model.problem import Problem

_PYTHON = re.compile(rb"\A#!.*python|^[ \t]*(?:from|import)[ \t]+bcc\b", re.M)
_HOW = "For example: bpfdoctor check - < prog.bpf.c"


def taken(paths: Sequence[str], name: str | None = None) -> list[str]:
    """The paths, with a name in the place of `-`; what is read under it is standard input from here on.

    Raises Problem.
    """
    if "-" not in paths:
        return list(paths)
    data = _read()
    name = name or _name(data)
    regular_file.give(name, data)
    return [name if path == "-" else path for path in paths]


def _name(data: bytes) -> str:
    """A name for what nobody has named; its ending is what editors and our own readers go by."""
    if data.startswith(b"\x7fELF"):
        return "stdin.o"
    return "stdin.py" if _PYTHON.search(data[:4096]) else "stdin.c"


def _read() -> bytes:
    if sys.stdin is None:
        raise Problem("Standard input is closed.", _HOW)
    if sys.stdin.isatty():
        print("reading the program from the terminal; end it with Ctrl-D", file=sys.stderr)
    try:
        data = sys.stdin.buffer.read(MOST_OBJECT + 1)
    except OSError as error:
        raise Problem(f"Standard input cannot be read: {(error.strerror or '').lower()}.", _HOW) from None
    if not data:
        raise Problem("Nothing came from standard input.", _HOW)
    if len(data) > MOST_OBJECT:
        raise Problem(f"Standard input has more than {MOST_OBJECT >> 20} MiB: it is not a BPF program.", _HOW)
    return data
