"""What must be true between rules and collectors: every outcome has its sentences, every name in them exists.

`bpfdoctor dev check` prints what is not, one sentence each, and a test demands that there is nothing.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from bpfdoctor.analysis.answer import Outcome
from bpfdoctor.analysis.explain import environment, is_template
from bpfdoctor.analysis.lib.log_summary import LogSummary
from bpfdoctor.analysis.spoken import ALWAYS, KINDS
from bpfdoctor.catalogue import AMBIGUOUS, UNKNOWN, Catalogue, FixSpec, Rule, condition
from bpfdoctor.catalogue.condition import names_in
from bpfdoctor.catalogue.sentence import Sentence, values
from bpfdoctor.catalogue.template import compile_template
from bpfdoctor.catalogue.words import MESSAGE, TABLES, Words
from bpfdoctor.model.diagnosis import INTERNAL_ERROR
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.remark import REMARK_RULES

_WITHOUT_MATCH = {
    UNKNOWN: ("message",),
    AMBIGUOUS: ("message",),
    INTERNAL_ERROR: ("error", "version"),
    **REMARK_RULES,
}  # what the finding binds
_NEEDED = ("headline", "wants", "has")
_CAPTURED = {"int": "int", "hex": "int", "num": "int"}  # by kind of the message's template; the others: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """One case that a rule must have words for. `outcome` None: the message alone; `known` are its names."""

    outcome: str | None
    message: str
    known: Mapping[str, str]
    evidence: str | None


def check(catalogue: Catalogue) -> list[str]:
    """Everything that is wrong, in order; [] when all is well."""
    wider = _narrowed(catalogue)
    names = {rule.name for rule in catalogue.rules}
    return [
        *(
            sentence
            for rule in catalogue.rules
            for sentence in _of_rule(rule, [answer for _, answer in wider.get(rule.name, ())])
        ),
        *(f"{wider[name][0][0].name}: no rule is called {name!r}" for name in wider if name not in names),
    ]


def unreached(rule: Rule) -> set[str]:
    """The outcomes that no program of the corpus leads to, for the reason that the rule gives."""
    tables = [*rule.said.get("outcome", {}).items(), *rule.shared.get("outcome", {}).items()]
    return {name for name, table in tables if table.get("unreached")}


def collectors(catalogue: Catalogue) -> dict[str, set[str]]:
    """The collectors that each rule's programs are looked at with: its own, and those of wider rules."""
    found = {rule.name: {rule.evidence} if rule.evidence else set() for rule in catalogue.rules}
    for name, answers in _narrowed(catalogue).items():
        found[name] |= {rule.evidence for rule, _ in answers if rule.evidence}
    return found


def _narrowed(catalogue: Catalogue) -> dict[str, list[tuple[Rule, _Answer]]]:
    """The answers that wider rules leave to narrower ones, by the narrower rule's name."""
    found: dict[str, list[tuple[Rule, _Answer]]] = {}
    for rule in catalogue.rules:
        for answer in _own(rule):
            if (narrower := rule.words(answer.outcome, answer.message).becomes) is not None:
                found.setdefault(narrower, []).append((rule, answer))
    return found


def _own(rule: Rule) -> Iterator[_Answer]:
    """What the rule's own messages and its collector lead to."""
    messages, evidence = _of_messages(rule), rule.evidence
    always = {name: kind for name, (kind, _) in ALWAYS.items()}
    for message, bound in messages.items():
        yield _Answer(None, message, {**always, **bound}, evidence)
    if evidence:
        known = {**fields_of(evidence), **always}
        for outcome in outcomes_of(evidence):
            for message, bound in (messages or {MESSAGE: {}}).items():
                yield _Answer(outcome, message, {**known, **bound}, evidence)


def _of_rule(rule: Rule, left_to_it: list[_Answer]) -> Iterator[str]:
    where = f"rules/{rule.topic}/{rule.name}.md"
    answers = [*_own(rule), *left_to_it]
    messages = {each.message for each in answers}
    for kind in TABLES:
        given = {each.outcome for each in answers} if kind == "outcome" else messages
        for name in sorted(rule.said[kind].keys() - given):
            yield f"{where}: [{kind}.{name}]: no {'collector' if kind == 'outcome' else '[[match]]'} gives it"
    if rule.evidence:
        for name in sorted(rule.shared.get("outcome", {}).keys() - outcome_type(rule.evidence).__members__):
            yield f"{where}: its shared words are for {name}, too, which no collector gives"
    told: dict[str, list[str]] = {}  # what holds at several outcomes is said once
    for each in answers:
        for sentence in _of_answer(rule, each):
            told.setdefault(sentence, []).append(each.outcome or f"{each.message} alone")
    bound = {name for each in answers if each.outcome is None for name in each.known} | {
        *LogSummary.__slots__
    }
    for number, usual in enumerate(rule.usual, 1):
        for name in sorted({name for when in usual.when for name in condition.check(when)} - bound):
            yield f"{where}: [[usual]] {number}: when: nothing is called {name!r} here{_near(name, bound)}"
    for sentence, at in told.items():
        yield f"{where}: {', '.join(dict.fromkeys(at))}: {sentence}"


def _of_answer(rule: Rule, answer: _Answer) -> Iterator[str]:
    words = rule.words(answer.outcome, answer.message)
    if words.becomes is None:
        yield from (f"{key} is missing" for key in _NEEDED if key not in words.slots)
    named = {fix.name: fix for fix in rule.fixes}
    offered = [*named] if words.fixes is None else words.fixes
    yield from (f"there is no [[fix]] {name!r}" for name in offered if name not in named)
    yield from _labels(words, answer)
    alone = answer.outcome is None
    for key, sentence in words.sentences():
        if not (alone and key in words.labels and key != "access"):  # a label of the facts is left out then
            yield from _names(key, sentence, answer.known)
    if words.becomes is None:
        for name in offered:
            if (fix := named.get(name)) is not None:
                yield from _names(f"[[fix]] {name}: title", fix.title, answer.known)
                yield from _names(f"[[fix]] {name}: why", fix.why, answer.known)
                yield from _example(fix, answer.known)


def _example(fix: FixSpec, known: Mapping[str, str]) -> Iterator[str]:
    """The example filled with a value for each name."""
    if not is_template(fix.example):
        return
    from jinja2 import TemplateError

    values = {name: 8 if kind == "int" else "name" for name, kind in known.items()}
    try:
        environment().from_string(fix.example).render(m=values, f=values)
    except TemplateError as error:
        yield f"[[fix]] {fix.name}: example: {error.message}"


def _labels(words: Words, answer: _Answer) -> Iterator[str]:
    if answer.outcome is None and answer.evidence:
        return
    for role in words.labels:
        if role != "access" and role not in answer.known:
            yield f"{role}: a label's name is `access`, or a step or place among the facts"


def _names(key: str, sentence: Sentence, known: Mapping[str, str]) -> Iterator[str]:
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
    if rule.name in _WITHOUT_MATCH:
        bound = {MESSAGE: [dict.fromkeys(_WITHOUT_MATCH[rule.name], "str")]}
    return {message: _common(every) for message, every in bound.items()}


def _common(every: Iterable[Mapping[str, str]]) -> dict[str, str]:
    first, *more = [*every] or [{}]
    return {name: kind for name, kind in first.items() if all(other.get(name) == kind for other in more)}


def outcomes_of(evidence: str) -> list[str]:
    """The names of the collector's outcomes."""
    collector = import_module(f"bpfdoctor.analysis.collectors.{evidence}")
    return [each.name for each in getattr(collector, "OUTCOMES", outcome_type(evidence))]


def outcome_type(evidence: str) -> type[Outcome]:
    """The collector's list of outcomes. Where it shares the list, OUTCOMES are those that it can have."""
    found: type[Outcome] = import_module(f"bpfdoctor.analysis.collectors.{evidence}").Outcome
    return found


def fields_of(evidence: str) -> dict[str, str]:
    """The collector's facts by name, with their types as written: fields, and what properties return."""
    facts: Any = import_module(f"bpfdoctor.analysis.collectors.{evidence}").FACTS
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
