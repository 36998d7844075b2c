"""Writes data/slices.txt: where the registers' values came from when a program was refused.

    python -m tests.unit.trace.slices      then look at what git says

One line an origin, the newest first: what the step did, to which place of which frame, from what, at which
instruction; the line that wanted it ("-": the register); its role, unless it is the value itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.trace import Trace
from bpfdoctor.trace.slice import AddressOrigin, Origin, Role, checks, slice_of
from tests.unit.trace.trace_logs import DATA, HOST, PAIRS, captured, frame_before

STORED = DATA / "slices.txt"
# `rounds` goes around a loop, which says the same over and over.
PROGRAMS = sorted(name for kernel, name in PAIRS if kernel == HOST and name != "rounds")


def told(found: Trace) -> Iterator[str]:
    """The slices of all registers that are known before the newest step."""
    last = found.last
    assert last is not None
    for register in sorted(frame_before(found, last).regs):
        yield f"  {register}"
        for number, each in enumerate(slice_of(found, last, register).steps):
            yield f"    {number} {_said(each)}"
        for check in checks(found, last, register):
            compared = f"{check.register} {check.operator} {check.other} at {check.step.insn.index}"
            yield f"    {check.relation}: {compared}: {check.held}"


def _said(each: Origin | AddressOrigin) -> str:
    sources = f" <- {', '.join(map(str, each.sources))}" if each.sources else ""
    wanted = "-" if each.wanted_by is None else str(each.wanted_by)
    role = each.role.value if isinstance(each, Origin) else "address"
    more = [role if role != Role.VALUE else "", each.callee, each.relation]
    place = f"{each.place} of {each.frame}{sources} at {each.step.insn.index}"
    return " ".join([each.how, place, f"for {wanted}", *filter(None, more)])


def stored() -> dict[str, str]:
    """The text of each program."""
    parts = STORED.read_text().split("\n\n")
    return {part.partition("\n")[0]: part.strip("\n") for part in parts}


def written(name: str, level: int) -> str:
    return "\n".join([name, *told(captured(name, level))])


def main() -> None:
    STORED.write_text("\n\n".join(written(name, 1) for name in PROGRAMS) + "\n")


if __name__ == "__main__":
    main()
