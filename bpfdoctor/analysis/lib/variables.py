"""Which C variables a step's line is about: what a condition compares, what an index or a length is."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.formats.c_text import bare
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.cvalues import AccessKind

_WORD = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*\()")
_INDEX = re.compile(r"\[([^\[\]]*)\]")
_CONDITION = re.compile(r"\b(?:if|while|for|switch)\b\s*\((.*)", re.DOTALL)
_NO_VARIABLE = re.compile(
    r"if|else|while|for|do|switch|return|sizeof|struct|union|enum|void|char|short|int|long|unsigned|signed|const"
    r"|volatile|static|goto|break|continue"
)


def words(text: str) -> frozenset[str]:
    """The names of variables and members in a piece of C; macros, types and functions are left out."""
    found = _WORD.findall(bare(text))
    return frozenset(word for word in found if not _NO_VARIABLE.fullmatch(word) and not word.isupper())


def compared_words(context: Context, branch: Step) -> frozenset[str]:
    """What the condition of a branch compares; empty when the log does not say."""
    place = context.source.place(branch)
    c = context.source.c(place.file) if place else None
    if place is not None and c is not None:
        here = [each.text for each in c.conditions_before(place.line) if each.span.holds(place.line)]
        return words(" ".join(here))
    condition = _CONDITION.search(context.source.comment(branch) or "")
    return words(condition[1]) if condition else frozenset()


def used_words(context: Context, step: Step) -> frozenset[str]:
    """What the index of an access, or the arguments of a call, are made of; empty when nothing says so."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    text = context.source.comment(step) or ""
    if place is not None and c is not None:
        if step.insn.op is Op.CALL:
            calls = [call for call in c.calls_on(place.line, place.column) if call.name == step.insn.callee]
            return words(" ".join(arg.text for call in calls for arg in call.args))
        indices = [
            each.member for each in c.accesses_on(place.line, place.column) if each.kind is AccessKind.INDEX
        ]
        if indices:
            return words(" ".join(indices))
        text = c.line(place.line)
    inside = _INDEX.findall(bare(text))
    return words(" ".join(inside) if inside and step.insn.op is not Op.CALL else text)


def is_volatile(context: Context, step: Step) -> bool:
    """Whether the source asks for every read: a variable of the step's line is declared volatile."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return False
    declared = [c.declaration_of(name, place.line) for name in c.names_on(place.line)]
    return any("volatile" in each.type.split() for each in declared if each is not None)
