"""How a function leaves where a check fails: as its other checks of the same kind do."""

from __future__ import annotations

import re
from collections.abc import Callable

from bpfdoctor.fixes.plan import Site
from bpfdoctor.source.conditions import compares_sizes
from bpfdoctor.source.cvalues import Condition, Function, Span

# What can be said again without doing anything: no call, no computation.
_PLAIN = re.compile(r"(?:break|continue|goto \w+|return(?: \(?-?\w+\)?)?);")
_CONSTANT = re.compile(r"return \(?-?(?:\d+|[A-Z_]+)\)?;")
_IS_NULL = re.compile(r"!\s*[\w.>-]+|[\w.>-]+ == (?:NULL|0)")
_COUNTED = ("for", "bpf_for", "bpf_for_each", "bpf_repeat")


def of_packet(at: Site, line: int) -> str:
    """For a packet that is too short: what the nearest comparison with its end does; else a loop ends."""
    return _like(at, line, _compares_with_end) or ("break;" if at.c.loops_around(line) else at.leave)


def of_null(at: Site, line: int) -> str:
    """For what is NULL: what the nearest such test does; else a counted loop goes on with the next round."""
    loops = at.c.loops_around(line)
    in_loop = ("continue;" if loops[0].kind in _COUNTED else "break;") if loops else ""
    return _like(at, line, lambda text: _IS_NULL.fullmatch(text) is not None) or in_loop or at.leave


def of_range(at: Site, line: int) -> str:
    """For a number out of range: what the nearest comparison of sizes does that is about no packet."""
    return _like(at, line, lambda text: compares_sizes(text) and not _compares_with_end(text)) or (
        "break;" if at.c.loops_around(line) else at.leave
    )


def _compares_with_end(text: str) -> bool:
    return "end" in text and compares_sizes(text)


def _like(at: Site, line: int, alike: Callable[[str], bool]) -> str:
    """The way out of the nearest check that is alike, those before the line first; "" where none is known.

    A function that is no program and has none does what the file's other functions of its type do.
    """
    inner = _loop(at, line)
    checks = [each for each in _checks(at, at.function, alike) if _loop(at, each.span.line) == inner]
    fitting = [each for each in checks if _leads_on(at, each.exit, line)]
    before = [each for each in fitting if each.span.line < line]
    if fitting:
        return before[-1].exit if before else fitting[0].exit
    if inner is not None or at.function.section is not None or at.function.macro is not None:
        return ""
    others = [
        each.exit
        for function in at.c.functions
        if (function.section, function.macro, function.returns) == (None, None, at.function.returns)
        for each in _checks(at, function, alike)
        if _CONSTANT.fullmatch(each.exit)
    ]
    return max(others, key=others.count) if others else ""


def _leads_on(at: Site, exit: str, line: int) -> bool:
    """Whether it does not jump back."""
    label = exit.removeprefix("goto ").removesuffix(";")
    told = re.compile(rf"\s*{label}\s*:")
    return not exit.startswith("goto") or any(
        told.match(at.c.line(each)) for each in range(line + 1, at.function.end)
    )


def _checks(at: Site, function: Function, alike: Callable[[str], bool]) -> list[Condition]:
    return [
        each
        for each in at.c.conditions_before(function.end)
        if each.kind == "if" and _PLAIN.fullmatch(each.exit) and alike(each.text)
    ]


def _loop(at: Site, line: int) -> Span | None:
    """The innermost loop or switch around a line: what `break` and `continue` are about."""
    loops = at.c.loops_around(line)
    return loops[0].span if loops else None
