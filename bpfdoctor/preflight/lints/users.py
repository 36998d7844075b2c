"""Filters by user: bpf_get_current_uid_gid has the group in its upper half."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.halves import Half, half_of
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System

_CALL = "bpf_get_current_uid_gid"
_OF_USER = later(r"(?i)(?:^|[_.>])\w*?uids?$|user")
_WITH_BOTH = "a user's number with the group's in its upper half"
_OF_GROUP = "a group's number"


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    del hook, system
    for function, compared in text.comparisons():
        other = compared.right.strip()
        number = text.number(other)
        half = half_of(_CALL, compared.left, text, function)
        if half is None or number == 0 or half_of(_CALL, other, text, function) is not None:
            continue  # root's are both 0
        is_narrow = number < 1 << 32 if number is not None else text.size_of(other, function) == 4
        named = other if number is None else compared.left
        if half is Half.BOTH and is_narrow:
            has = _WITH_BOTH
        elif half is Half.UPPER and _OF_USER.search(named):
            has = _OF_GROUP
        else:
            continue
        values = {"compared": compared.left, "other": other, "has": has}
        yield Cause("user-and-group-together", values, text.place(compared.span, function))
