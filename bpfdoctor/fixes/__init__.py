"""Patches from facts: one module per fixer, named as rules name it.

A fixer module `fixes/NAME.py` has `plan(context, facts) -> tuple[Plan, ...]`: where in the user's text to
change what, and the names that the rule's `code` may use. Empty: this fixer cannot place the change.
"""

from __future__ import annotations

from bpfdoctor.fixes.engine import suggest

__all__ = ["suggest"]
