"""Filters by process: the kernel's pid is a thread's, and bpf_get_current_pid_tgid has both in one number."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor import rights
from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System
from bpfdoctor.source.cvalues import Function

_CALL = "bpf_get_current_pid_tgid()"
_CAST = later(r"\((?:const )?(?:unsigned )?(\w+)\)(.+)")
_NARROW = frozenset({"u32", "__u32", "uint32_t", "pid_t", "int", "s32", "__s32", "unsigned"})
_OF_PROCESS = later(r"(?i)(?:^|[_.>])(?:\w*?)(?:pid|tgid|process)s?$")
_OF_THREAD = later(r"(?i)tid$|thread|(?:^|_)tid(?:_|$)")
_BOTH, _THREAD, _PROCESS = "both", "thread", "process"
_DEEPEST = 4


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    told = False
    for function, compared in text.comparisons():
        half = _half(compared.left, text, function)
        other = compared.right.strip()
        number = text.number(other)
        if half is None or number == 0 or _half(other, text, function) is not None:
            continue  # 0 is the idle task of every CPU
        at = text.place(compared.span, function)
        if half == _BOTH:
            if (number is not None and number < 1 << 32) or text.size_of(other, function) == 4:
                yield Cause("pid-and-tgid-together", {"other": other}, at)
            continue
        given = number is not None or (_is_pid(other) and not _is_local(other, text, function))
        if not told and system.is_here and given and in_namespace():
            told = True
            yield Cause("pid-of-namespace", {"other": other}, at)
        if (
            half == _THREAD
            and not _OF_THREAD.search(compared.left)
            and _means_process(compared.left, other, number)
        ):
            yield Cause("thread-id-filter", {"compared": compared.left, "other": other}, at)


def _means_process(compared: str, other: str, number: int | None) -> bool:
    """Whether the other side is the number of a process, by its name, or by that of what is compared."""
    if _OF_THREAD.search(other):
        return False
    return bool(_OF_PROCESS.search(other)) or (number is not None and bool(_OF_PROCESS.search(compared)))


def _is_pid(name: str) -> bool:
    return bool(_OF_PROCESS.search(name) or _OF_THREAD.search(name))


def _is_local(name: str, text: ProgramText, function: Function) -> bool:
    """Whether a variable of the function is meant: what the kernel gave it has the kernel's numbers, too."""
    declared = text.declared(name, function) if name.isidentifier() else None
    return declared is not None and declared.scope == "local"


def _half(value: str, text: ProgramText, function: Function, depth: int = 0) -> str | None:
    """Which part of bpf_get_current_pid_tgid's result an expression is; None for anything else."""
    plain = value.strip().replace("bpf_get_current_pid_tgid ()", _CALL)
    while plain.startswith("(") and plain.endswith(")") and _closes_at_end(plain):
        plain = plain[1:-1].strip()
    if plain == _CALL:
        return _BOTH
    if plain.endswith((">> 32", ">>32")):
        inner = _half(plain[: plain.rindex(">>")], text, function, depth + 1)
        return _PROCESS if inner == _BOTH else None
    head, _, mask = plain.rpartition("&")
    if head and text.number(mask) == 0xFFFFFFFF:
        return _THREAD if _half(head, text, function, depth + 1) == _BOTH else None
    if found := _CAST.fullmatch(plain):
        inner = _half(found[2], text, function, depth + 1)
        return _THREAD if inner == _BOTH and found[1] in _NARROW else inner
    if plain.isidentifier() and depth < _DEEPEST and (given := text.value_of(plain, function)) is not None:
        inner = _half(given, text, function, depth + 1)
        return _THREAD if inner == _BOTH and text.size_of(plain, function) == 4 else inner
    return None


def _closes_at_end(text: str) -> bool:
    """Whether the parenthesis that opens a text is the one that closes it."""
    open_ = 0
    for at, each in enumerate(text):
        open_ += (each == "(") - (each == ")")
        if open_ == 0:
            return at == len(text) - 1
    return False


def in_namespace() -> bool:
    """Whether the numbers of processes that people see here are not those of bpf_get_current_pid_tgid."""
    return rights.in_own_namespace("pid")
