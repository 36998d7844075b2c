"""Gives back a reference before the return that leaks it."""

from __future__ import annotations

import re

from bpfdoctor.analysis.collectors.ref_chain import RefChain
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.kernel import calls, helpers
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.trace import Step
from bpfdoctor.source.cvalues import Span

_ACQUIRED = re.compile(r"^(?:\([^()]*\)\s*)?(?:(?P<map>\w+)\.)?(?P<call>\w+)\s*\(")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `release` gives the reference back, `pointer` where it may be NULL there."""
    if not isinstance(facts, RefChain) or facts.acquired is None:
        return ()
    made = site(context, context.source.place(facts.acquired))
    at = site(context)
    if made is None or at is None or made.function != at.function:
        return ()
    for assignment in made.c.assignments(None, made.line, made.line):
        call = _ACQUIRED.match(assignment.value)
        if call and calls.released_by(_full(call["call"])):
            pointer = assignment.target.lstrip("*").strip()
            left = _leaving(at, pointer, made.line, facts.branch, context)
            if left is None or _released_between(at, pointer, made.line, left.line):
                return ()  # under a condition: which one is right is the user's to say
            conditions = at.c.conditions_before(left.line, pointer)
            tested = any(each.span.line >= made.line and (each.exits or each.encloses) for each in conditions)
            values = {
                "release": _release(call["call"], call["map"], pointer),
                "pointer": None if tested else pointer,
            }
            return at.before(left.line, values, left.column)
    return ()


def _full(name: str) -> str:
    """The kernel's name of what BCC calls `map.ringbuf_reserve(…)`."""
    return name if name.startswith("bpf_") else f"bpf_{name}"


def _release(acquired: str, map: str | None, pointer: str) -> str:
    """The statement that ends the reference: the pointer alone, and 0 for flags."""
    name = calls.released_by(_full(acquired))[0]
    helper = helpers.every().get(name)
    flags = ", 0" * (len(helper.args) - 1 if helper else 0)
    return f"{map}.{name.removeprefix('bpf_')}({pointer}{flags});" if map else f"{name}({pointer}{flags});"


def _leaving(at: Site, pointer: str, acquired: int, branch: Step | None, context: Context) -> Span | None:
    """The return that this path takes: the first one after its last branch.

    A return for the case that the pointer is NULL is not on it.
    """
    place = context.source.place(branch) if branch is not None else None
    behind = max(acquired, place.line if place else acquired)
    after = (behind, (place.column or 1) if place and place.line == behind else 1)
    found = [r.span for r in at.c.returns(at.function) if (r.span.line, r.span.column) >= after]
    return next((span for span in found if not _is_null_there(at, pointer, span)), None)


def _released_between(at: Site, pointer: str, first: int, last: int) -> bool:
    for line in range(first + 1, last):
        for call in at.c.calls_on(line):
            argument = calls.released_argument(_full(call.name))
            given = call.args[argument - 1].text if 0 < argument <= len(call.args) else ""
            if given.strip() == pointer:
                return True
    return False


def _is_null_there(at: Site, pointer: str, left: Span) -> bool:
    tests = (f"!{pointer}", f"{pointer} == NULL", f"{pointer} == 0")
    return any(
        each.encloses and each.branch == "then" and each.text in tests
        for each in at.c.conditions_before(left.line, pointer)
    )
