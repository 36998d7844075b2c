"""What a rule says at each outcome: `[always]`, and `[outcome.NAME]` for what differs there.

A collector decides which outcome it is; where it found none, and for rules without a collector, the
`[[match]]` does (MESSAGE unless it names another). What the rules of one collector have in common at an
outcome is in rules/outcomes/COLLECTOR.toml. The most particular text wins: the rule's at this outcome, the
rule's for all, the collector's at this outcome, the collector's for all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from typing import Any

from bpfdoctor.catalogue.sentence import Sentence, SentenceError, parse
from bpfdoctor.model.record import dataclass

MESSAGE = "MESSAGE"  # the outcome of a message by itself
SLOTS = ("headline", "wants", "has", "why", "cause", "note")
_OTHERS = ("fixes", "becomes", "unreached")


@dataclass(frozen=True, slots=True)
class Words:
    """`slots` are the answer's own rows, `labels` are shown in the source, by role.

    A role is `access`, the refused step, or a field of the facts. `fixes` names the fixes to offer, in order;
    None: all of the rule's. `becomes` is a narrower rule that has the answer. `unreached` says why no program
    of the corpus leads here.
    """

    slots: Mapping[str, Sentence] = field(default_factory=dict)
    labels: Mapping[str, Sentence] = field(default_factory=dict)
    fixes: tuple[str, ...] | None = None
    becomes: str | None = None
    unreached: str = ""

    def sentences(self) -> Iterator[tuple[str, Sentence]]:
        """Every sentence, with its key."""
        yield from self.slots.items()
        yield from self.labels.items()


def compiled(
    head: Mapping[str, Any], shared: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """(`always`, `outcome`) of a rule as build_words takes them: shared texts merged in, sentences parsed."""
    every = {**shared.get("always", {}), **head.get("always", {})}
    own, common = head.get("outcome", {}), shared.get("outcome", {})
    outcomes = {
        name: {
            **shared.get("always", {}),
            **common.get(name, {}),
            **head.get("always", {}),
            **own.get(name, {}),
        }
        for name in (*common, *(name for name in own if name not in common))
    }
    return _parsed(every), {name: _parsed(table) for name, table in outcomes.items()}


def _parsed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Empty texts say nothing: that is how a rule leaves out what its collector's rules say."""
    return {
        key: value if key in _OTHERS else parse(value)
        for key, value in table.items()
        if value or key in _OTHERS
    }


def build_words(table: Mapping[str, Any]) -> Words:
    """The Words of a compiled table."""
    fixes = table.get("fixes")
    return Words(
        slots={key: value for key, value in table.items() if key in SLOTS},
        labels={key: value for key, value in table.items() if key not in SLOTS and key not in _OTHERS},
        fixes=None if fixes is None else tuple(fixes),
        becomes=table.get("becomes"),
        unreached=table.get("unreached", ""),
    )


def words_mistakes(head: Mapping[str, Any], fixes: Collection[str | None] | None) -> Iterator[str]:
    """What is wrong with the tables of a rule, or of rules/outcomes/COLLECTOR.toml (`fixes` None: any)."""
    tables = {"[always]": head.get("always", {})}
    outcomes = head.get("outcome", {})
    if isinstance(outcomes, dict):
        tables |= {f"[outcome.{name}]": table for name, table in outcomes.items()}
        yield from (f"[outcome.{name}]: a name is UPPER_CASE" for name in outcomes if not name.isupper())
    for where, table in tables.items():
        if not isinstance(table, dict):
            yield f"{where} is no table"
            continue
        for key, value in table.items():
            if key == "fixes":
                if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                    yield f"{where}: fixes is not a list of names"
                elif unknown := [each for each in value if fixes is not None and each not in fixes]:
                    yield f"{where}: fixes names {unknown[0]!r}, and no [[fix]] has that name"
            elif not isinstance(value, str):
                yield f"{where}: {key} is not a string"
            elif key not in _OTHERS:
                try:
                    parse(value)
                except SentenceError as error:
                    yield f"{where}: {key}: {error}"
