"""The argument of the refused call that a message is about, as the user wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.trace import Op
from bpfdoctor.source.bcc_methods import registers_of
from bpfdoctor.source.names import nearest

if TYPE_CHECKING:
    from bpfdoctor.source.cvalues import Argument, Call


def call_of(context: Context) -> Call | None:
    """The refused call in the source, where its line has just one call of that function."""
    step = context.step
    place = context.source.place(step) if step is not None and step.insn.op is Op.CALL else None
    c = context.source.c(place.file) if place else None
    if step is None or place is None or c is None:
        return None
    calls = nearest(c.calls_on(place.line, place.column), place, step.insn.callee)
    return calls[0] if len(calls) == 1 else None


def argument_of(context: Context) -> Argument | None:
    """The argument that the message names (R2, arg#1), also of a method of BCC's."""
    register, call, step = named(context), call_of(context), context.step
    registers = registers_of(call, step.insn.callee) if call is not None and step is not None else None
    if call is None or registers is None or register not in registers:
        return None
    number = registers.index(register)
    return call.args[number] if number < len(call.args) else None


def place_of_argument(context: Context) -> Place | None:
    """Where that argument stands."""
    step, argument = context.step, argument_of(context)
    place = context.source.place(step) if step is not None and argument is not None else None
    if place is None or argument is None or argument.span.line != argument.span.end_line:
        return None
    span = argument.span
    text = place.text if span.line == place.line else None
    return Place(place.file, span.line, span.column, span.end_column, place.function, text)
