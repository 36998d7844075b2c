"""Gives a helper the address of a copy, for old kernels forget a pointer whose own address it gets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.helper_args import HelperArgs
from bpfdoctor.analysis.collectors.number_origin import NumberOrigin
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `name` (the pointer), `copy` (the new variable)."""
    reader = facts.invalidated if isinstance(facts, NumberOrigin | HelperArgs) else None
    at = site(context, context.source.place(reader)) if reader is not None else None
    name = facts.name if isinstance(facts, NumberOrigin | HelperArgs) else None
    if at is None or not (name and name.isidentifier()):
        return ()
    copy = at.fresh_name("key")
    # One copy serves every call, unless the pointer is another by then.
    function = at.function
    changes = at.c.assignments(name, function.start, function.end)
    given = tuple(
        _given(at, name, copy, *((at.line, at.line) if changes else (function.start, function.end)))
    )
    inserted = at.before(given[0].first, {"name": name, "copy": copy}) if given else ()
    return (*inserted, *given) if inserted else ()


def _given(at: Site, name: str, copy: str, first: int, last: int) -> Iterator[Plan]:
    """`&copy` for every `&name`."""
    for line in range(first, last + 1):
        for found in re.finditer(rf"(?<!&)&\s*{name}\b(?!\s*(?:->|\.|\[))", at.c.line(line)):
            yield at.replacement(line, found.start() + 1, found.end() + 1, f"&{copy}")
