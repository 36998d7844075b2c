"""What a rule says. `[always]`, and what differs from it in the tables of three kinds.

`[outcome.NAME]` is for what the rule's collector found. `[message.NAME]` is for messages that the rule tells
apart: a `[[match]]` names its kind (`message = "NAME"`, MESSAGE by default). `[alone.NAME]` is for such a
message where no collector found anything: it may use the message's values only. What the rules of one
collector have in common is in rules/outcomes/COLLECTOR.toml (or another that `[evidence] shared` names).

The most particular text wins: the rule's for the outcome (or the message alone), the rule's for the message,
the collector's for the outcome, the rule's always, the collector's always.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any

from bpfdoctor.catalogue.sentence import Sentence, SentenceError, parse
from bpfdoctor.model.diagnosis import Category, Layer
from bpfdoctor.model.record import dataclass, field

MESSAGE = "MESSAGE"  # the outcome of a message by itself
SLOTS = ("headline", "wants", "has", "why", "cause", "note")
TABLES = ("outcome", "message", "alone")
_OTHERS = ("fixes", "becomes", "category", "layer", "unreached")

_KINDS: Mapping[str, type[StrEnum]] = {"category": Category, "layer": Layer}


@dataclass(frozen=True, slots=True)
class Words:
    """`slots` are the answer's own rows, `labels` are shown in the source, by role.

    A role is `access`, the refused step, or a field of the facts. `fixes` names the fixes to offer, in order;
    None: all of the rule's. `becomes` is a narrower rule that has the answer, `category` and `layer` are
    others than the rule's.
    """

    slots: Mapping[str, Sentence] = field(default_factory=dict)
    labels: Mapping[str, Sentence] = field(default_factory=dict)
    fixes: tuple[str, ...] | None = None
    becomes: str | None = None
    category: Category | None = None
    layer: Layer | None = None

    def sentences(self) -> Iterator[tuple[str, Sentence]]:
        """Every sentence, with its key."""
        yield from self.slots.items()
        yield from self.labels.items()


def compiled(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a rule, or of rules/outcomes/COLLECTOR.toml, with their sentences parsed."""
    return {
        "always": _parsed(tables.get("always", {})),
        **{kind: {name: _parsed(each) for name, each in tables.get(kind, {}).items()} for kind in TABLES},
    }


def _parsed(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if key in _OTHERS else parse(value) for key, value in table.items()}


def layered(own: Mapping[str, Any], shared: Mapping[str, Any], outcome: str | None, message: str) -> Words:
    """What is said at the collector's `outcome` (None: it found nothing) of a `message` of this kind.

    The tables are compiled. An empty sentence says nothing: that is how a rule leaves one out.
    """
    table = {
        **dict.fromkeys(own["always"]),  # its labels come first
        **shared.get("always", {}),
        **own["always"],
        **shared.get("outcome", {}).get(outcome, {}),
        **own["message"].get(message, {}),
        **(own["alone"].get(message, {}) if outcome is None else own["outcome"].get(outcome, {})),
    }
    labels = {key: value for key, value in table.items() if key not in SLOTS and key not in _OTHERS and value}
    fixes = table.get("fixes")
    return Words(
        slots={key: value for key, value in table.items() if key in SLOTS and value},
        labels=labels,
        fixes=None if fixes is None else tuple(fixes),
        becomes=table.get("becomes"),
        category=Category(table["category"]) if "category" in table else None,
        layer=Layer(table["layer"]) if "layer" in table else None,
    )


def words_mistakes(head: Mapping[str, Any], fixes: Collection[str | None] | None) -> Iterator[str]:
    """What is wrong with the tables of a rule, or of rules/outcomes/COLLECTOR.toml (`fixes` None: any)."""
    tables = {"[always]": head.get("always", {})}
    for kind in TABLES:
        named = head.get(kind, {})
        if isinstance(named, dict):
            tables |= {f"[{kind}.{name}]": table for name, table in named.items()}
            yield from (f"[{kind}.{name}]: a name is UPPER_CASE" for name in named if not name.isupper())
    for where, table in tables.items():
        if not isinstance(table, dict):
            yield f"{where} is not a table"
            continue
        for key, value in table.items():
            if key == "fixes":
                if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                    yield f"{where}: fixes is not a list of names"
                elif unknown := [each for each in value if fixes is not None and each not in fixes]:
                    yield f"{where}: fixes names {unknown[0]!r}, and no [[fix]] has that name"
            elif not isinstance(value, str):
                yield f"{where}: {key} is not a string"
            elif key in _KINDS:
                if value not in {each.value for each in _KINDS[key]}:
                    yield f"{where}: {key} {value!r} is not one of docs/json.md"
            elif key not in _OTHERS:
                try:
                    parse(value)
                except SentenceError as error:
                    yield f"{where}: {key}: {error}"
