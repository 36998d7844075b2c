"""Declares the program's licence at the end of the file, or makes the one that is there GPL-compatible."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts

_DECLARED = re.compile(r'^(?P<before>.*SEC\s*\(\s*"license"\s*\).*=\s*)"[^"]*"', re.M)


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Only for C with SEC(…): BCC declares the licence itself."""
    file = context.source.user_file
    text = context.source.text(file) if file else None
    if file is None or text is None or "SEC(" not in text:
        return ()
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if found := _DECLARED.match(line):
            rest = line[found.end() :]
            return (Plan(file, number, number, lines=(f'{found["before"]}"GPL"{rest}',)),)
    return (Plan(file, len(lines) + 1, len(lines)),)
