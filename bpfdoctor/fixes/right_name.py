"""Writes the name of a function that exists where the program has one that is nearly the same."""

from __future__ import annotations

import re

from bpfdoctor.analysis.collectors.called_function import CalledFunction
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, everywhere
from bpfdoctor.model.diagnosis import Facts


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Every place of the user's file with the name, its declaration included."""
    file = context.source.user_file
    c = context.source.c(file) if file else None
    if not isinstance(facts, CalledFunction) or not facts.near or file is None or c is None:
        return ()
    return everywhere(file, c, re.compile(rf"\b({re.escape(facts.name)})\b"), facts.near)
