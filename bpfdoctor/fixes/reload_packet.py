"""Reads the packet's pointers, and compares them, again before the statement that uses an old one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.helper_args import HelperArgs
from bpfdoctor.analysis.collectors.number_origin import NumberOrigin
from bpfdoctor.analysis.collectors.packet_range import PacketRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import replace
from bpfdoctor.source.cvalues import Assignment, Function

_NAME = re.compile(r"(?<![\w>.])[A-Za-z_]\w*")
_START = re.compile(r"(?:->|\.)data$")
_FROM_CONTEXT = re.compile(r"(?:->|\.)data(_end|_meta)?\b")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `again` (statements that read the pointers), `reach`, `end`, `leave`."""
    at = site(context)
    if at is not None:
        yield end_beside_start(at)
        yield _before_the_use(context, at, facts)


def end_beside_start(at: Site) -> tuple[Plan, ...]:
    """The packet's end read where its start is read again: the check that follows is about that one."""
    before = at.c.assignments(None, at.function.start, at.line - 1)
    ends = [each for each in before if each.value.endswith("data_end")]
    starts = [each for each in before if _START.search(each.value)]
    if not ends or len(starts) < 2 or starts[-1].target not in {each.target for each in starts[:-1]}:
        return ()
    end, start = ends[-1], starts[-1]
    statement = at.c.statement_around(start.span.line, start.span.column)
    if statement is None or not statement.braced or end.span.line > start.span.line:
        return ()
    checked = (each for each in at.c.conditions_before(at.line, end.target))
    if not any(each.span.line > start.span.line for each in checked):
        return ()
    (inserted,) = at.behind(statement, {})
    return (replace(inserted, lines=(f"{inserted.indent}{end.target} = {end.value};",)),)


def _before_the_use(context: Context, at: Site, facts: Facts | None) -> tuple[Plan, ...]:
    pointer = _pointer(at, facts)
    before = at.c.assignments(None, at.function.start, at.line - 1)
    ends = [each.target for each in before if each.value.endswith("data_end")]
    if pointer is None or not ends:
        return ()
    others = [each for each in _others(at, before) if each != pointer]
    moved = _moved(context, at, facts)
    # The last one made lies furthest in the packet; where it is made step by step, it stays as it is.
    again = _again(at, before, (ends[-1], pointer, *others), moved) if others else None
    if again is not None:
        pointer = others[-1]
    else:
        again = _again(at, before, (ends[-1], pointer), moved)
    if again is None:
        return ()
    values = {"again": again, "pointer": pointer, "reach": f"(void *)({pointer} + 1)", "end": ends[-1]}
    values["leave"] = way_out.of_packet(at, at.line)
    return at.before(at.line, values)


def _others(at: Site, before: tuple[Assignment, ...]) -> list[str]:
    """The other pointers to headers that are used from the refused line on, in the order they were made."""
    made = [each.target for each in before if each.operator == "=" and _is_pointer(at, each.target)]
    return [
        name
        for name in dict.fromkeys(made)
        if (declared := at.c.declaration_of(name, at.line)) is not None
        and declared.struct is not None
        and any(
            name == each.root for line in range(at.line, at.function.end) for each in at.c.accesses_on(line)
        )
        and not any(each.target == name for each in at.c.assignments(name, at.line, at.function.end))
    ]


def _pointer(at: Site, facts: Facts | None) -> str | None:
    """The variable through which the packet is used there."""
    own = [facts.name] if isinstance(facts, NumberOrigin | HelperArgs) else []
    own += [facts.pointer] if isinstance(facts, PacketRange) else []
    names = [*own, *(access.root for access in at.c.accesses_on(at.line, at.column))]
    return next((name for name in names if name and at.c.declaration_of(name, at.line)), None)


def _moved(context: Context, at: Site, facts: Facts | None) -> int:
    """The line of the function whose call moved the packet; 0 when nobody knows."""
    call = facts.moved_by if isinstance(facts, PacketRange) else None
    if isinstance(facts, NumberOrigin | HelperArgs):
        call = facts.invalidated
    place = context.source.place(call) if call is not None else None
    mover = at.c.function_at(place.line) if place is not None and place.file == at.file else None
    if mover is None or place is None:
        return 0
    return place.line if mover == at.function else _last_call(at, mover)


def _last_call(at: Site, mover: Function) -> int:
    """The line before the refused one whose call comes to a function, perhaps through others."""
    leads, before = {mover.name}, 0
    while before < len(leads):
        before = len(leads)
        for function in at.c.functions:
            if any(at.c.mentions(name, function.start, function.end) for name in leads):
                leads.add(function.name)
    leads.discard(at.function.name)
    lines = range(at.function.start, at.line)
    return next((n for n in reversed(lines) if any(c.name in leads for c in at.c.calls_on(n))), 0)


def _again(
    at: Site, before: tuple[Assignment, ...], wanted: tuple[str, ...], moved: int
) -> tuple[str, ...] | None:
    """The assignments that lead from the context to the wanted variables, oldest first.

    Those after line `moved` are in the program already. None where one of them was computed step by
    step: to do that again would move it further.
    """
    found: dict[int, Assignment] = {}
    open_ = list(wanted)
    while open_:
        name = open_.pop()
        sets = [each for each in before if each.target == name]
        if not sets or any(each.operator != "=" for each in sets):
            return None
        newest = before.index(sets[-1])
        if newest in found:
            continue
        found[newest] = sets[-1]
        if not _FROM_CONTEXT.search(sets[-1].value):
            named = dict.fromkeys(_NAME.findall(sets[-1].value))
            pointers = [each for each in named if _is_pointer(at, each)]
            if not pointers:
                return None
            open_ += pointers
    old = [each for _, each in sorted(found.items()) if not 0 < moved < each.span.line]
    return tuple(f"{each.target} = {each.value};" for each in old)


def _is_pointer(at: Site, name: str) -> bool:
    declared = at.c.declaration_of(name, at.line)
    return declared is not None and declared.pointer and declared.scope == "local"
