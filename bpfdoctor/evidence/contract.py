"""What must be true between rules and collectors: every outcome has its sentences, every name in them exists.

`bpfdoctor dev check` prints what is not, one sentence each, and a test demands that there is nothing.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from bpfdoctor.catalogue import UNKNOWN, Catalogue, Rule
from bpfdoctor.catalogue.sentence import values
from bpfdoctor.catalogue.template import compile_template
from bpfdoctor.catalogue.words import Words
from bpfdoctor.evidence.spoken import KINDS

_NEEDED = ("headline", "wants", "has")
_CAPTURED = {"int": "int", "hex": "int", "num": "int"}  # by kind of the message's template; the others: str


def check(catalogue: Catalogue) -> list[str]:
    """Everything that is wrong, in order; [] when all is well."""
    rules = [rule for rule in catalogue.rules if speaks_in_outcomes(rule)]
    led_to = {words.becomes: rule for rule in catalogue.rules for words in rule.outcomes.values()}
    names = {rule.name for rule in catalogue.rules}
    return [
        *(sentence for rule in rules for sentence in _of_rule(rule, led_to.get(rule.name))),
        *(
            f"{rule.name}: no rule is called {name!r}"
            for name, rule in led_to.items()
            if name and name not in names
        ),
    ]


def speaks_in_outcomes(rule: Rule) -> bool:
    return bool(rule.always.slots or rule.outcomes)


def _of_rule(rule: Rule, wider: Rule | None) -> Iterator[str]:
    where = f"rules/{rule.topic}/{rule.name}.md"
    needed = dict(_of_messages(rule))
    if (evidence := rule.evidence or (wider.evidence if wider else None)) is not None:
        captured = _common(needed.values()) if rule.matches else {}
        fields = fields_of(evidence)
        needed |= {name: {**captured, **fields} for name in outcomes_of(evidence)}
    for name in sorted(set(rule.outcomes) - set(needed)):
        yield f"{where}: [outcome.{name}]: no [[match]] and no collector of this rule gives it"
    named = {fix.name for fix in rule.fixes}
    told: dict[str, list[str]] = {}  # what holds at several outcomes is said once
    for name, known in needed.items():
        words = rule.words(name)
        if words.becomes is None:
            yield from (f"{where}: {key} is missing at {name}" for key in _NEEDED if key not in words.slots)
        for sentence in _names(words, known, evidence):
            told.setdefault(sentence, []).append(name)
        for fix in words.fixes or ():
            if fix not in named:
                told.setdefault(f"fixes names {fix!r}, and no [[fix]] has that name", []).append(name)
    yield from (f"{where}: {', '.join(at)}: {sentence}" for sentence, at in told.items())


def _names(words: Words, known: Mapping[str, str], evidence: str | None) -> Iterator[str]:
    for key, sentence in words.sentences():
        for name, kind in values(sentence):
            if kind not in KINDS:
                yield f"{key}: there is no kind {kind!r}; kinds are {', '.join(filter(None, KINDS))}"
            elif name not in known:
                yield f"{key}: nothing is called {name!r} here{_near(name, known)}"
            elif known[name] not in KINDS[kind].takes:
                yield f"{key}: {{{name}:{kind}}}: {name} is {known[name]}, and that is written otherwise"
    for role in words.labels:
        if role != "access" and (evidence is None or role not in known):
            yield f"{role}: a label's name is `access`, or a step or place among the facts"


def _near(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [*known], n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(sorted(known))}"


def _of_messages(rule: Rule) -> Iterator[tuple[str, dict[str, str]]]:
    """Each outcome that a message by itself has, with the values that every such message binds."""
    bound: dict[str, list[dict[str, str]]] = {}
    for match in rule.matches:
        fields = [field for line in match.lines for field in compile_template(line).fields]
        types = {name: _CAPTURED.get(kind, "str") for name, kind in fields}
        bound.setdefault(match.outcome, []).append(types | ({"errno": "int"} if match.errno else {}))
    if rule.name == UNKNOWN:
        bound = {"MESSAGE": [{"message": "str"}]}
    for outcome, every in bound.items():
        yield outcome, _common(every)


def _common(every: Iterable[Mapping[str, str]]) -> dict[str, str]:
    first, *more = [*every] or [{}]
    return {name: kind for name, kind in first.items() if all(other.get(name) == kind for other in more)}


def outcomes_of(evidence: str) -> list[str]:
    """The names of the collector's outcomes."""
    return [each.name for each in import_module(f"bpfdoctor.evidence.{evidence}").Outcome]


def fields_of(evidence: str) -> dict[str, str]:
    """The collector's facts by name, with their types as written: fields, and what properties return."""
    facts: Any = import_module(f"bpfdoctor.evidence.{evidence}").FACTS
    found: dict[str, str] = {}
    for base in reversed(facts.__mro__):
        found |= {name: _plain(kind) for name, kind in inspect.get_annotations(base).items()}
        for name, value in vars(base).items():
            if isinstance(value, property) and value.fget is not None and not name.startswith("_"):
                found[name] = _plain(inspect.signature(value.fget).return_annotation)
    return found


def _plain(annotation: object) -> str:
    """`tuple[Part, ...]` -> `tuple`; `int | None` stays: a value that may be missing is for no sentence."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return re.sub(r"\[.*\]", "", text)
