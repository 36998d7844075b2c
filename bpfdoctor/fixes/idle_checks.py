"""Checks that do nothing as they are: one gets a way out, another the condition that it never asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import COMMENT, Site
from bpfdoctor.fixes.spans import replaced
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, Place, Safety
from bpfdoctor.model.record import replace
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Condition, Function

_MOST_LINES = 400  # of a function
_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\(?[\w\s+*()-]+\)?")


def woken(place: Place, c: CFile, function: Function, names: frozenset[str]) -> Iterator[Fix]:
    """Patches for the checks before a line, those of `names`, which it uses, first."""
    found = [*_without_way_out(place, c, function), *_never_true(place, c)]
    yield from (fix for check, fix in found if check.names & names)
    yield from (fix for check, fix in found if not check.names & names)


_TEST = re.compile(r"\s*if \((.*)\)$")
_LEAVES = ("return", "goto ", "break;", "continue;")


def tests_of(refused: Diagnosis) -> Iterator[tuple[Fix, Edit, str]]:
    """The patches that put in `if (…)` and a way out, and nothing else: with the edit, and the condition."""
    for fix in refused.fixes:
        edit = fix.edits[0] if len(fix.edits) == 1 else None
        if edit is None or edit.last >= edit.first or len(edit.lines) != 2:
            continue
        test = _TEST.fullmatch(edit.lines[0])
        if test is not None and edit.lines[1].strip().startswith(_LEAVES):
            yield fix, edit, test[1]


def asked_there(refused: Diagnosis, place: Place, c: CFile) -> Iterator[Fix]:
    """`if (0) return 0;` asks what a new check would, where all that this is about is known there already."""
    idle = [
        each
        for each in c.conditions_before(place.line)
        if (each.kind, each.text) == ("if", "0") and each.exits and not each.encloses
    ]
    for fix, edit, test in tests_of(refused):
        for check in reversed(idle):
            names = set(_WORD.findall(test))
            made = c.assignments(None, check.span.line, max(edit.first, place.line))
            if edit.file != place.file or any(each.target in names for each in made):
                continue
            changed = replaced(place.file, c, check.span, f"({test})")
            if changed is not None:
                yield Fix(f"Ask whether “{test}”", "The check there is never true.", fix.safety, (changed,))
                break


def _without_way_out(place: Place, c: CFile, function: Function) -> Iterator[tuple[Condition, Fix]]:
    """`if (!p) ;` becomes `if (!p) return 0;`, the nearest first."""
    at = Site(place.file, place.line, place.column, c, function)
    for line in range(place.line - 1, max(function.body.line, place.line - _MOST_LINES), -1):
        code = COMMENT.sub("", c.line(line)).strip()
        is_head = re.fullmatch(r"(?:\} *else )?if\b.*\)\s*;", code) is not None and code.count(";") == 1
        if code != ";" and not is_head:
            continue
        around = [
            each
            for each in c.conditions_before(line + is_head)
            if each.kind == "if" and (each.span.end_line == line if is_head else each.encloses)
        ]
        if around:
            check = around[-1]
            leave = way_out.of_check(at, check.span.line, check.text)
            edit = Edit(place.file, line, line, (c.line(line).replace(";", leave, 1),))
            why = "The check finds what must not be used, and does nothing about it."
            yield check, Fix(f"Leave where “{check.text}”", why, Safety.SAFE, (edit,))


def _never_true(place: Place, c: CFile) -> Iterator[tuple[Condition, Fix]]:
    """`if (0) i = N - 1;` becomes `if (i > N - 1)`: what is set there is a limit."""
    for check in c.conditions_before(place.line):
        if check.kind != "if" or check.text != "0":
            continue
        for made in c.assignments(None, check.span.end_line, min(check.span.end_line + 2, place.line - 1)):
            if made.target in c.names_on(place.line) and _NUMBER.fullmatch(made.value):
                edit = replaced(place.file, c, check.span, f"({made.target} > {made.value})")
                why = "What is done there would limit it, and is never done."
                if edit is not None:
                    of_target = replace(check, names=frozenset((made.target,)))
                    yield (
                        of_target,
                        Fix(f"Ask whether “{made.target} > {made.value}”", why, Safety.SAFE, (edit,)),
                    )
