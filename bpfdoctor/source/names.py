"""What the user calls the value in a register: by DWARF, or by the line's syntax when it leaves no choice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bpfdoctor.model.trace import Op, Step

if TYPE_CHECKING:
    from bpfdoctor.formats.dwarf import Variable
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Access, Call

_FRAME = 10
_NAME = re.compile(r"&?\s*[A-Za-z_]\w*(?:(?:->|\.)\w+|\[\w+\])*")
_CAST = re.compile(r"\(*\([\w\s]+\**\s*\)\s*(&?\w+)\)*")
_TEST = re.compile(r"!?\s*([A-Za-z_]\w*)(?:\s*[=!]=\s*(?:0|NULL))?")
# BCC's methods: the helper they become and the register that holds each argument (b_frontend_action.cc).
_METHODS = {
    "lookup": ("bpf_map_lookup_elem", ("r2",)),
    "lookup_or_init": ("bpf_map_lookup_elem", ("r2",)),
    "lookup_or_try_init": ("bpf_map_lookup_elem", ("r2",)),
    "update": ("bpf_map_update_elem", ("r2", "r3")),
    "insert": ("bpf_map_update_elem", ("r2", "r3")),
    "delete": ("bpf_map_delete_elem", ("r2",)),
    "push": ("bpf_map_push_elem", ("r2", "r3")),
    "pop": ("bpf_map_pop_elem", ("r2",)),
    "peek": ("bpf_map_peek_elem", ("r2",)),
    "increment": ("bpf_map_lookup_elem", ("r2",)),
    "perf_submit": ("bpf_perf_event_output", ("r1", "r4", "r5")),
    "perf_submit_skb": ("bpf_perf_event_output", ("r1", "", "r4", "r5")),
    "ringbuf_output": ("bpf_ringbuf_output", ("r2", "r3", "r4")),
    "ringbuf_submit": ("bpf_ringbuf_submit", ("r1", "r2")),
    "ringbuf_discard": ("bpf_ringbuf_discard", ("r1", "r2")),
    "get_stackid": ("bpf_get_stackid", ("r1", "r3")),
    "call": ("bpf_tail_call", ("r1", "r3")),
}


def in_register(variables: Iterable[Variable], register: str) -> set[str]:
    """The variables whose value a register has; several when one is a copy of the other (`eth = data`)."""
    number = int(register[1:]) if register[1:].isdecimal() else -1
    return {v.name for v in variables if v.register == number and not v.offset and not v.in_memory and v.name}


def on_stack(variables: Iterable[Variable], offset: int) -> Variable | None:
    """The local variable that covers a byte of the stack (offset from r10, negative)."""
    found = [
        v
        for v in variables
        if v.in_memory and v.register == _FRAME and v.name and v.offset <= offset < v.offset + (v.size or 1)
    ]
    return found[-1] if found and len({(v.name, v.offset) for v in found}) == 1 else None


def from_syntax(c: CFile, line: int, step: Step, register: str, callee: str | None) -> str | None:
    """The name that the line's syntax gives a register; None when it could be several.

    `callee` is the function that a call goes to. The base of a memory access gets the pointer that is written
    there: `udp` for `udp->dest`, also when the register has the packet's start and the offset does the rest.
    """
    insn = step.insn
    if insn.op is Op.CALL:
        return _argument(c.calls_on(line), callee, register)
    if insn.op in (Op.LOAD, Op.STORE, Op.ATOMIC):
        return _base(c.accesses_on(line), insn.op) if register == insn.base else None
    if insn.op is Op.EXIT and register == "r0":
        function = c.function_at(line)
        values = [each.value for each in c.returns(function) if each.span.holds(line)] if function else []
        return short(values[0]) if len(values) == 1 else None
    if insn.op is Op.BRANCH and register == insn.dst and insn.imm == 0 and insn.src is None:
        return _condition(c, line)
    return None


def _argument(calls: tuple[Call, ...], callee: str | None, register: str) -> str | None:
    """The argument of the line's only call of that helper."""
    if callee is None or register not in ("r1", "r2", "r3", "r4", "r5"):
        return None
    found: list[str] = []
    for call in calls:
        helper, registers = _METHODS.get(call.name, ("", ())) if call.receiver else ("", ())
        if call.receiver and helper == callee:
            found += [call.receiver] if register == "r1" and "r1" not in registers else []
            found += [arg.text for arg, at in zip(call.args, registers, strict=False) if at == register]
        elif call.name == callee:
            number = int(register[1:]) - 1
            found += [call.args[number].text] if number < len(call.args) else []
    return short(found[0]) if len(found) == 1 else None


def _base(accesses: tuple[Access, ...], op: Op) -> str | None:
    """The pointer of the line's only access."""
    through = [a for a in accesses if a.kind in ("arrow", "deref", "index") and not a.address]
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
