"""What a helper or kfunc gets in an argument register, and where that value came from."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.register_origin import origin_of
from bpfdoctor.model.trace import Op, RegState, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperArgs(Facts):
    """`argument` counts from 1. `given` is the user's expression for it, `name` the variable, if known."""

    callee: str | None
    argument: int | None
    register: str
    state: RegState | None
    name: str | None
    given: str | None
    origin: Step | None


def collect(context: Context) -> HelperArgs | None:
    step = context.step
    register = context.captures.get("reg") or context.captures.get("arg")
    if step is None or step.insn.op is not Op.CALL or not isinstance(register, str):
        return None
    number = _number(register)
    name = f"r{number}" if number else register
    origin, _, clobbered = origin_of(context, step, name)
    return HelperArgs(
        callee=step.insn.callee,
        argument=number,
        register=name,
        state=context.register(name),
        name=context.called(name),
        given=_given(context, step, number),
        origin=origin,
        cause=clobbered or step,
        why=Loss.OVERWRITTEN if clobbered else Loss.NEVER,
        registers=(name,),
    )


def _number(argument: str) -> int | None:
    """1 for "r1" and for "arg#0"; the kernel counts arg# from 0."""
    digits = "".join(letter for letter in argument if letter.isdigit())
    if not digits:
        return None
    return int(digits) + 1 if argument.startswith("arg") else int(digits)


def _given(context: Context, step: Step, number: int | None) -> str | None:
    """The argument as the user wrote it, where exactly one call of that name is on the line."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    if place is None or c is None or not number:
        return None
    calls = [call for call in c.calls_on(place.line) if call.name == step.insn.callee]
    if len(calls) != 1 or number > len(calls[0].args):
        return None
    return calls[0].args[number - 1].text
