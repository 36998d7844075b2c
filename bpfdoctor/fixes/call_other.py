"""Calls another helper, which gives the same as a pointer that the verifier knows."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts

_KNOWN = {"bpf_get_current_task": "bpf_get_current_task_btf"}
_CALL = re.compile(r"\b(\w+)(?=\s*\()")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The call that the argument came from, or that is the argument; its cast may stay."""
    at, argument = site(context), argument_of(context)
    if at is None or argument is None:
        return ()
    made = at.c.assignments(argument.text, at.function.start, at.line) if argument.text.isidentifier() else ()
    spans = [each.span for each in made if each.operator == "="][-1:] or [argument.span]
    for span in spans:
        for line in range(span.line, span.end_line + 1):
            for found in _CALL.finditer(at.c.line(line)):
                if found[1] in _KNOWN:
                    return (at.replacement(line, found.start() + 1, found.end() + 1, _KNOWN[found[1]]),)
    return ()
