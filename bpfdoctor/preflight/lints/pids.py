"""Filters by process: the kernel's pid is a thread's, and bpf_get_current_pid_tgid has both in one number."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor import rights
from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.halves import Half, half_of
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System
from bpfdoctor.source.cvalues import Function

_CALL = "bpf_get_current_pid_tgid"
OF_PROCESS = later(r"(?i)(?:^|[_.>])(?:\w*?)(?:pid|tgid|process)s?$")
OF_THREAD = later(r"(?i)tid$|thread|(?:^|_)tid(?:_|$)")


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    told = False
    for function, compared in text.comparisons():
        half = half_of(_CALL, compared.left, text, function)
        other = compared.right.strip()
        number = text.number(other)
        if half is None or number == 0 or half_of(_CALL, other, text, function) is not None:
            continue  # 0 is the idle task of every CPU
        at = text.place(compared.span, function)
        if half is Half.BOTH:
            if (number is not None and number < 1 << 32) or text.size_of(other, function) == 4:
                yield Cause("pid-and-tgid-together", {"other": other}, at)
            continue
        given = number is not None or (_is_pid(other) and not _is_local(other, text, function))
        if not told and system.is_here and given and in_namespace():
            told = True
            yield Cause("pid-of-namespace", {"other": other}, at)
        if (
            half is Half.LOWER
            and not OF_THREAD.search(compared.left)
            and _means_process(compared.left, other, number)
        ):
            yield Cause("thread-id-filter", {"compared": compared.left, "other": other}, at)


def _means_process(compared: str, other: str, number: int | None) -> bool:
    """Whether the other side is the number of a process, by its name, or by that of what is compared."""
    if OF_THREAD.search(other):
        return False
    return bool(OF_PROCESS.search(other)) or (number is not None and bool(OF_PROCESS.search(compared)))


def _is_pid(name: str) -> bool:
    return bool(OF_PROCESS.search(name) or OF_THREAD.search(name))


def _is_local(name: str, text: ProgramText, function: Function) -> bool:
    """Whether a variable of the function is meant: what the kernel gave it has the kernel's numbers, too."""
    declared = text.declared(name, function) if name.isidentifier() else None
    return declared is not None and declared.scope == "local"


def in_namespace() -> bool:
    """Whether the numbers of processes that people see here are not those of bpf_get_current_pid_tgid."""
    return rights.in_own_namespace("pid")
