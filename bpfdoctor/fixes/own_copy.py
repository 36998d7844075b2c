"""Gives a BCC program its own copy of what lies in read-only data: a string on the stack, a table as code."""

from __future__ import annotations

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.data_address import WithData
from bpfdoctor.fixes.constant_number import as_number
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.fixes.table_as_code import as_code
from bpfdoctor.fixes.text_on_stack import in_functions, string
from bpfdoctor.model.diagnosis import Facts, Place
from bpfdoctor.source.static_data import StaticData, Storage


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`code`: the lines of a text that goes onto the stack; every other change has its own text."""
    data = facts.data if isinstance(facts, WithData) else None
    if data is None or data.file is None or len({each.name for each in data.objects}) != 1:
        return ()
    used = data.objects[0]
    at = site(context, Place(data.file, used.span.line, used.span.column))
    return copied(at, used) if at is not None else ()


def copied(at: Site, used: StaticData) -> tuple[Plan, ...]:
    """What becomes of one text, table or number."""
    if used.storage is Storage.STRING:
        return string(at, used)
    if used.declared is None:
        return ()
    if used.storage is Storage.CONSTANT and not used.declared.arrays and not used.declared.pointer:
        return as_number(at, used.declared)
    if (used.declared.initialiser or "").startswith('"'):
        return in_functions(at, used.declared)
    return as_code(at, used.declared)
