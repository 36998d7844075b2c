"""Patches from facts: one module per fixer, named as rules name it.

A fixer module `fixes/NAME.py` has `plan(context, facts) -> tuple[Plan, ...]`: where in the user's text to
change what, and the names that the rule's `code` may use. Empty: this fixer cannot place the change. Where
the facts leave a choice it has `ways(context, facts)` instead, which yields several, the likeliest first:
`check` tries them in turn, everybody else is shown the first.
"""

from __future__ import annotations

from bpfdoctor.fixes.engine import suggest

__all__ = ["suggest"]
