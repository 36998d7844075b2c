"""Typed facts for a finding: one module per collector, named as rules name it.

A collector module `collectors/NAME.py` holds an enumeration `Outcome` (a closed list), a frozen dataclass
derived from `Facts`, named as FACTS, and `collect(context) -> Found(outcome, facts) | NotShown(why)`. The
collector decides, it never speaks: the sentences for each outcome are the rule's, or in
rules/outcomes/NAME.toml.
"""

from __future__ import annotations

from importlib import import_module

from bpfdoctor.analysis.answer import Answer, Found, NotShown
from bpfdoctor.analysis.context import Context

__all__ = ["Found", "NotShown", "collect"]


def collect(name: str, context: Context) -> Answer:
    """What collector `name` answers."""
    found: Answer = import_module(f"bpfdoctor.analysis.collectors.{name}").collect(context)
    return found
