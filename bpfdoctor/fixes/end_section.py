"""Ends a critical region on the ways out that miss it: unlock, preempt_enable, irq_restore."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.analysis.collectors.section_state import Section
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.critical_sections import ended_by
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.fixes.regions import ending
from bpfdoctor.fixes.still_held import held_at
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.trace import Op

_MOST = 4  # ways out that are tried


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `end`, the call that ends the region."""
    if not isinstance(facts, Section) or facts.entered is None or context.step is None:
        return
    entry, at = site(context, context.source.place(facts.entered)), site(context)
    if entry is None or at is None or entry.function != at.function:
        return
    name = facts.entered.insn.callee or ""
    call = next((each for each in entry.c.calls_on(entry.line, entry.column) if each.name == name), None)
    if call is None:
        return
    pair = ended_by(name)
    values = {"end": f"{ending(call)};"}
    if context.step.insn.op is not Op.EXIT:
        yield at.before(at.line, values, at.column)
        return
    ended = [line for line in range(entry.line, at.function.end) if _ends(at, pair, line)]
    branch = context.source.place(facts.branch) if facts.branch is not None else None
    after = branch.line if branch is not None else entry.line
    leaves = sorted(held_at(at, entry.line, ended), key=lambda span: span.line < after)
    for left in leaves[:_MOST]:
        yield at.before(left.line, values, left.column)


def _ends(at: Site, name: str, line: int) -> bool:
    return any(call.name == name for call in at.c.calls_on(line))
