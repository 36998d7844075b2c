"""How a function leaves where a check fails: as its other checks of the same kind do."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from bpfdoctor.fixes.plan import Site
from bpfdoctor.source.conditions import compares_sizes
from bpfdoctor.source.cvalues import Condition, Function, Span

# What can be said again without doing anything: no call, no computation.
_PLAIN = re.compile(r"(?:break|continue|goto \w+|return(?: \(?-?\w+\)?)?);")
_RETURNED = re.compile(r"return ([a-z_]\w*);")
_CONSTANT = re.compile(r"return \(?-?(?:\d+|[A-Z_]+)\)?;")
_FAILS = re.compile(r"return \(?-(?:\d+|[A-Z_]+)\)?;")
_IS_NULL = re.compile(r"!\s*([\w.>-]+)|([\w.>-]+) == (?:NULL|0)")
_COUNTED = ("for", "bpf_for", "bpf_for_each", "bpf_repeat")


def of_packet(at: Site, line: int) -> str:
    """For a packet that is too short: what the nearest comparison with its end does; else a loop ends."""
    return _like(at, line, _compares_with_end) or _of_no_model(at, line)


def of_null(at: Site, line: int) -> str:
    """For what is NULL: what the nearest such test does; else a counted loop goes on with the next round."""
    is_counted = any(loop.kind in _COUNTED for loop in at.c.loops_around(line)[:1])
    in_loop = "continue;" if is_counted else "break;"
    return _like(at, line, partial(_is_null_test, at)) or _of_no_model(at, line, in_loop)


def of_range(at: Site, line: int) -> str:
    """For a number out of range: what the nearest comparison of sizes does that is about no packet."""
    alike = _like(at, line, lambda text: compares_sizes(text) and not _compares_with_end(text))
    return alike or _of_no_model(at, line)


def of_check(at: Site, line: int, text: str) -> str:
    """For a check that has none: as the others of its kind do."""
    if _compares_with_end(text):
        return of_packet(at, line)
    return of_range(at, line) if compares_sizes(text) else of_null(at, line)


def _of_no_model(at: Site, line: int, in_loop: str = "break;") -> str:
    """Where no check of the kind shows one: out of the loop; else as the check before leaves."""
    if at.c.loops_around(line):
        return (_failing(at) or at.leave) if _is_in_switch(at, line) else in_loop
    return _as_before(at, line) or at.leave


def _is_in_switch(at: Site, line: int) -> bool:
    """Whether `break` would end a switch, and the loop around it go on."""
    loop = _loop(at, line)
    around = (
        each.span.line for each in at.c.conditions_before(line) if each.encloses and each.kind == "switch"
    )
    return loop is not None and any(loop.holds(each) for each in around)


def _failing(at: Site) -> str:
    """`return -1;` of a function that is no program; "" where it has none."""
    if at.function.section is not None or at.function.macro is not None:
        return ""
    found = (f"return {each.value};" for each in at.c.returns(at.function))
    return next((each for each in found if _FAILS.fullmatch(each)), "")


def _compares_with_end(text: str) -> bool:
    return "end" in text and compares_sizes(text)


def _is_null_test(at: Site, text: str) -> bool:
    """Whether a pointer is tested, be it one of several: `!hits` of a number says something else."""
    return "&&" not in text and any(_is_null(at, part.strip()) for part in text.split("||"))


def _is_null(at: Site, text: str) -> bool:
    found = _IS_NULL.fullmatch(text)
    name = found[1] or found[2] if found else ""
    declared = at.c.declaration_of(name, at.function.end) if name.isidentifier() else None
    if declared is not None or found is None:
        return declared is not None and declared.pointer
    member = re.split(r"->|\.", name)[-1]
    fields = [each for kind in at.c.structs.values() for each in kind.fields if each.name == member]
    return not fields or any(each.type.endswith("*") for each in fields)


def _as_before(at: Site, line: int) -> str:
    """The way out of the check before the line, where that fits any check: a jump to what cleans up, or the
    return of a variable that holds the verdict.
    """
    before = [each.exit for each in at.c.conditions_before(line) if each.kind == "if" and each.exits]
    exit = before[-1] if before else ""
    if exit.startswith("goto "):
        return exit if _leads_on(at, exit, line) else ""
    returned = _RETURNED.fullmatch(exit)
    return exit if returned and at.c.declaration_of(returned[1], line) is not None else ""


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
    """The innermost loop around a line: what `continue` is about."""
    loops = at.c.loops_around(line)
    return loops[0].span if loops else None
