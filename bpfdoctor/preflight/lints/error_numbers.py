"""Results that are compared with an error's number as user space knows it: the kernel's are negative."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System
from bpfdoctor.source.cvalues import Function

_NAMES = frozenset(errno.errorcode.values())
_RESULT = later(r"\w+\s*->\s*ret|PT_REGS_RC(?:_CORE)?\s*\([^()]*\)|ret|rc|retval")


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    del hook, system
    for function, compared in text.comparisons():
        other, value = compared.right.strip(), compared.left.strip()
        if other in _NAMES and _RESULT.fullmatch(value) and not _is_turned(value, text, function):
            values = {"compared": value, "other": other}
            yield Cause("error-number-positive", values, text.place(compared.span, function))


def _is_turned(value: str, text: ProgramText, function: Function) -> bool:
    """Whether a minus is put before it, or before what it is made of."""
    given = text.c.assignments(value, function.start, function.end) if value.isidentifier() else ()
    return any("-" in each.value.replace("->", "") for each in given)
