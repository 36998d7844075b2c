"""Takes out the program's own declaration of a kernel function that vmlinux.h declares."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.csyntax import CFile

_DECLARED = re.compile(r"[^;{}]*\)[^;{}()]*\b__ksym;\s*(?://.*|/\*.*\*/)?")
_COMPLETE = re.compile(r"(?:[;}{]|\*/)\s*(?://.*)?$|^\s*(?:#|//|$)")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The lines of `extern … NAME(…) __ksym;`."""
    file, name = context.source.user_file, str(context.captures.get("what") or "").strip("'")
    c = context.source.c(file) if file else None
    return without(file, c, name) if file is not None and c is not None else ()


def without(file: str, c: CFile, name: str) -> tuple[Plan, ...]:
    """A file without its declarations of a kernel function; () where there is none in lines of its own."""
    plans, after = [], 0
    for number in range(1, len(c.lines) + 1):
        if number <= after or not re.search(rf"\b{re.escape(name)}\s*\(", c.line(number)):
            continue
        first = last = number
        while first > 1 and not _COMPLETE.search(c.line(first - 1)):
            first -= 1
        while last < len(c.lines) and ";" not in c.line(last):
            last += 1
        text = " ".join(c.line(each).strip() for each in range(first, last + 1))
        if c.function_at(number) is None and re.fullmatch(
            r"[^;{}]*\)[^;{}()]*\b__ksym;\s*(?://.*|/\*.*\*/)?", text
        ):
            plans.append(Plan(file, first, last, lines=()))
            after = last
    return tuple(plans)
