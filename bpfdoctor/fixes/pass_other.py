"""Passes what the helper takes: a map, the context, or two arguments in the other order."""

from __future__ import annotations

from difflib import get_close_matches

from bpfdoctor.analysis.collectors.helper_args import HelperArgs
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of, call_of
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Argument


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Replaces the argument; () where the source leaves a choice."""
    at, argument, call = site(context), argument_of(context), call_of(context)
    if at is None or argument is None or call is None or argument.span.line != argument.span.end_line:
        return ()
    span = argument.span
    other = facts.swapped if isinstance(facts, HelperArgs) else 0
    if other:
        return _exchanged(at, argument, call.args[other - 1]) if other <= len(call.args) else ()
    wanted = str(context.captures.get("expected", "")).strip()
    instead = _map(at, argument.text) if wanted == "map_ptr" else at.context if wanted == "ctx" else None
    if instead is None or instead == argument.text:
        return ()
    return (at.replacement(span.line, span.column, span.end_column, instead),)


def _exchanged(at: Site, one: Argument, other: Argument) -> tuple[Plan, ...]:
    first, last = sorted((one, other), key=lambda each: (each.span.line, each.span.column))
    if first.span.line != last.span.end_line:
        return ()
    between = at.c.line(first.span.line)[first.span.end_column - 1 : last.span.column - 1]
    text = last.text + between + first.text
    return (at.replacement(first.span.line, first.span.column, last.span.end_column, text),)


def _map(at: Site, given: str) -> str | None:
    """The file's only map, or the one whose name is nearest to what was given."""
    names = list(at.c.maps)
    near = get_close_matches(given.lstrip("&"), names, 1, 0.6)
    name = near[0] if near else names[0] if len(names) == 1 else None
    return f"&{name}" if name else None
