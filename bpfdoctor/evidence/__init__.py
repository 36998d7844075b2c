"""Typed facts for a finding: one module per collector, named as rules name it.

A collector module `evidence/NAME.py` holds a frozen dataclass derived from `Facts` and a function
`collect(context) -> that dataclass | None`. It returns facts, never sentences: words are the rule's.
"""

from __future__ import annotations

from importlib import import_module

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts


def collect(name: str | None, context: Context) -> Facts | None:
    """The facts of collector `name`; None when the rule asks for none or the log shows none."""
    if not name:
        return None
    facts: Facts | None = import_module(f"bpfdoctor.evidence.{name}").collect(context)
    return facts
