"""Helpers that return two numbers of 32 bits in one of 64: which of them an expression is."""

from __future__ import annotations

from enum import Enum

from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.source.cvalues import Function

_CAST = later(r"\((?:const )?(?:unsigned )?(\w+)\)(.+)")
_NARROW = frozenset(
    {"u32", "__u32", "uint32_t", "pid_t", "uid_t", "gid_t", "int", "s32", "__s32", "unsigned"}
)
_DEEPEST = 4


class Half(Enum):
    BOTH = "both"
    LOWER = "lower"
    UPPER = "upper"


def half_of(call: str, value: str, text: ProgramText, function: Function, depth: int = 0) -> Half | None:
    """Which part of a call's result an expression is; None for anything else."""
    plain = value.strip().replace(f"{call} ()", f"{call}()")
    while plain.startswith("(") and plain.endswith(")") and _closes_at_end(plain):
        plain = plain[1:-1].strip()
    if plain == f"{call}()":
        return Half.BOTH
    if plain.endswith((">> 32", ">>32")):
        inner = half_of(call, plain[: plain.rindex(">>")], text, function, depth + 1)
        return Half.UPPER if inner is Half.BOTH else None
    head, _, mask = plain.rpartition("&")
    if head and text.number(mask) == 0xFFFFFFFF:
        return Half.LOWER if half_of(call, head, text, function, depth + 1) is Half.BOTH else None
    if found := _CAST.fullmatch(plain):
        inner = half_of(call, found[2], text, function, depth + 1)
        return Half.LOWER if inner is Half.BOTH and found[1] in _NARROW else inner
    if plain.isidentifier() and depth < _DEEPEST and (given := text.value_of(plain, function)) is not None:
        inner = half_of(call, given, text, function, depth + 1)
        return Half.LOWER if inner is Half.BOTH and text.size_of(plain, function) == 4 else inner
    return None


def _closes_at_end(text: str) -> bool:
    """Whether the parenthesis that opens a text is the one that closes it."""
    open_ = 0
    for at, each in enumerate(text):
        open_ += (each == "(") - (each == ")")
        if open_ == 0:
            return at == len(text) - 1
    return False
