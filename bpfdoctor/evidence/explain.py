"""Turns a rule, a finding and its facts into a Diagnosis: the rule's jinja2 lines, filled in and placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from bpfdoctor.catalogue import Rule
from bpfdoctor.catalogue.sentence import Sentence, written
from bpfdoctor.catalogue.words import Words
from bpfdoctor.evidence.argument import place_of_argument
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.evidence.spoken import KINDS
from bpfdoctor.model.diagnosis import Label, Place
from bpfdoctor.model.trace import Step

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """One jinja2 environment: undefined names fail, so a label without its fact is left out.

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
    given += [text for fix in rule.fixes for text in (fix.title, fix.why, fix.code, fix.example)]
    yield from (text for text in given if "{" in text)
    conditions = [each.when for each in rule.becomes] + [each.when for each in rule.usual if each.when]
    yield from map(_question, conditions)


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with `values` filled in; "" when one of them is missing. Source: a rule's head."""
    if "{" not in template:
        return template.strip("\n")
    from jinja2 import TemplateError

    try:
        text: str = environment().get_template(template).render(values)
    except (TemplateError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError):
        # StrictUndefined, or arithmetic on a value the log did not show: the line has nothing to say.
        return ""
    return text.strip("\n")


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether a rule's `when` is true of the values; one that is not known makes it false."""
    return bool(fill(_question(condition), values))


def _question(condition: str) -> str:
    return f"{{% if {condition} %}}yes{{% endif %}}"


def values(context: Context, facts: Facts | None) -> dict[str, Any]:
    """The names a rule's templates may use: f (facts), m (message), p (program), k (kernel), insn, var()."""
    step = context.step
    named = context.captures.get("insn")  # messages like "infinite loop detected at insn 6"
    return {
        "f": facts,
        "m": context.captures,
        "p": context.raw.program,
        "k": context.raw.kernel,
        "insn": named if isinstance(named, int) else step.insn.index if step else _untold(context, facts),
        "var": context.called,
    }


def _untold(context: Context, facts: Facts | None) -> int | None:
    """Refusals of before the first step: where the evidence or the kernel's own report (7.3) says it is."""
    return facts.insn if facts is not None and facts.insn is not None else context.reported


def say(sentence: Sentence, context: Context, facts: Facts | None) -> str:
    """A sentence with its values: fields of the facts, else what the message bound. KeyError: neither.

    `dev check` proves for every rule and outcome that each name exists.
    """

    def write(name: str, kind: str) -> str:
        value = getattr(facts, name) if hasattr(facts, name) else context.captures[name]
        return KINDS[kind].write(value, context)

    return written(sentence, write)


def labels_of(words: Words, context: Context, facts: Facts | None) -> tuple[Label, ...]:
    """The outcome's labels: `access` is the refused step, any other role that field of the facts.

    A label whose step or place the facts leave out is left out, too.
    """
    found = []
    for role, sentence in words.labels.items():
        at = context.step if role == "access" else getattr(facts, role, None)
        if at is not None:
            found.append(_placed(role, say(sentence, context, facts), at, context))
    return tuple(found)


def _placed(role: str, text: str, at: object, context: Context) -> Label:
    if not isinstance(at, Step):
        return Label(role, text, place=place_of(context, at))
    code = context.source.comment(at) or at.insn.text
    place = place_of_argument(context) if role == "access" else None
    return Label(role, text, at.insn.index, place or context.source.place(at), code)


def place_of(context: Context, at: object) -> Place | None:
    if isinstance(at, Place):
        return at
    return context.source.place(at) if isinstance(at, Step) else None


def labels(rule: Rule, context: Context, facts: Facts | None, names: Mapping[str, Any]) -> tuple[Label, ...]:
    """The rule's `at_…` lines: `access` is the refused step, any other role that field of the facts."""
    found = []
    for key, template in rule.labels.items():
        if not key.startswith("at_"):
            continue
        role = key.removeprefix("at_")
        at = context.step if role == "access" else getattr(facts, role, None)
        if at is None or not (text := fill(template, names)):
            continue
        found.append(_placed(role, text, at, context))
    return tuple(found)
