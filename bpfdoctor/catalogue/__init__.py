"""Which rule a message is about. The rules themselves are the Markdown files in rules/."""

from __future__ import annotations

from functools import cache

from bpfdoctor import resources
from bpfdoctor.catalogue import store
from bpfdoctor.catalogue.catalogue import AMBIGUOUS, LOOKED_FOR, UNKNOWN, WITHOUT_MESSAGE, Catalogue
from bpfdoctor.catalogue.schema import FixSpec, Match, Rule, RuleError
from bpfdoctor.model.problem import Problem

__all__ = [
    "AMBIGUOUS",
    "LOOKED_FOR",
    "UNKNOWN",
    "WITHOUT_MESSAGE",
    "Catalogue",
    "FixSpec",
    "Match",
    "Rule",
    "RuleError",
    "load",
]


@cache
def load() -> Catalogue:
    """The catalogue of the rules that came with bpfdoctor; once per process. Raises Problem."""
    if (compiled := resources.compiled("catalogue.jsonl")) is None:
        folder = resources.folder("rules")
        return Catalogue(store.load(folder), folder)
    if (stored := store.unpacked(compiled)) is None:
        raise Problem("The catalogue of rules, a part of bpfdoctor, is damaged.", "Install bpfdoctor again.")
    return Catalogue(stored, pages=lambda: resources.compiled("pages.jsonl"))
