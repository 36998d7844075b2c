"""Turns a rule, a finding and its facts into a Diagnosis: the rule's jinja2 lines, filled in and placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from bpfdoctor.catalogue import Rule
from bpfdoctor.catalogue.condition import names_in, sum_of
from bpfdoctor.catalogue.sentence import Sentence, written
from bpfdoctor.catalogue.words import Words
from bpfdoctor.evidence.argument import place_of_argument
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.evidence.spoken import ALWAYS, KINDS
from bpfdoctor.evidence.subjects import register_in
from bpfdoctor.model.diagnosis import Label, Place
from bpfdoctor.model.report import Flavour
from bpfdoctor.model.trace import Step

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """One jinja2 environment, in which an undefined name is an error.

    A template's name is its text.
    """
    from jinja2 import FunctionLoader

    from bpfdoctor import texts
    from bpfdoctor.evidence import words

    # Plain text: the renderers escape for their own medium.
    environment = texts.environment("rules", FunctionLoader(str), autoescape=False)
    environment.filters.update(words.FILTERS)
    return environment


def templates(rule: Rule) -> Iterator[str]:
    """Every text of the rule that is filled in: what is compiled for the wheel."""
    given = [rule.title, *rule.labels.values()]
    given += [text for fix in rule.fixes for text in (fix.code, fix.example)]
    given += [getattr(fix, key) for fix in rule.fixes for key in ("title", "why") if key not in fix.said]
    yield from (text for text in given if "{" in text)
    conditions = [each.when for some in (rule.becomes, rule.usual, rule.fixes) for each in some]
    yield from (_question(condition) for condition in conditions if condition)


def _question(condition: str) -> str:
    return f"{{% if {condition} %}}yes{{% endif %}}"


class Wording:
    """Writes a rule's texts about one finding. What cannot be written is a fault of ours, never a silent gap.

    `names` are those of `values()`, for a fix those of its plan too. `faults` are sentences: the text that
    failed, and why; every text of the catalogue is checked beforehand (rule_texts), so there should be none.
    """

    def __init__(self, names: Mapping[str, Any], faults: list[str] | None = None) -> None:
        self.names = names
        self.faults: list[str] = [] if faults is None else faults

    def with_names(self, more: Mapping[str, Any]) -> Wording:
        """The same with more names."""
        return Wording({**self.names, **more}, self.faults)

    def text(self, where: str, template: str) -> str:
        """The template filled in; it may have nothing to say: "". `where` names it in `faults`."""
        if "{" not in template:
            return template.strip("\n")
        try:
            text: str = environment().get_template(template).render(self.names)
        except Exception as error:  # whatever a template can raise, the rest of the answer is still good
            self.faults.append(f"{where}: {type(error).__name__}: {error}")
            return ""
        return text.strip("\n")

    def needed(self, where: str, template: str) -> str:
        """The template filled in; to have nothing to say is a fault."""
        before = len(self.faults)
        text = self.text(where, template)
        if not text.strip() and template and len(self.faults) == before:
            self.faults.append(f"{where}: it is empty")
        return text

    def holds(self, where: str, condition: str) -> bool:
        """Whether a rule's `when` is true."""
        return bool(self.text(where, _question(condition)))

    def said(self, where: str, sentence: Sentence, context: Context, facts: Facts | None) -> str:
        """A sentence of an outcome with its values; never empty, unless it is a fault."""
        try:
            return say(sentence, context, facts)
        except Exception as error:  # as above
            self.faults.append(f"{where}: {type(error).__name__}: {error}")
            return ""


def values(context: Context, facts: Facts | None) -> dict[str, Any]:
    """The names a rule's templates may use: f (facts), m (message), p (program), k (kernel), bcc …"""
    step = context.step
    named = context.captures.get("insn")  # messages like "infinite loop detected at insn 6"
    return {
        "f": facts,
        "m": context.captures,
        "p": context.raw.program,
        "k": context.raw.kernel,
        "bcc": context.raw.flavour in (Flavour.BCC, Flavour.PYTHON),
        "insn": named if isinstance(named, int) else step.insn.index if step else _untold(context, facts),
        "var": lambda name: context.called(register_in(name)),
    }


def _untold(context: Context, facts: Facts | None) -> int | None:
    """Refusals of before the first step: where the evidence or the kernel's own report (7.3) says it is."""
    return facts.insn if facts is not None and facts.insn is not None else context.reported


def say(sentence: Sentence, context: Context, facts: Facts | None) -> str:
    """A sentence with its values: what the message bound, what is always known, fields of the facts.

    Raises for a name that none of them has. `dev check` proves for every rule and outcome that each exists.
    """

    def value(name: str) -> Any:
        if name in context.captures:
            return context.captures[name]
        return ALWAYS[name][1](context) if name in ALWAYS else getattr(facts, name)

    def write(name: str, kind: str) -> str:
        found = value(name) if name.isidentifier() else sum_of(name, {n: value(n) for n in names_in(name)})
        return KINDS[kind].write(found, context)

    return written(sentence, write)


def labels_of(words: Words, context: Context, facts: Facts | None, wording: Wording) -> tuple[Label, ...]:
    """The outcome's labels: `access` is the refused step, any other role that field of the facts.

    A label whose step or place the facts leave out is left out, too.
    """
    found = []
    for role, sentence in words.labels.items():
        at = context.step if role == "access" else getattr(facts, role, None)
        if at is not None and (text := wording.said(role, sentence, context, facts)):
            found.append(_placed(role, text, at, context, facts))
    return tuple(found)


def _placed(role: str, text: str, at: object, context: Context, facts: Facts | None) -> Label:
    if not isinstance(at, Step):
        return Label(role, text, place=place_of(context, at))
    code = context.source.comment(at) or at.insn.text
    place = _exact(context, facts) if role == "access" else None
    return Label(role, text, at.insn.index, place or context.source.place(at), code)


def place_of(context: Context, at: object) -> Place | None:
    if isinstance(at, Place):
        return at
    return context.source.place(at) if isinstance(at, Step) else None


def _exact(context: Context, facts: Facts | None) -> Place | None:
    """The part of the refused line that the message is about, where the line's syntax tells."""
    return (facts.refused_at if facts is not None else None) or place_of_argument(context)


def labels(rule: Rule, context: Context, facts: Facts | None, wording: Wording) -> tuple[Label, ...]:
    """The rule's `at_…` lines: `access` is the refused step, any other role that field of the facts."""
    found = []
    for key, template in rule.labels.items():
        if not key.startswith("at_"):
            continue
        role = key.removeprefix("at_")
        at = context.step if role == "access" else getattr(facts, role, None)
        if at is None or not (text := wording.text(key, template)):
            continue
        found.append(_placed(role, text, at, context, facts))
    return tuple(found)
