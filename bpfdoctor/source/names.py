"""What the user calls the value in a register: by DWARF, or by the line's syntax when it leaves no choice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bpfdoctor.kernel.instructions import FRAME_POINTER
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.pattern import later
from bpfdoctor.source.bcc_methods import ARGUMENTS, map_register, registers_of, takes_a_copy
from bpfdoctor.source.cvalues import AccessKind

if TYPE_CHECKING:
    from bpfdoctor.formats.dwarf import Variable
    from bpfdoctor.model.diagnosis import Place
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Access, Call

_NAME = later(r"&?\s*[A-Za-z_]\w*(?:(?:->|\.)\w+|\[\w+\])*")
_CAST = later(r"\(*\([\w\s]+\**\s*\)\s*(&?\w+)\)*")
_TEST = later(r"!?\s*([A-Za-z_]\w*)(?:\s*[=!]=\s*(?:0|NULL))?")


def in_register(variables: Iterable[Variable], register: str) -> set[str]:
    """The variables whose value a register has; several when one is a copy of the other (`eth = data`)."""
    number = int(register[1:]) if register[1:].isdecimal() else -1
    return {v.name for v in variables if v.register == number and not v.offset and not v.in_memory and v.name}


def on_stack(variables: Iterable[Variable], offset: int) -> Variable | None:
    """The local variable that covers a byte of the stack (offset from r10, negative)."""
    found = [
        v
        for v in variables
        if v.in_memory
        and v.register == FRAME_POINTER
        and v.name
        and v.offset <= offset < v.offset + (v.size or 1)
    ]
    return found[-1] if found and len({(v.name, v.offset) for v in found}) == 1 else None


def from_syntax(c: CFile, place: Place, step: Step, register: str, callee: str | None) -> str | None:
    """The name that the syntax at a place gives a register; None when it could be several.

    `callee` is the function that a call goes to. The base of a memory access gets the pointer that is written
    there: `udp` for `udp->dest`, also when the register has the packet's start and the offset does the rest.
    """
    insn, line = step.insn, place.line
    if insn.op is Op.CALL:
        return _argument(nearest(c.calls_on(line, place.column), place, callee), callee, register)
    if insn.op in (Op.LOAD, Op.STORE, Op.ATOMIC):
        return _base(c.accesses_on(line, place.column), insn.op) if register == insn.base else None
    if insn.op is Op.EXIT and register == "r0":
        function = c.function_at(line)
        values = [each.value for each in c.returns(function) if each.span.holds(line)] if function else []
        return short(values[0]) if len(values) == 1 else None
    if insn.op is Op.BRANCH and register == insn.dst and insn.imm == 0 and insn.src is None:
        return _condition(c, line)
    return None


def nearest(calls: tuple[Call, ...], place: Place, callee: str | None) -> tuple[Call, ...]:
    """Of several calls of one function in a statement the innermost one at the place, if there is one."""
    known = [call for call in calls if registers_of(call, callee) is not None]
    at = (place.line, place.column or 0)
    here = [
        call
        for call in known
        if (call.span.line, call.span.column) <= at < (call.span.end_line, call.span.end_column)
    ]
    return (here[-1],) if here and place.column else tuple(known)


def _argument(calls: tuple[Call, ...], callee: str | None, register: str) -> str | None:
    """The argument of the only call of that helper."""
    if callee is None or register not in ARGUMENTS or len(calls) != 1:
        return None
    [call] = calls
    registers = registers_of(call, callee) or ()
    given = [arg.text for arg, at in zip(call.args, registers, strict=False) if at == register]
    if given:
        name = short(given[0])
        return f"&{name}" if name and takes_a_copy(call) else name
    return call.receiver if register == map_register(callee) else None


def _base(accesses: tuple[Access, ...], op: Op) -> str | None:
    """The pointer of the line's only access."""
    through = [
        a
        for a in accesses
        if a.kind in (AccessKind.ARROW, AccessKind.DEREF, AccessKind.INDEX) and not a.address
    ]
    if op is Op.STORE and len(through) > 1:
        through = [a for a in through if a.written]
    bases = {a.base for a in through}
    return short(bases.pop()) if len(bases) == 1 else None


def short(text: str) -> str | None:
    """An expression that reads like a name: `udp`, `&key`, `ctx->data`; casts are left out."""
    inner = _CAST.fullmatch(text)
    text = inner[1] if inner else text
    return text if _NAME.fullmatch(text) else None


def _condition(c: CFile, line: int) -> str | None:
    """The variable of an `if` that only asks whether it is zero."""
    here = [k for k in c.conditions_before(line) if k.span.holds(line)]
    tested = _TEST.fullmatch(here[0].text) if len(here) == 1 and here[0].kind == "if" else None
    return tested[1] if tested and tested[1] in here[0].names else None
