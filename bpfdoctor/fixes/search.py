"""Patches found by trying: the check corrected, another argument passed, a number off by one put right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpfdoctor.experiments.steps import Group
from bpfdoctor.fixes.arguments import arguments, is_call, passed
from bpfdoctor.fixes.idle_checks import asked_there, tests_of, woken
from bpfdoctor.fixes.plan import COMMENT
from bpfdoctor.fixes.regions import missing_halves
from bpfdoctor.fixes.reserve_all import pointers_made
from bpfdoctor.fixes.spans import replaced
from bpfdoctor.fixes.untested import null_tests
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, Place, Safety
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Condition, Function, Span
from bpfdoctor.source.cvariants import Slip, Variant

_MOST_CONDITIONS = 6
_MOST_MADE = 4  # assignments
_LOOPS = ("while", "for", "do")
_MOST_LINES = 400  # of a function
_TOO_LARGE = "BPF program is too large"
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
    said = " ".join(refused.finding.block.lines)
    for fix in (*asked_there(refused, place, c), *woken(place, c, function, _related(c, place))):
        yield Group((fix,), corrects=True, meant=True)
    lines = [place.line, *_declared(c, place, function), *_made(c, place, function)]
    for fix in _masks(place, c, lines):
        yield Group((fix,), corrects=True, meant=True)
    for each in c.conditions_before(place.line) if said.startswith(_TOO_LARGE) else ():
        negative = [variant for variant in c.variants(each.span) if variant.slip is Slip.SIGN]
        if each.kind in _LOOPS and negative:  # each try takes seconds: this first
            yield Group(tuple(_fixes(place.file, c, negative, each)), corrects=True)
    conditions = list(_conditions(place, c, at_fault))
    yield from (each for each in conditions if each.corrects)
    yield Group((*_clamps(place, c, at_fault), *_chosen(place, c, function)), corrects=True)
    for fix in _other_order(place, c, function, at_fault):
        yield Group((fix,))
    for fix in _guarded(refused, place, c):
        yield Group((fix,))
    if is_call(refused):
        for fix in null_tests(place, c, function):
            yield Group((fix,))
    if _REGION.search(said):
        for fix in missing_halves(place, c, function):
            yield Group((fix,))
    given = list(arguments(refused, place, c, function, said))
    likely = [Group((fix,)) for odd, fix in given if odd]
    others = [Group((fix,)) for odd, fix in given if not odd]
    yield from (*likely, *(each for each in conditions if not each.corrects), *others)
    for line in dict.fromkeys(lines + [at_fault] * (at_fault > 0)):
        yield Group(tuple(_fixes(place.file, c, c.number_variants(line))))
    for fix in _only_element(place, c) if _ONE_ELEMENT.search(said) else ():
        yield Group((fix,))
    for fix in _sizes_of_what_was_reserved(place, c, function):
        yield Group((fix,))


_ONE_ELEMENT = re.compile(r"\b(?:mem|value)_size=(\d{1,9}) off=\d+ size=\1\b")
_INDEX = re.compile(r"(?<=\[)[1-9]\d*(?=\])")


def _only_element(place: Place, c: CFile) -> Iterator[Fix]:
    """`[0]`, where the memory is as large as what is read of it."""
    whole = c.line(place.line)
    for found in _INDEX.finditer(whole):
        text = f"{whole[: found.start()]}0{whole[found.end() :]}"
        edit = Edit(place.file, place.line, place.line, (text,))
        why = "There is one element, and it has the index 0."
        yield Fix(f"Write “0”, not “{found[0]}”", why, Safety.UNSAFE, (edit,))


def _declared(c: CFile, place: Place, function: Function) -> list[int]:
    """The lines that declare the arrays of the refused line."""
    found = (each for each in c.locals(function) if each.arrays and each.name in c.names_on(place.line))
    return [each.span.line for each in found if each.span.line != place.line]


def _made(c: CFile, place: Place, function: Function) -> list[int]:
    """The lines that give the variables of the refused line their values, the nearest first."""
    names = c.names_on(place.line)
    found = (each for each in c.assignments(None, function.start, place.line) if each.target in names)
    return [each.span.line for each in reversed(list(found))][:_MOST_MADE]


def _sizes_of_what_was_reserved(place: Place, c: CFile, function: Function) -> Iterator[Fix]:
    """Where memory was asked for with a number: as many bytes as its type has."""
    for made, declared in pointers_made(c, function, place.line):
        if not declared.struct:
            continue
        for call in c.calls_on(made.span.line):
            for index, each in enumerate(call.args):
                if each.text.isdigit() and each.text != "0" and made.value.startswith(call.name):
                    yield from passed(place.file, c, call, index, f"sizeof(*{made.target})")


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


def _clamps(place: Place, c: CFile, at_fault: int) -> Iterator[Fix]:
    """Another value where a variable gets its limit under a check: `if (i >= N) i = N;`."""
    for check in c.conditions_before(place.line):
        if check.kind != "if" or check.exits or check.encloses:
            continue
        last = min(check.span.end_line + 2, place.line - 1)
        for made in c.assignments(None, check.span.end_line, last):
            is_about_it = made.target in c.names_on(place.line) or check.span.holds(at_fault)
            if made.target not in check.names or not is_about_it:
                continue
            yield from _fixes(place.file, c, c.number_variants(made.span.line), safety=Safety.SAFE)
            limit = re.fullmatch(rf"{re.escape(made.target)} (>=?) ([\w ]+)", check.text)
            whole = c.line(made.span.line)
            if limit is not None and made.operator == "=" and whole.count(made.value) == 1:
                largest = f"{limit[2]} - 1" if limit[1] == ">=" else limit[2]
                edit = Edit(place.file, made.span.line, made.span.line, (whole.replace(made.value, largest),))
                title = f"Write “{largest}”, not “{made.value}”"
                yield Fix(title, "That is the largest that the check lets through.", Safety.SAFE, (edit,))


_CHOSEN = re.compile(r"\b(?P<name>\w+) (?P<operator><=?) (?P<limit>\w+) \? (?P=name) : (?P<other>\w+)\b")


def _chosen(place: Place, c: CFile, function: Function) -> Iterator[Fix]:
    """Another value where a number gets its limit in an expression: `n = n < 16 ? n : 304`.

    Or where a function does that whose answer the refused line uses.
    """
    names = c.names_on(place.line)
    made = c.assignments(None, function.start, place.line)
    values = [(each.value, each.span) for each in made if each.target in names]
    for called in c.functions:
        if called.name in names and called != function:
            values += [(each.value, each.span) for each in c.returns(called)]
    for text, span in values:
        found, whole = _CHOSEN.search(text), c.line(span.line)
        if found is None or whole.count(found[0]) != 1:
            continue
        limit = found["limit"]
        below = str(int(limit) - 1) if limit.isdigit() else f"{limit} - 1"
        largest = limit if found["operator"] == "<=" else below
        chosen = found[0].removesuffix(found["other"]) + largest
        edit = Edit(place.file, span.line, span.line, (whole.replace(found[0], chosen),))
        title = f"Write “{largest}”, not “{found['other']}”"
        yield Fix(title, "That is the largest that is chosen otherwise.", Safety.SAFE, (edit,))


_MASKED = re.compile(r"&=?\s*$")


def _masks(place: Place, c: CFile, lines: Sequence[int]) -> Iterator[Fix]:
    """`& 7` where `& -7` stands: only the negative of a power of two is a mask."""
    for line in dict.fromkeys(lines):
        for each in c.number_variants(line):
            number = int(each.text, 0) if each.slip is Slip.SIGN and each.text.isalnum() else 0
            before = c.line(line)[: each.span.column - 1]
            if number & (number - 1) and _MASKED.search(before):
                yield from _fixes(place.file, c, [each])


def _related(c: CFile, place: Place) -> frozenset[str]:
    """The variables of the refused line, and those that they were made from."""
    names = set(c.names_on(place.line))
    function = c.function_at(place.line)
    for made in reversed(c.assignments(None, function.start if function else 1, place.line)):
        root = _WORD.match(made.target)  # `seen` for seen.slot
        if made.target in names or (root is not None and root[0] in names):
            names |= set(_WORD.findall(made.value))
    return frozenset(names)


_WHY = {
    Slip.NEGATION: "As it stands, the condition lets through what it should turn away.",
    Slip.OPERATOR: "As it stands, the comparison lets through what it should turn away.",
    Slip.NUMBER: "The number is off by one.",
    Slip.SIGN: "Nothing lies before the beginning.",
    Slip.TERM: "As it stands, it reaches beyond the end.",
}


def _fixes(
    file: str,
    c: CFile,
    variants: Sequence[Variant],
    condition: Condition | None = None,
    safety: Safety = Safety.UNSAFE,
) -> list[Fix]:
    found = []
    for each in variants:
        edit = replaced(file, c, each.span, each.text)
        if edit is None or _means_another(c, each, condition is None) or _is_decision(c, each):
            continue
        if condition is not None and condition.kind in _LOOPS and each.turns:
            continue  # a loop that ends where it went on does nothing of what it was for
        where = f" in “{condition.text}”" if condition is not None and each.was != condition.text else ""
        title = f"Write “{each.text}”, not “{each.was}”{where}"
        as_told = Safety.SAFE if condition is not None and _is_near(each) else safety
        found.append(Fix(title, _WHY[each.slip], as_told, (edit,)))
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


_COMPARED_WITH_NOTHING = re.compile(r"\s*(?:0x0|0|NULL)\b(?!\s*[.x])")


def _is_decision(c: CFile, variant: Variant) -> bool:
    """Whether `==` compares two values, neither of them nothing: what the program does hangs on it."""
    if variant.slip is not Slip.OPERATOR or not {variant.was, variant.text} <= {"==", "!="}:
        return False
    return _COMPARED_WITH_NOTHING.match(c.line(variant.span.line)[variant.span.end_column - 1 :]) is None


def _is_near(variant: Variant) -> bool:
    """Whether a condition only gets another limit: of another sense, runs do not show all that it changes."""
    if variant.slip is Slip.OPERATOR:
        return variant.was.strip("=") == variant.text.strip("=") != ""
    return variant.slip is not Slip.NEGATION


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
    beside = line[: span.column - 1] + COMMENT.sub("", line[span.end_column - 1 :])
    return span.line == span.end_line and not beside.strip()


# The use

_SIMPLE = re.compile(r"[\w.>()*\[\]-]+")


def _guarded(refused: Diagnosis, place: Place, c: CFile) -> Iterator[Fix]:
    """Where leaving is refused, or what follows must happen: the use alone under the condition."""
    statement = c.statement_at(place.line)
    if statement is None or statement.kind != "expression_statement" or not statement.braced:
        return
    span = statement.span
    if not _is_whole_line(c, span):
        return
    for fix, edit, test in tests_of(refused):
        if edit.first != span.line:
            continue
        if any(test in each.text for each in c.conditions_before(span.line)):
            continue  # that is asked already, if the wrong way round: one of the two would never be reached
        indent, text = c.indent_of(span.line), c.line(span.line).strip()
        lines = (f"{indent}if ({_opposite(test)})", f"{indent}{c.style.indent}{text}")
        guarded = Edit(edit.file, span.line, span.line, lines)
        why = "The way out cannot be taken here, so only the use is left out."
        yield Fix("Do it only where that is possible", why, fix.safety, (guarded,))


def _opposite(condition: str) -> str:
    """The other way round: `!p` becomes `p`."""
    if condition.startswith("!") and _SIMPLE.fullmatch(condition[1:]):
        return condition[1:]
    return f"!{condition}" if _SIMPLE.fullmatch(condition) else f"!({condition})"
