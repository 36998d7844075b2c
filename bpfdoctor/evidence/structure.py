"""Where the program is not put together right, for refusals of before the first step that name no place."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import dataclass

_LIBRARY = frozenset(
    {
        "memset", "memcpy", "memmove", "memcmp", "memchr", "bcmp", "strlen", "strnlen", "strcmp", "strncmp",
        "strcasecmp", "strstr", "strchr", "strrchr", "strcpy", "strncpy", "strcat", "strncat", "printf",
        "sprintf", "snprintf", "malloc", "calloc", "free", "abort", "puts", "atoi", "strtol",
    }
)  # fmt: skip
_ALIKE = {"memcmp": "bcmp", "bcmp": "bcmp"}  # where only equality is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure(Facts):
    """`at` is the place of `insn` in the object: the end of a function that runs on, or a recursive call.

    `missing` is the function that is called there, where the object does not contain it; `written` is what
    the source calls, which the compiler may have turned into another (memcmp into bcmp).
    """

    at: Place | None
    missing: str | None
    written: str | None

    @property
    def is_library(self) -> bool:
        """Whether the C library has the missing function."""
        return self.missing in _LIBRARY


def collect(context: Context) -> Structure | None:
    """From the object, else from the kernel's own report (7.3); None without both."""
    missing = None
    caller, callee = context.captures.get("caller"), context.captures.get("callee")
    if caller is not None:
        calls = context.source.calls()
        insn = next((at for at, *names in calls if names == [caller, callee]), None)
    elif (unresolved := context.source.unresolved()) is not None:
        insn, missing = unresolved
    else:
        insn = context.source.open_end()
    if insn is None:
        insn = context.reported
    if insn is None:
        return None
    at = context.source.place_at(insn)
    written = _written(context, at, missing) if at is not None and missing is not None else None
    return Structure(insn=insn, from_object=True, at=at, missing=missing, written=written)


def _written(context: Context, at: Place, missing: str) -> str | None:
    """The function that the source calls there; None for what the compiler made of no call at all."""
    c = context.source.c(at.file)
    for call in c.calls_on(at.line, at.column) if c is not None else ():
        if _ALIKE.get(plain := call.name.removeprefix("__builtin_"), plain) in (missing, _ALIKE.get(missing)):
            return call.name
    return None
