"""What a rule says of one finding: its sentences with their values, each label at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.spoken import ALWAYS, KINDS
from bpfdoctor.catalogue import Rule
from bpfdoctor.catalogue.condition import names_in, sum_of
from bpfdoctor.catalogue.sentence import Sentence, values, written
from bpfdoctor.catalogue.words import Words
from bpfdoctor.model.diagnosis import Facts, Label, Place
from bpfdoctor.model.trace import Step

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """For a fix's code and its example, where they are templates; an undefined name is an error there.

    A template's name is its text.
    """
    from jinja2 import FunctionLoader

    from bpfdoctor import texts

    # Plain text: the renderers escape for their own medium.
    return texts.environment("rules", FunctionLoader(str), autoescape=False)


def is_template(text: str) -> bool:
    """Most texts are plain, and braces of C do not make a template of one: jinja2 takes 8 ms to import."""
    return "{{" in text or "{%" in text


def templates(rule: Rule) -> Iterator[str]:
    """Every text of the rule that is a template: what is compiled for the wheel."""
    yield from (text for fix in rule.fixes for text in (fix.code, fix.example) if is_template(text))


class Writer:
    """Writes a rule's texts about one finding. What cannot be written is a fault of ours, never a silent gap.

    `faults` are sentences: the text that failed, and why; every text of the catalogue is checked beforehand
    (contract), so there should be none.
    """

    def __init__(self, context: Context, facts: Facts | None) -> None:
        self._context = context
        self._facts = facts
        self.faults: list[str] = []

    def sentence(self, where: str, sentence: Sentence) -> str:
        """A sentence with its values; `where` names it in `faults`."""
        try:
            return say(sentence, self._context, self._facts)
        except Exception as error:  # whatever writing a value can raise, the rest of the answer is still good
            return self._fault(where, error)

    def can_say(self, sentence: Sentence) -> bool:
        """Whether all its values are known: of a piece of a message some are not."""
        known = {*self._context.captures, *ALWAYS}
        return all(names_in(name) <= known for name, _ in values(sentence))

    def code(self, where: str, template: str, names: Mapping[str, Any]) -> str:
        """A fix's code or example with these names, and `m`, what the message binds."""
        if not is_template(template):
            return template.strip("\n")
        try:
            filled = environment().get_template(template).render({"m": self._context.captures, **names})
        except Exception as error:  # as above
            return self._fault(where, error)
        return filled.strip("\n")

    def _fault(self, where: str, error: Exception) -> str:
        self.faults.append(f"{where}: {type(error).__name__}: {error}")
        return ""


def say(sentence: Sentence, context: Context, facts: Facts | None) -> str:
    """A sentence with its values: what the message bound, what is always known, fields of the facts.

    Raises for a name that none of them has. `dev check` proves for every rule and outcome that each exists.
    """

    def value(name: str) -> Any:
        if name in context.captures:
            return context.captures[name]
        if name in ALWAYS:
            return ALWAYS[name][1](context)
        if facts is None:
            raise KeyError(name)
        return facts.value(name)

    def write(name: str, kind: str) -> str:
        found = value(name) if name.isidentifier() else sum_of(name, {n: value(n) for n in names_in(name)})
        return KINDS[kind].write(found, context)

    return written(sentence, write).rstrip()  # its last value may be empty


def labels_of(words: Words, context: Context, facts: Facts | None, writer: Writer) -> tuple[Label, ...]:
    """The outcome's labels: `access` is the refused step, any other role that field of the facts.

    A label whose step or place the facts leave out is left out, too.
    """
    found = []
    for role, sentence in words.labels.items():
        at = context.step if role == "access" else facts.value(role) if facts is not None else None
        if at is not None and (text := writer.sentence(role, sentence)):
            found.append(_placed(role, text, at, context, facts))
    return tuple(found)


def _placed(role: str, text: str, at: object, context: Context, facts: Facts | None) -> Label:
    if not isinstance(at, Step):
        return Label(role, text, place=place_of(context, at))
    code = context.source.comment(at) or at.insn.text
    place = _exact(context, facts) if role == "access" else None
    return Label(role, text, at.insn.index, place or context.source.place(at), code, at.number)


def place_of(context: Context, at: object) -> Place | None:
    if isinstance(at, Place):
        return at
    return context.source.place(at) if isinstance(at, Step) else None


def _exact(context: Context, facts: Facts | None) -> Place | None:
    """The part of the refused line that the message is about, where the line's syntax tells."""
    from bpfdoctor.analysis.lib.argument import place_of_argument  # most messages name none

    return (facts.refused_at if facts is not None else None) or place_of_argument(context)


def reported_insn(context: Context, facts: Facts | None) -> int | None:
    """The instruction that the answer is about: the message's, the refused one, or what the evidence says.

    For refusals of before the first step that is the evidence, or the kernel's own report (7.3).
    """
    named = context.captures.get("insn")  # messages like "infinite loop detected at insn 6"
    if isinstance(named, int):
        return named
    if context.step is not None:
        return context.step.insn.index
    return facts.insn if facts is not None and facts.insn is not None else context.reported
