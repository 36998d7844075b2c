"""What a program's text shows: filters that let nothing through, arguments from the wrong place.

A module has `look(hook, text, system)`, which yields every Cause that it can show.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.model.report import RawReport
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System
from bpfdoctor.source import Source

_MODULES = ("pids", "pid_fields", "users", "byte_order", "program_macro", "registers", "error_numbers")


def look(hook: Hook, raw: RawReport, source: Source, system: System) -> Iterator[Cause]:
    """All that is found in the functions that a program runs through, as far as the user's text has them."""
    for file in raw.files:
        c = source.c(file.path)
        start = c.function(hook.program) if c is not None else None
        if c is None or start is None:
            continue
        text = ProgramText(c, file.path, start)
        for name in _MODULES:
            yield from import_module(f"{__name__}.{name}").look(hook, text, system)
        return
