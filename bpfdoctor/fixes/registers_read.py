"""Reads a system call's registers, which are in kernel memory: `PT_REGS_PARM2(regs)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.source.cvalues import Call

_REGISTER = re.compile(r"PT_REGS_(?P<what>PARM\d|RC|RET|IP|SP|FP)(?P<syscall>_SYSCALL)?")
_TYPES, _READS = "vmlinux.h", "bpf/bpf_core_read.h"
_INCLUDE = re.compile(r"\s*#\s*include\b")


def ways(at: Site) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `code`, its lines. The program's own context needs no helper."""
    given = {call.args[0].text for call in _calls(at, at.line)}
    calls = [
        call
        for line in range(at.function.body.line, at.function.end + 1)
        for call in _calls(at, line)
        if call.args[0].text in given
    ]
    if not calls:
        return
    if _TYPES in at.c.includes:
        yield (*_header(at), *(_renamed(at, call) for call in calls))
    yield tuple(_copied(at, calls))


def _calls(at: Site, line: int) -> Iterator[Call]:
    own = {at.context, *(each.name for each in at.function.params[:1] if not at.function.static)}
    for call in at.c.calls_on(line):
        one = call.span.line == call.span.end_line == line and len(call.args) == 1
        if one and _REGISTER.fullmatch(call.name) and call.args[0].text not in own:
            yield call


def _renamed(at: Site, call: Call) -> Plan:
    """The macro of the same name that reads with a helper, at the place that this kernel's structure has."""
    found = _REGISTER.fullmatch(call.name)
    what, syscall = found.groups("") if found is not None else ("", "")
    end = call.span.column + len(call.name)
    return at.replacement(call.span.line, call.span.column, end, f"PT_REGS_{what}_CORE{syscall}")


def _header(at: Site) -> Iterator[Plan]:
    lines = [number for number, line in enumerate(at.c.lines, 1) if _INCLUDE.match(line)]
    if lines and _READS not in at.c.includes:
        yield Plan(at.file, lines[-1] + 1, lines[-1], lines=(f"#include <{_READS}>",))


def _copied(at: Site, calls: list[Call]) -> Iterator[Plan]:
    """A variable for each register, filled before the statement that asks for it."""
    taken: set[str] = set()
    for call in calls:
        text = at.c.line(call.span.line)[call.span.column - 1 : call.span.end_column - 1]
        name = at.fresh_name(call.name.removeprefix("PT_REGS_").lower(), taken)
        code = (
            f"typeof({text}) {name} = 0;",
            "",
            f"bpf_probe_read_kernel(&{name}, sizeof({name}), &{text});",
        )
        yield from at.lines_before(call.span.line, code, call.span.column)
        yield at.replacement(call.span.line, call.span.column, call.span.end_column, name)
