"""Leaves the function before a use of what may be NULL, when a check before it does not."""

from __future__ import annotations

from bpfdoctor.analysis.collectors.number_origin import NumberOrigin
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.only_where import after_its_test, looked_up_again, only_where_it_is
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `pointer`, `leave`."""
    at = site(context)
    name = facts.name if isinstance(facts, NumberOrigin) else None
    if at is None or name is None or not name.isidentifier():
        return ()
    at = after_its_test(at, name)
    if again := looked_up_again(at, name) or only_where_it_is(at, name):
        return again
    return at.before(at.line, {"pointer": name, "leave": way_out.of_null(at, at.line)}, at.column)
