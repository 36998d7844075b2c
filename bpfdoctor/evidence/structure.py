"""Where the program is not put together right, for refusals of before the first step that name no place."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure(Facts):
    """`at` is the place of `insn` in the object: the end of a function that runs on, or a recursive call.

    `missing` is the function that is called there, where the object does not contain it.
    """

    at: Place | None
    missing: str | None


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
    return Structure(insn=insn, from_object=True, at=context.source.place_at(insn), missing=missing)
