"""Which rule a message is about. The rules themselves are the Markdown files in rules/."""

from __future__ import annotations

from functools import cache

from bpfdoctor import resources
from bpfdoctor.catalogue import store
from bpfdoctor.catalogue.catalogue import UNKNOWN, WITHOUT_MESSAGE, Catalogue
from bpfdoctor.catalogue.schema import FixSpec, Match, Rule, RuleError

__all__ = ["UNKNOWN", "WITHOUT_MESSAGE", "Catalogue", "FixSpec", "Match", "Rule", "RuleError", "load"]


@cache
def load() -> Catalogue:
    """The catalogue of the rules that came with bpfdoctor; once per process. Raises RuleError."""
    folder = resources.folder("rules")
    return Catalogue(store.load(folder, resources.cache_dir()), folder)
