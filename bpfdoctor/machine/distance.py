"""Registers as numbers: a scalar's value, a pointer's distance from where its object begins."""

from __future__ import annotations

from bpfdoctor.machine.arithmetic import arithmetic
from bpfdoctor.machine.number import UNKNOWN, Number, as_range, exactly, of, printed
from bpfdoctor.machine.value import is_pointer
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import Range, RegState


def number(reg: RegState | None) -> Number:
    """A scalar's value, or how far a pointer is from where its object begins."""
    if reg is None:
        return UNKNOWN
    if not is_pointer(reg):
        return of(reg)
    return arithmetic("+=", exactly(reg.off or 0), _variable(reg), 64)


def _variable(reg: RegState) -> Number:
    """The part of a pointer's offset that is not fixed."""
    return exactly(0) if reg.range == Range() else printed(reg.range)


def with_number(reg: RegState, number: Number) -> RegState:
    """The same with another value, or at another distance from where its object begins."""
    if not is_pointer(reg):
        known = number.constant
        range = Range() if known is not None or number == UNKNOWN else as_range(number)
        return replace(reg, value=known, range=range)
    return replace(reg, range=as_range(arithmetic("-=", number, exactly(reg.off or 0), 64)))


def moved_by(pointer: RegState, operator: str, by: Number) -> RegState:
    """The pointer after a number that is no constant was added to it (+=), or taken from it (-=)."""
    return replace(pointer, range=as_range(arithmetic(operator, _variable(pointer), by, 64)))
