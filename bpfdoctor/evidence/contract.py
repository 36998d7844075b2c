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
from bpfdoctor.catalogue.condition import names_in
from bpfdoctor.catalogue.sentence import values
from bpfdoctor.catalogue.template import compile_template
from bpfdoctor.catalogue.words import MESSAGE, TABLES, Words
from bpfdoctor.evidence.answer import Outcome
from bpfdoctor.evidence.spoken import ALWAYS, KINDS

_NEEDED = ("headline", "wants", "has")
_CAPTURED = {"int": "int", "hex": "int", "num": "int"}  # by kind of the message's template; the others: str


def check(catalogue: Catalogue) -> list[str]:
    """Everything that is wrong, in order; [] when all is well."""
    rules = [rule for rule in catalogue.rules if rule.said]
    led_to: dict[str, list[Rule]] = {}
    for rule in rules:
        for outcome, message in _pairs(rule, rule.evidence):
            if (narrower := rule.words(outcome, message).becomes) is not None:
                led_to.setdefault(narrower, []).append(rule)
    names = {rule.name for rule in catalogue.rules}
    return [
        *(sentence for rule in rules for sentence in _of_rule(rule, led_to.get(rule.name, []))),
        *(f"{led_to[name][0].name}: no rule is called {name!r}" for name in led_to if name not in names),
    ]


def unreached(rule: Rule) -> set[str]:
    """The outcomes that no program of the corpus leads to, for the reason that the rule gives."""
    tables = [*rule.said.get("outcome", {}).items(), *rule.shared.get("outcome", {}).items()]
    return {name for name, table in tables if table.get("unreached")}


def _pairs(rule: Rule, evidence: str | None) -> list[tuple[str | None, str]]:
    """Every (outcome, message) that its sentences are looked up for; outcome None: the message alone."""
    messages = [*_of_messages(rule)]
    found = outcomes_of(evidence) if evidence else []
    return [(None, each) for each in messages] + [(o, m) for o in found for m in messages or [MESSAGE]]


def _of_rule(rule: Rule, wider: list[Rule]) -> Iterator[str]:
    where = f"rules/{rule.topic}/{rule.name}.md"
    messages = _of_messages(rule)
    evidence = rule.evidence or next((each.evidence for each in wider if each.evidence), None)
    fields = fields_of(evidence) if evidence else {}
    given = {"outcome": {*outcomes_of(evidence)} if evidence else set(), "message": set(messages)}
    for kind in TABLES:
        for name in sorted(rule.said[kind].keys() - given.get(kind, given["message"])):
            yield f"{where}: [{kind}.{name}]: no {'collector' if kind == 'outcome' else '[[match]]'} gives it"
    named = {fix.name for fix in rule.fixes}
    told: dict[str, list[str]] = {}  # what holds at several outcomes is said once
    for outcome, message in _pairs(rule, evidence):
        words, known = rule.words(outcome, message), messages.get(message, {})
        wrong = [f"there is no [[fix]] {fix!r}" for fix in words.fixes or () if fix not in named]
        if words.becomes is None:
            wrong += [f"{key} is missing" for key in _NEEDED if key not in words.slots]
        known = {**(fields if outcome else {}), **{name: kind for name, (kind, _) in ALWAYS.items()}, **known}
        for sentence in (*wrong, *_names(words, known, evidence, outcome is None)):
            told.setdefault(sentence, []).append(outcome or f"{message} alone")
    for sentence, at in told.items():
        yield f"{where}: {', '.join(dict.fromkeys(at))}: {sentence}"


def _names(words: Words, known: Mapping[str, str], evidence: str | None, alone: bool) -> Iterator[str]:
    for key, sentence in words.sentences():
        if alone and key in words.labels and key != "access":
            continue  # a label of the facts is left out without them
        for name, kind in values(sentence):
            if kind not in KINDS:
                yield f"{key}: there is no kind {kind!r}; kinds are {', '.join(filter(None, KINDS))}"
            elif unknown := names_in(name) - known.keys():
                yield f"{key}: nothing is called {min(unknown)!r} here{_near(min(unknown), known)}"
            elif not name.isidentifier():
                if odd := [each for each in sorted(names_in(name)) if known[each] != "int"]:
                    yield f"{key}: {{{name}}}: {odd[0]} is {known[odd[0]]}, and a sum is of numbers"
            elif known[name] not in KINDS[kind].takes:
                yield f"{key}: {{{name}:{kind}}}: {name} is {known[name]}, and that is written otherwise"
    for role in words.labels:
        if role != "access" and not (alone and evidence) and role not in known:
            yield f"{role}: a label's name is `access`, or a step or place among the facts"


def _near(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [*known], n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(sorted(known))}"


def _of_messages(rule: Rule) -> dict[str, dict[str, str]]:
    """Each kind of message that the rule tells apart, with the values that every such message binds."""
    bound: dict[str, list[dict[str, str]]] = {}
    for match in rule.matches:
        fields = [field for line in match.lines for field in compile_template(line).fields]
        types = {name: _CAPTURED.get(kind, "str") for name, kind in fields}
        bound.setdefault(match.message, []).append(types | ({"errno": "int"} if match.errno else {}))
    if rule.name == UNKNOWN:
        bound = {MESSAGE: [{"message": "str"}]}
    return {message: _common(every) for message, every in bound.items()}


def _common(every: Iterable[Mapping[str, str]]) -> dict[str, str]:
    first, *more = [*every] or [{}]
    return {name: kind for name, kind in first.items() if all(other.get(name) == kind for other in more)}


def outcomes_of(evidence: str) -> list[str]:
    """The names of the collector's outcomes."""
    collector = import_module(f"bpfdoctor.evidence.{evidence}")
    return [each.name for each in getattr(collector, "OUTCOMES", outcome_type(evidence))]


def outcome_type(evidence: str) -> type[Outcome]:
    """The collector's list of outcomes. Where it shares the list, OUTCOMES are those that it can have."""
    found: type[Outcome] = import_module(f"bpfdoctor.evidence.{evidence}").Outcome
    return found


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
