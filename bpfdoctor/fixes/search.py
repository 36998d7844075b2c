"""Patches found by trying: the check corrected, another argument passed, a number off by one put right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, Place, Safety
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Call, Condition, Declaration, Function, Span
from bpfdoctor.source.cvariants import Slip, Variant

_MOST_CONDITIONS = 6
_MOST_ARGUMENTS = 16
_MOST_LINES = 400  # of a function
_REGISTER = re.compile(r"[Rr]([1-5])")
_ARGUMENT = re.compile(r"arg#?([0-4])")
_WORD = re.compile(r"[A-Za-z_]\w*")


def candidates(refused: Diagnosis, texts: Mapping[str, str]) -> Iterator[Sequence[Fix]]:
    """Groups of patches, the likeliest group first; of one group the best that loads is the one to take.

    Each changes one thing. Nothing here is known to be right: a kernel has to accept it, and the program
    must still come to what was refused.
    """
    place = refused.location
    if place is None or not place.file.endswith((".c", ".h")) or place.file not in texts:
        return
    c = CFile(texts[place.file])
    function = c.function_at(place.line)
    if function is None:
        return
    yield from _arguments(refused, place, c, function)
    yield from _conditions(refused, place, c)
    yield _fixes(place.file, c, c.number_variants(place.line))


# The check


def _conditions(refused: Diagnosis, place: Place, c: CFile) -> Iterator[Sequence[Fix]]:
    """What the refused line hangs on: the condition that is at fault, then the nearest ones first."""
    names = _related(c, place)
    cause = refused.root_cause.place if refused.root_cause is not None else None
    at_fault = cause.line if cause is not None and cause.file == place.file else 0
    found = [
        each for each in c.conditions_before(place.line) if each.span.holds(at_fault) or each.names & names
    ]
    found.sort(key=lambda each: (not each.span.holds(at_fault), -each.span.line))
    for condition in found[:_MOST_CONDITIONS]:
        if condition.kind != "switch":
            yield _fixes(place.file, c, c.variants(condition.span), condition)


def _related(c: CFile, place: Place) -> frozenset[str]:
    """The variables of the refused line, and those that they were made from."""
    names = set(c.names_on(place.line))
    function = c.function_at(place.line)
    for made in reversed(c.assignments(None, function.start if function else 1, place.line)):
        if made.target in names:
            names |= set(_WORD.findall(made.value))
    return frozenset(names)


_WHY = {
    Slip.NEGATION: "As it stands, the condition lets through what it should turn away.",
    Slip.OPERATOR: "As it stands, the comparison lets through what it should turn away.",
    Slip.NUMBER: "The number is off by one.",
}


def _fixes(file: str, c: CFile, variants: Sequence[Variant], condition: Condition | None = None) -> list[Fix]:
    found = []
    for each in variants:
        edit = _edit(file, c, each.span, each.text)
        if edit is None:
            continue
        where = f" in “{condition.text}”" if condition is not None and each.was != condition.text else ""
        title = f"Write “{each.text}”, not “{each.was}”{where}"
        found.append(Fix(title, _WHY[each.slip], Safety.SAFE if condition else Safety.UNSAFE, (edit,)))
    return found


def _edit(file: str, c: CFile, span: Span, text: str) -> Edit | None:
    if span.line != span.end_line:
        return None
    line = c.line(span.line)
    changed = line[: span.column - 1] + text + line[span.end_column - 1 :]
    return Edit(file, span.line, span.line, (changed,))


# The use


def _arguments(refused: Diagnosis, place: Place, c: CFile, function: Function) -> Iterator[Sequence[Fix]]:
    """What else the refused call could get: what other calls get there, what is declared and never used …"""
    indexes = _indexes(refused)
    for call in c.calls_on(place.line, place.column):
        for index in indexes:
            if index < len(call.args):
                yield list(_of_argument(place, c, function, call, index))


def _indexes(refused: Diagnosis) -> list[int]:
    """Which arguments the message speaks of."""
    said = [str(value) for value in refused.finding.captures.values()]
    said += list(refused.facts.registers) if refused.facts is not None else []
    text = " ".join([*refused.finding.block.lines, *said])
    found = [int(number) - 1 for number in _REGISTER.findall(text)] + [
        int(n) for n in _ARGUMENT.findall(text)
    ]
    return list(dict.fromkeys(found))


def _of_argument(place: Place, c: CFile, function: Function, call: Call, index: int) -> Iterator[Fix]:
    was = call.args[index]
    others = {each.text for each in call.args}
    texts = [text for text in dict.fromkeys(_things(place, c, function, call, index)) if text not in others]
    for text in texts[:_MOST_ARGUMENTS]:
        edit = _edit(place.file, c, was.span, text)
        if edit is not None:
            title = f"Pass “{text}” to {call.name}, not “{was.text}”"
            yield Fix(
                title, "Of what this function has at hand, it is what the call takes.", Safety.UNSAFE, (edit,)
            )


def _things(place: Place, c: CFile, function: Function, call: Call, index: int) -> Iterator[str]:
    """Expressions that may be meant, the likeliest first."""
    yield from _sizes(place, c, call, index)
    known = [each for each in (*c.locals(function),) if each.span.line <= place.line]
    unused = [each for each in known if c.mentions(each.name, function.start, function.end) < 2]
    for each in unused:
        yield from _forms(each)
    for name in c.maps:
        if c.mentions(name) < 2:
            yield f"&{name}"
    for other in c.functions:
        if other.section is None and other.name != function.name and c.mentions(other.name) < 2:
            yield other.name
    for line in range(function.start, min(function.end, function.start + _MOST_LINES) + 1):
        for same in c.calls_on(line):
            if same.name == call.name and same.span != call.span and index < len(same.args):
                yield same.args[index].text
    for param in function.params:
        yield param.name
    for each in reversed(known):
        yield from _forms(each)
    for name in c.maps:
        yield f"&{name}"


def _forms(declared: Declaration) -> Iterator[str]:
    """A variable as an argument."""
    if declared.arrays or declared.pointer:
        yield declared.name
    elif declared.struct:
        yield f"&{declared.name}"
    else:
        yield declared.name
        yield f"&{declared.name}"


def _sizes(place: Place, c: CFile, call: Call, index: int) -> Iterator[str]:
    """The size of what stands beside it."""
    for near in (index - 1, index + 1):
        text = call.args[near].text if 0 <= near < len(call.args) else ""
        name = text.lstrip("&")
        declared = c.declaration_of(name, place.line) if name.isidentifier() else None
        if declared is not None and declared.pointer and not declared.arrays and name == text:
            yield f"sizeof(*{name})"
        elif declared is not None or "->" in name or "." in name:
            yield f"sizeof({name})"
