"""Includes the header that defines a type, after the program's last #include."""

from __future__ import annotations

import re

from bpfdoctor.analysis.collectors.compile_error import CompileError
from bpfdoctor.analysis.collectors.incomplete_type import IncompleteType
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts

_INCLUDE = re.compile(r"(\s*)#\s*include\b")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Without an #include: before the program's first line."""
    file = context.source.user_file
    c = context.source.c(file) if file is not None else None
    if not isinstance(facts, IncompleteType | CompileError) or not facts.header or c is None or file is None:
        return ()
    filled = [number for number, line in enumerate(c.lines, 1) if line.strip()]
    found = [number for number in filled if _INCLUDE.match(c.line(number))]
    if not filled:
        return ()
    line = found[-1] if found else filled[0]
    before = line + 1 if found else line
    return (Plan(file, before, before - 1, lines=(f"{c.indent_of(line)}#include <{facts.header}>",)),)
