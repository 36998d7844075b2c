"""Patches from facts: one module per fixer, named as rules name it.

A fixer module `fixes/NAME.py` has `edits(context, facts, code) -> tuple[Edit, ...] | None`, where `code` is
the rule's own text for the change, already filled in. None means: this fixer cannot place the change.
"""

from __future__ import annotations

from bpfdoctor.fixes.engine import suggest

__all__ = ["suggest"]
