"""Gives back a reference before the return that leaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.ref_chain import RefChain
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.fixes.still_held import conditions_around, held_at
from bpfdoctor.kernel import calls, helpers
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Span

_MOST = 4  # ways out that are tried
_ENDS_DYNPTR = ("bpf_ringbuf_submit_dynptr", "bpf_ringbuf_discard_dynptr")
_ITERATOR = re.compile(r"(bpf_iter_\w+)_new")
_ACQUIRED = re.compile(r"^(?:\([^()]*\)\s*)?(?:(?P<map>\w+)\.)?(?P<call>\w+)\s*\(")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `release` gives the reference back, `pointer` where it may be NULL there."""
    if not isinstance(facts, RefChain) or facts.acquired is None:
        return
    made = site(context, context.source.place(facts.acquired))
    at = site(context)
    if made is None or at is None or made.function != at.function:
        return
    yield from _destroyed(at, made.line)
    yield from _discarded(at, made.line)
    branch = context.source.place(facts.branch) if facts.branch is not None else None
    for assignment in made.c.assignments(None, made.line, made.line):
        call = _ACQUIRED.match(assignment.value)
        if call and calls.released_by(_full(call["call"])):
            pointer = assignment.target.lstrip("*").strip()
            leaks = list(_leaks(at, pointer, made.line))
            after = branch.line if branch is not None else made.line
            leaks.sort(key=lambda span: span.line < after)  # those after the path's last branch first
            each_way = [_given_back(at, pointer, made.line, call, left) for left in leaks[:_MOST]]
            yield from each_way
            if 1 < len(leaks) <= _MOST:  # whoever forgets it on one way may have forgotten it on all
                yield tuple(plan for way in each_way for plan in way)
            return


def _destroyed(at: Site, made: int) -> Iterator[tuple[Plan, ...]]:
    """An iterator on every way out of its loop that does not come to the call that ends it."""
    for call in at.c.calls_on(made):
        iterator = _ITERATOR.fullmatch(call.name)
        if iterator is None or not call.args:
            continue
        text = f"{iterator[1]}_destroy({call.args[0].text});"
        ends = [n for n in range(made, at.function.end) if f"{iterator[1]}_destroy" in at.c.line(n)]
        leaks = list(held_at(at, made, ends))
        if len(leaks) <= _MOST:
            values = {"release": text, "pointer": None}
            yield tuple(plan for left in leaks for plan in at.before(left.line, values, left.column))


def _discarded(at: Site, made: int) -> Iterator[tuple[Plan, ...]]:
    """A ring buffer's dynptr on every way out that does not hand it on: also where there was no room."""
    for call in at.c.calls_on(made):
        if call.name != "bpf_ringbuf_reserve_dynptr" or len(call.args) < 4:
            continue
        dynptr = call.args[3].text
        ends = [
            line
            for line in range(made, at.function.end)
            for each in at.c.calls_on(line)
            if each.name in _ENDS_DYNPTR and each.args and each.args[0].text == dynptr
        ]
        leaks = list(held_at(at, made, ends))
        values = {"release": f"bpf_ringbuf_discard_dynptr({dynptr}, 0);", "pointer": None}
        if len(leaks) <= _MOST:
            yield tuple(plan for left in leaks for plan in at.before(left.line, values, left.column))


def _given_back(at: Site, pointer: str, made: int, call: re.Match[str], left: Span) -> tuple[Plan, ...]:
    conditions = at.c.conditions_before(left.line, pointer)
    tested = any(each.span.line >= made and (each.exits or each.encloses) for each in conditions)
    values = {
        "release": _release(at, call["call"], call["map"], pointer, made, left),
        "pointer": None if tested else pointer,
    }
    return at.before(left.line, values, left.column)


def _leaks(at: Site, pointer: str, made: int) -> Iterator[Span]:
    """Returns and jumps out that the reference may reach without having been given back, in order."""
    released = [line for line in range(made, at.function.end) if _releases(at, pointer, line)]
    return (span for span in held_at(at, made, released) if not _is_null_there(at, pointer, span))


def _full(name: str) -> str:
    """The kernel's name of what BCC calls `map.ringbuf_reserve(…)`."""
    return name if name.startswith("bpf_") else f"bpf_{name}"


def _is_filled(at: Site, pointer: str, made: int, end: int) -> bool:
    """Whether something is written to it under no condition."""
    return any(
        each.target.startswith(f"{pointer}->") and not conditions_around(at, each.span.line)
        for each in at.c.assignments(None, made + 1, end)
    )


def _release(at: Site, acquired: str, map: str | None, pointer: str, made: int, left: Span) -> str:
    """The statement that ends the reference: the pointer alone, and 0 for flags.

    Where the function comes to its end, a ring buffer record that is filled on the way there was meant to be
    submitted, and so was one that is submitted nowhere.
    """
    name = calls.released_by(_full(acquired))[0]
    returns = at.c.returns(at.function)
    submit = name.replace("_discard", "_submit")
    at_the_end = bool(returns) and returns[-1].span.line == left.line and not conditions_around(at, left.line)
    if submit != name and at_the_end:
        submitted = at.c.mentions(submit, at.function.start, at.function.end)
        name = submit if not submitted or _is_filled(at, pointer, made, left.line) else name
    if name not in at.c.macros and not at.c.mentions(name) and at.c.mentions(f"{name}_impl"):
        return f"{name}_impl({pointer}, NULL);"  # as kernels before 7.1 call the kfunc
    helper = helpers.every().get(name)
    flags = ", 0" * (len(helper.args) - 1 if helper else 0)
    return f"{map}.{name.removeprefix('bpf_')}({pointer}{flags});" if map else f"{name}({pointer}{flags});"


def _releases(at: Site, pointer: str, line: int) -> bool:
    for call in at.c.calls_on(line):
        argument = calls.released_argument(_full(call.name))
        if 0 < argument <= len(call.args) and call.args[argument - 1].text.strip() == pointer:
            return True
    return False


def _is_null_there(at: Site, pointer: str, left: Span) -> bool:
    tests = (f"!{pointer}", f"{pointer} == NULL", f"{pointer} == 0")
    return any(
        each.encloses and each.branch == "then" and each.text in tests
        for each in at.c.conditions_before(left.line, pointer)
    )
