"""Patches found by trying: the check corrected, another argument passed, a number off by one put right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpfdoctor.experiments.steps import Group
from bpfdoctor.fixes.regions import missing_halves
from bpfdoctor.fixes.reserve_all import pointers_made
from bpfdoctor.fixes.untested import null_tests
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, Place, Safety
from bpfdoctor.model.trace import Op
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Call, Condition, Declaration, Function, Span
from bpfdoctor.source.cvariants import Slip, Variant

_MOST_CONDITIONS = 6
_MOST_ARGUMENTS = 16
_MOST_LINES = 400  # of a function
_REGISTER = re.compile(r"[Rr]([1-5])")
_ARGUMENT = re.compile(r"arg#?([0-4])")
_NUMBER = re.compile(r"\(?(?:0x[0-9a-fA-F]+|\d+)\)?")
_ARRAY = re.compile(r"[^\[]*\[([^\]]+)\]")
_COMMENT = re.compile(r"/\*[^*]*\*/|//.*")
_REGION = re.compile(r"lock|rcu|preempt|irq")
_WORD = re.compile(r"[A-Za-z_]\w*")


def candidates(refused: Diagnosis, texts: Mapping[str, str]) -> Iterator[Group]:
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
    cause = refused.root_cause.place if refused.root_cause is not None else None
    is_check = cause is not None and cause.file == place.file and cause != place
    at_fault = cause.line if cause is not None and is_check else 0
    conditions = list(_conditions(place, c, at_fault))
    yield from (each for each in conditions if each.corrects)
    for fix in _other_order(place, c, function, at_fault):
        yield Group((fix,))
    for fix in _guarded(refused, place, c):
        yield Group((fix,))
    if _is_call(refused):
        for fix in null_tests(place, c, function):
            yield Group((fix,))
    said = " ".join(refused.finding.block.lines)
    if _REGION.search(said):
        for fix in missing_halves(place, c, function):
            yield Group((fix,))
    arguments = list(_arguments(refused, place, c, function, said))
    likely = [Group((fix,)) for odd, fix in arguments if odd]
    others = [Group((fix,)) for odd, fix in arguments if not odd]
    yield from (*likely, *(each for each in conditions if not each.corrects), *others)
    for line in (place.line, *_declared(c, place, function)):
        yield Group(tuple(_fixes(place.file, c, c.number_variants(line))))
    for fix in _sizes_of_what_was_reserved(place, c, function):
        yield Group((fix,))


def _declared(c: CFile, place: Place, function: Function) -> list[int]:
    """The lines that declare the arrays of the refused line."""
    found = (each for each in c.locals(function) if each.arrays and each.name in c.names_on(place.line))
    return [each.span.line for each in found if each.span.line != place.line]


def _sizes_of_what_was_reserved(place: Place, c: CFile, function: Function) -> Iterator[Fix]:
    """Where memory was asked for with a number: as many bytes as its type has."""
    for made, declared in pointers_made(c, function, place.line):
        if not declared.struct:
            continue
        for call in c.calls_on(made.span.line):
            for index, each in enumerate(call.args):
                if each.text.isdigit() and each.text != "0" and made.value.startswith(call.name):
                    yield from _passed(place.file, c, call, index, f"sizeof(*{made.target})")


# The check


def _conditions(place: Place, c: CFile, at_fault: int) -> Iterator[Group]:
    """What the refused line hangs on: the condition on the line at fault, then the nearest ones first."""
    # What the line at fault made may be tested the wrong way round, before the refused line.
    made = (
        {each.target for each in c.assignments(None, at_fault, at_fault)} if at_fault < place.line else set()
    )
    names = _related(c, place) | made
    found = [
        each
        for each in c.conditions_before(place.line)
        if each.kind != "switch" and (each.span.holds(at_fault) or each.names & names)
    ]
    found.sort(key=lambda each: (not each.span.holds(at_fault), -each.span.line))
    for each in found[:_MOST_CONDITIONS]:
        fixes = _fixes(place.file, c, c.variants(each.span), each)
        yield Group(tuple(fixes), corrects=each.span.holds(at_fault) or bool(each.names & made))


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
    Slip.SIGN: "Nothing lies before the beginning.",
    Slip.TERM: "As it stands, it reaches beyond the end.",
}


def _fixes(file: str, c: CFile, variants: Sequence[Variant], condition: Condition | None = None) -> list[Fix]:
    found = []
    for each in variants:
        edit = _edit(file, c, each.span, each.text)
        if edit is None or _means_another(c, each, condition is None):
            continue
        where = f" in “{condition.text}”" if condition is not None and each.was != condition.text else ""
        title = f"Write “{each.text}”, not “{each.was}”{where}"
        safety = Safety.SAFE if condition is not None and _is_near(each) else Safety.UNSAFE
        found.append(Fix(title, _WHY[each.slip], safety, (edit,)))
    return found


_ADDED_TO = re.compile(r"(\w+)\s*\+\s*$")
_DEREFERENCED = re.compile(r"\*\s*(?:\([^()]*\*\)\s*)?\(\s*$")


def _means_another(c: CFile, variant: Variant, is_use: bool) -> bool:
    """Whether another number means another thing: no header ends at `eth + 2`; `*(p + 1)` is another byte."""
    before = c.line(variant.span.line)[: variant.span.column - 1]
    if variant.slip is Slip.NUMBER and (added := _ADDED_TO.search(before)):
        before, name = before[: added.start()], added[1]
    elif variant.slip is Slip.TERM:
        name = variant.text
    else:
        return False
    declared = c.declaration_of(name, variant.span.line) if name.isidentifier() else None
    is_header = declared is not None and declared.pointer and declared.struct is not None
    return is_header or (is_use and _DEREFERENCED.search(before) is not None)


def _is_near(variant: Variant) -> bool:
    """Whether a condition only gets another limit: of another sense, runs do not show all that it changes."""
    if variant.slip is Slip.OPERATOR:
        return variant.was.strip("=") == variant.text.strip("=") != ""
    return variant.slip is not Slip.NEGATION


def _edit(file: str, c: CFile, span: Span, text: str) -> Edit | None:
    if span.line != span.end_line:
        return None
    line = c.line(span.line)
    changed = line[: span.column - 1] + text + line[span.end_column - 1 :]
    return Edit(file, span.line, span.line, (changed,))


# The order


def _other_order(place: Place, c: CFile, function: Function, at_fault: int) -> Iterator[Fix]:
    """The call that ends what is used later, after its use."""
    if not function.start <= at_fault < place.line:
        return
    found = c.later_sibling(at_fault, place.line)
    if found is None or not _is_whole_line(c, found[0]):
        return
    call, use = found
    if any(use.line <= each.span.line <= use.end_line for each in c.returns(function)):
        return  # it would not be made on that way
    moved = Edit(place.file, use.end_line + 1, use.end_line, (c.line(call.line),))
    taken_out = Edit(place.file, call.line, call.line, ())
    text = c.line(call.line)[call.column - 1 : call.end_column - 1]
    why = "What the call ends is used after it."
    yield Fix(f"Move “{text}” after the last use", why, Safety.SAFE, (taken_out, moved))


def _is_whole_line(c: CFile, span: Span) -> bool:
    """Whether nothing but a comment stands beside it."""
    line = c.line(span.line)
    beside = line[: span.column - 1] + _COMMENT.sub("", line[span.end_column - 1 :])
    return span.line == span.end_line and not beside.strip()


# The use

_TEST = re.compile(r"\s*if \((.*)\)$")
_SIMPLE = re.compile(r"[\w.>()*\[\]-]+")


def _guarded(refused: Diagnosis, place: Place, c: CFile) -> Iterator[Fix]:
    """Where leaving is refused, or what follows must happen: the use alone under the condition."""
    statement = c.statement_at(place.line)
    if statement is None or statement.kind != "expression_statement" or not statement.braced:
        return
    span = statement.span
    if not _is_whole_line(c, span):
        return
    for fix in refused.fixes:
        edit = fix.edits[0] if len(fix.edits) == 1 else None
        if edit is None or (edit.first, edit.last) != (span.line, span.line - 1) or len(edit.lines) != 2:
            continue
        test = _TEST.fullmatch(edit.lines[0])
        if test is None or not edit.lines[1].strip().startswith(("return", "goto", "break", "continue")):
            continue
        indent, text = c.indent_of(span.line), c.line(span.line).strip()
        lines = (f"{indent}if ({_opposite(test[1])})", f"{indent}{c.style.indent}{text}")
        guarded = Edit(edit.file, span.line, span.line, lines)
        why = "The way out cannot be taken here, so only the use is left out."
        yield Fix("Do it only where that is possible", why, fix.safety, (guarded,))


def _opposite(condition: str) -> str:
    """The other way round: `!p` becomes `p`."""
    if condition.startswith("!") and _SIMPLE.fullmatch(condition[1:]):
        return condition[1:]
    return f"!{condition}" if _SIMPLE.fullmatch(condition) else f"!({condition})"


_TYPES = {"map_ptr": "map", "ctx": "context", "func": "function", "scalar": "number", "inv": "number"}
_EXPECTED = re.compile(r"expected=(\w+)$")


def _arguments(
    refused: Diagnosis, place: Place, c: CFile, function: Function, said: str
) -> Iterator[tuple[bool, Fix]]:
    """What else the refused call could get: what is declared and never used, what other calls get …"""
    if not _is_call(refused):
        return
    indexes = _indexes(refused, said)
    for call in c.calls_on(place.line, place.column):
        texts = [each.text for each in call.args]
        odd = [
            i for i, text in enumerate(texts) if text in ("0", "NULL") or text in texts[:i] + texts[i + 1 :]
        ]
        for index in indexes or odd:
            if index < len(call.args):
                kind = _kind(said)
                # A length that is a variable is more often checked badly than passed in error.
                is_likely = kind != "size" or index in odd
                found = (text for text in _things(place, c, function, call, index, kind) if text not in texts)
                for text in list(dict.fromkeys(found))[:_MOST_ARGUMENTS]:
                    for fix in _passed(place.file, c, call, index, text):
                        yield is_likely, fix


def _is_call(refused: Diagnosis) -> bool:
    return refused.finding.step is not None and refused.finding.step.insn.op is Op.CALL


def _indexes(refused: Diagnosis, said: str) -> list[int]:
    """Which arguments the message speaks of."""
    known = [str(value) for value in refused.finding.captures.values()]
    known += refused.facts.registers if refused.facts is not None else ()
    text = " ".join([said, *known])
    found = [int(n) - 1 for n in _REGISTER.findall(text)] + [int(n) for n in _ARGUMENT.findall(text)]
    return list(dict.fromkeys(found))


def _kind(said: str) -> str:
    """What the call wants there."""
    if "zero-sized" in said or "min value" in said or "unbounded memory access" in said:
        return "size"
    expected = _EXPECTED.search(said)
    return _TYPES.get(expected[1], "pointer") if expected else "pointer" if "=" in said else "any"


def _passed(file: str, c: CFile, call: Call, index: int, text: str) -> Iterator[Fix]:
    was = call.args[index]
    edit = _edit(file, c, was.span, text)
    if edit is not None:
        title = f"Pass “{text}” to {call.name}, not “{was.text}”"
        why = "Of what the function has at hand, it is the first that a kernel takes there."
        yield Fix(title, why, Safety.UNSAFE, (edit,))


def _things(place: Place, c: CFile, function: Function, call: Call, index: int, kind: str) -> Iterator[str]:
    """Expressions that may be meant, the likeliest first."""
    if kind in ("size", "any", "number"):
        for name, macro in c.macros.items():
            if macro.params is None and _NUMBER.fullmatch(macro.value) and not c.mentions(name):
                yield name
        yield from _sizes(place, c, call, index)
    if kind == "context":
        yield from (each.name for each in function.params[:1])
    maps = [f"&{name}" for name in sorted(c.maps, key=lambda name: c.mentions(name) > 1)]
    if kind == "map":
        yield from maps
    if kind == "function":
        yield from _functions(c, function)
    if kind in ("map", "function", "context"):
        return
    known = [each for each in reversed(c.locals(function)) if each.span.line <= place.line]
    known = [each for each in known if (each.name != call.name)]
    unused = [each for each in known if c.mentions(each.name, function.start, function.end) < 2]
    for each in unused:
        yield from _forms(each, kind)
    others = list(_other_calls(c, function, call))
    for same in others:
        if same.name == call.name and index < len(same.args):
            yield same.args[index].text
    if kind in ("pointer", "any"):
        for other in others:
            yield from (each.text for each in other.args if each.text.startswith("&"))
    for each in known:
        yield from _forms(each, kind)
    if kind != "size":
        yield from (each.name for each in function.params)
    if kind in ("pointer", "any"):
        yield from maps


def _functions(c: CFile, function: Function) -> Iterator[str]:
    """Callbacks; those that nothing names first."""
    found = [each.name for each in c.functions if each.section is None and each.name != function.name]
    yield from sorted(found, key=lambda name: c.mentions(name) > 1)


def _other_calls(c: CFile, function: Function, call: Call) -> Iterator[Call]:
    """The calls of the function, nearest lines first."""
    lines = range(function.start, min(function.end, function.start + _MOST_LINES) + 1)
    seen = {call.span}
    for line in sorted(lines, key=lambda line: abs(line - call.span.line)):
        for each in c.calls_on(line):
            if each.span not in seen:
                seen.add(each.span)
                yield each


def _forms(declared: Declaration, kind: str) -> Iterator[str]:
    """A variable as an argument."""
    if declared.arrays or declared.pointer:
        if kind not in ("size", "number"):
            yield declared.name
    elif declared.struct:
        yield f"&{declared.name}"
    else:
        if kind in ("size", "number", "any"):
            yield declared.name
        if kind in ("pointer", "any"):
            yield f"&{declared.name}"


def _sizes(place: Place, c: CFile, call: Call, index: int) -> Iterator[str]:
    """The size of what stands beside it."""
    for near in (index - 1, index + 1):
        text = call.args[near].text if 0 <= near < len(call.args) else ""
        name = text.lstrip("&")
        declared = c.declaration_of(name, place.line) if name.isidentifier() else None
        if declared is None:
            if "->" in name or "." in name:
                yield f"sizeof({name})"
        elif declared.arrays or not declared.pointer or name != text:
            yield f"sizeof({name})"
        elif declared.struct:
            yield f"sizeof(*{name})"
        elif looked_up := [each for each in c.lookups(1, place.line) if each.variable == name]:
            known = c.maps.get(looked_up[-1].map.lstrip("&"))
            if known is not None and known.value:
                array = _ARRAY.fullmatch(known.value)
                yield array[1] if array else f"sizeof({known.value})"
