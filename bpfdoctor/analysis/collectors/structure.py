"""Where the program is not put together right, for refusals of before the first step that name no place."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.c_library import LIBRARY
from bpfdoctor.model.diagnosis import Fact, Facts, Place
from bpfdoctor.model.record import dataclass

_COMPILER_WRITES = ("mem", "bcmp")  # where the size is constant and small
_ALIKE = {"memcmp": "bcmp", "bcmp": "bcmp"}  # where only equality is asked for


class Outcome(Outcomes):
    RECURSION = "a function calls one that is still running"
    RUNS_ON = "a function goes on after its last instruction, for one of two reasons"
    NEVER_RETURNS = "the same, and the object has every function that it calls"
    NOT_IN_LIBRARY = "a function of the C library is called"
    COMPILER_CALL = "the same, and of a function that the compiler sometimes writes out itself"
    COMPILER_RENAMED = "the same, and the source calls another function, which the compiler made this one of"
    NOT_DEFINED = "a function is called that is neither the library's nor the program's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure(Facts):
    """`at` is the place of `insn` in the object: the end of a function that runs on, or a call.

    `missing` is the function that is called there, where the object does not contain it; `called` is what
    the source calls, which the compiler may have turned into another (memcmp into bcmp). "" for none.
    """

    at: Place | None
    missing: str
    called: str

    def public(self) -> Mapping[str, Fact]:
        return {
            "at": self.at,
            "missing": self.missing or None,
            "called": self.called or None,
        }


FACTS = Structure


def collect(context: Context) -> Found | NotShown:
    """From the object, else from the kernel's own report (7.3)."""
    missing = None
    caller, callee = context.captures.get("caller"), context.captures.get("callee")
    if caller is not None:
        calls = context.source.calls()
        insn = next((at for at, *names in calls if names == [caller, callee]), None)
    elif (unresolved := context.source.unresolved()) is not None:
        insn, missing = unresolved
    elif isinstance(named := context.captures.get("insn"), int):
        insn = named
    else:
        insn = context.source.open_end()
    if insn is None:
        insn = context.reported
    if insn is None:
        return NotShown("without the object the log does not show where")
    at = context.source.place_at(insn)
    called = _called(context, at, missing) if at is not None and missing is not None else None
    facts = Structure(
        insn=insn, from_object=True, at=at, missing=missing or "", called=called or missing or ""
    )
    if missing is None:
        never_returns = insn == context.source.open_end()
        ends = Outcome.NEVER_RETURNS if never_returns else Outcome.RUNS_ON
        return Found(Outcome.RECURSION if caller is not None else ends, facts)
    return Found(_missing(facts), facts)


def _missing(facts: Structure) -> Outcome:
    if facts.missing not in LIBRARY:
        return Outcome.NOT_DEFINED
    if facts.called != facts.missing:
        return Outcome.COMPILER_RENAMED
    is_written_out = facts.missing.startswith(_COMPILER_WRITES)
    return Outcome.COMPILER_CALL if is_written_out else Outcome.NOT_IN_LIBRARY


def _called(context: Context, at: Place, missing: str) -> str | None:
    """The function that the source calls there; None for what the compiler made of no call at all."""
    c = context.source.c(at.file)
    for call in c.calls_on(at.line, at.column) if c is not None else ():
        if _ALIKE.get(plain := call.name.removeprefix("__builtin_"), plain) in (missing, _ALIKE.get(missing)):
            return call.name
    return None
