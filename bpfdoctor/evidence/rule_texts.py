"""What a rule's texts speak of is there: checked for every text of the catalogue, without a log.

A name in a text is a value that the message binds (`m.reg`), a field of what the collector returns
(`f.first`), or one of the few that every text may use. A text that speaks of what may be missing asks first:
`{% if f %}`, `m.kind is defined`, `f.name or 'it'`. Headline, wants, has and cause always have something to
say, and so has a fix; `lost`, `note` and `at_…` may be one `{% if %}` without `{% else %}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, get_type_hints

from bpfdoctor.catalogue import UNKNOWN, FixSpec, Rule
from bpfdoctor.catalogue.template import compile_template
from bpfdoctor.evidence.shown import Shown
from bpfdoctor.evidence.text_types import Bound, Checked, Value, fields_of, may_be_empty
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Kernel, Program

NamesOfFixer = Callable[[str], Collection[str]]
_NUMBERS = frozenset({"int", "hex", "num"})
_CAPTURE = re.compile(r"\bm\.(\w+)")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one kind of answer can speak of. `known` are the paths that were asked for before."""

    names: Mapping[str, Value]
    known: frozenset[str] = frozenset()

    def mistakes(self, where: str, text: str, *known: str) -> Iterator[str]:
        if "{" in text:
            for sentence in Checked(self.names).text(text, self.known.union(known)):
                yield f"{where}: {sentence}"

    def when(self, where: str, condition: str) -> Iterator[str]:
        yield from self.mistakes(where, f"{{% if {condition} %}}yes{{% endif %}}")

    def after(self, condition: str) -> _Answer | None:
        """What is known once the condition has come out true; None when it never does."""
        known = Checked(self.names).asked(condition) if condition else frozenset()
        return None if known is None else _Answer(self.names, self.known | known)

    def adding(self, names: Mapping[str, Value]) -> _Answer:
        return _Answer({**self.names, **names}, self.known)


def mistakes(rules: Sequence[Rule], of_fixer: NamesOfFixer) -> Iterator[str]:
    """A sentence for each name in a text that is not there, and for each text that may be empty and must not.

    `rules` are all of the catalogue: one may be found as another. `of_fixer` tells what a fixer fills in.
    """
    bound = {rule.name: _wordings(rule) for rule in rules}
    wider = [(each.rule, rule, each.when) for rule in rules for each in rule.becomes]
    for rule in rules:
        found_as = [(rule, ""), *((found, when) for name, found, when in wider if name == rule.name)]
        answers = list(_answers(rule, found_as, bound))
        told = (sentence for answer in answers for sentence in _of_rule(rule, answer, of_fixer))
        for sentence in dict.fromkeys((*_silent(rule), *_without_role(rule, answers), *told)):
            yield f"rules/{rule.topic}/{rule.name}.md: {sentence}"


def _answers(
    rule: Rule, found_as: list[tuple[Rule, str]], bound: Mapping[str, list[dict[str, str]]]
) -> Iterator[_Answer]:
    """One for each set of values that the rule's texts may find: of its own messages and of wider rules."""
    conditions = (when for _, when in found_as)
    spoken = set(_CAPTURE.findall(" ".join((*conditions, *_texts(rule)))))
    every = frozenset(name for found, _ in found_as for wording in bound[found.name] for name in wording)
    for found, when in found_as:
        facts = Value(_facts_type(found.evidence) if found.evidence else type(None), none=True)
        wordings = {
            tuple(sorted((name, kind) for name, kind in wording.items() if name in spoken))
            for wording in bound[found.name]
        }
        for wording in sorted(wordings):
            m = Bound({name: int if kind in _NUMBERS else str for name, kind in wording}, every)
            names = {
                "m": Value(m),
                "f": facts,
                "p": Value(Program, none=True),
                "k": Value(Kernel, none=True),
                "bcc": Value(bool),
                "insn": Value(int, none=True),
                "var": Value(_var),
            }
            if answer := _Answer(names).after(when):
                yield answer


def _var(register: str | None) -> str | None:
    """What `var` in a text is."""


def _wordings(rule: Rule) -> list[dict[str, str]]:
    """What each message of the rule binds: names, and the kinds of their values."""
    found = [
        {name: kind for line in match.lines for name, kind in compile_template(line).fields}
        if match.lines
        else {"errno": "int"}
        for match in rule.matches
    ]
    return [*found, {"message": "rest"}] if rule.name == UNKNOWN else found


def _facts_type(evidence: str) -> Any:
    module = import_module(f"bpfdoctor.evidence.{evidence}")
    if facts := getattr(module, "FACTS", None):
        return facts
    found: Any = get_type_hints(module.collect)["return"]
    return next(one for one in found.__args__ if one is not type(None))


def _texts(rule: Rule) -> Iterator[str]:
    yield from rule.labels.values()
    yield from (each.when for each in rule.becomes)
    yield from (each.when for each in rule.usual)
    for fix in rule.fixes:
        yield from (fix.when, fix.title, fix.why, fix.example, fix.code)


def _silent(rule: Rule) -> Iterator[str]:
    said = {f"[labels] {key}": rule.labels.get(key) for key in ("headline", "wants", "has", "cause")}
    for number, fix in enumerate(rule.fixes, 1):
        said |= {f"[[fix]] {number}: {key}": getattr(fix, key) for key in ("title", "why", "example")}
    for where, text in said.items():
        if text and may_be_empty(text):
            yield f"{where}: it may have nothing to say; give it an else, or the fix a when"


def _without_role(rule: Rule, answers: list[_Answer]) -> Iterator[str]:
    for key in rule.labels:
        role = key.removeprefix("at_")
        fields = {name for answer in answers for name in fields_of(answer.names["f"].hint)}
        if role not in (key, "access") and role not in fields:
            yield f"[labels] {key}: the rule's evidence has no {role}"


def _of_rule(rule: Rule, answer: _Answer, of_fixer: NamesOfFixer) -> Iterator[str]:
    for key, text in rule.labels.items():
        role, where = key.removeprefix("at_"), f"[labels] {key}"
        if key in ("lost", "cause") and rule.evidence:
            yield from answer.mistakes(where, text, "f")  # asked only where the evidence found something
        elif role in (key, "access"):
            yield from answer.mistakes(where, text)
        elif role in fields_of(answer.names["f"].hint):
            yield from answer.mistakes(where, text, "f", f"f.{role}")
    for number, each in enumerate(rule.becomes, 1):
        yield from answer.when(f"[[becomes]] {number}: when", each.when)
    for number, usual in enumerate(rule.usual, 1):
        if usual.when:
            yield from answer.adding({"shown": Value(Shown)}).when(f"[[usual]] {number}: when", usual.when)
    for number, fix in enumerate(rule.fixes, 1):
        yield from _of_fix(fix, f"[[fix]] {number}", answer, of_fixer)


def _of_fix(fix: FixSpec, where: str, answer: _Answer, of_fixer: NamesOfFixer) -> Iterator[str]:
    filled = of_fixer(fix.use) if fix.use else ()
    answer = answer.adding({name: Value(undefined=True) for name in filled})
    if fix.when:
        yield from answer.when(f"{where}: when", fix.when)
    if chosen := answer.after(fix.when):
        for key in ("title", "why", "example"):
            yield from chosen.mistakes(f"{where}: {key}", getattr(fix, key))
        yield from chosen.adding({name: Value() for name in filled}).mistakes(f"{where}: code", fix.code)
