"""Which bytes of its context a program reads for certain: through registers that hold nothing else."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

from bpfdoctor.formats.btf import PTR, STRUCT, Btf
from bpfdoctor.formats.elf import FUNC, Symbol
from bpfdoctor.kernel.instructions import MEM, MEMSX, MODE, SIZE, SIZES
from bpfdoctor.model.preflight import Read
from bpfdoctor.preflight.needs.code import Code, code_of

_INSN = struct.Struct("<BBhi")
_CLASS, _LDX = 0x07, 0x01
_ALU, _ALU64, _JMP, _JMP32, _LD = 0x04, 0x07, 0x05, 0x06, 0x00
_MOVE = 0xBF  # BPF_ALU64 | BPF_MOV | BPF_X
_CALL, _EXIT, _ALWAYS = 0x80, 0x90, 0x00
_ATOMIC = 0xC3, 0xDB  # what fetches writes its source register, or r0
_MOST = 1 << 20  # instructions of a program


def reads_of(data: bytes, program: str) -> tuple[Read, ...]:
    """The reads of the function with this name, in order; those that CO-RE moves are left out."""
    code = code_of(data)
    if code is None or not code.elf.little:
        return ()
    found = [each for each in code.elf.symbols if each.name == program and each.kind == FUNC]
    if len(found) != 1 or found[0].section is None:
        return ()
    return tuple(_reads(code, found[0], found[0].section))


def _reads(object: Code, symbol: Symbol, section: int) -> Iterator[Read]:
    code = object.elf.data(section)[symbol.value : symbol.value + symbol.size]
    whole = code[: len(code) // _INSN.size * _INSN.size]
    insns = list(islice(_INSN.iter_unpack(whole), _MOST))
    start, named = symbol.value // _INSN.size, object.elf.names[section]
    record = _record(object.btf, symbol.name) if object.btf is not None else {}
    holders = _holders(insns)
    prologue = _straight(insns)
    has_first = True  # whether r1 is still what it was at the start
    for at, (code_, registers, offset, _) in enumerate(insns):
        source = registers >> 4
        has_first = has_first and at < prologue
        is_load = code_ & _CLASS == _LDX and code_ & MODE in (MEM, MEMSX)
        of_context = (source in holders and at > holders[source]) or (source == 1 and has_first)
        if is_load and of_context and (named, start + at) not in object.relocations and offset >= 0:
            member = next((name for name, (first, end) in record.items() if first <= offset < end), "")
            yield Read(at, offset, SIZES[code_ & SIZE], member, record.get(member, (offset, 0))[0])
        if has_first and 1 in _written(code_, registers):
            has_first = False


def _straight(insns: list[tuple[int, int, int, int]]) -> int:
    """How many instructions at the start are reached from the start only."""
    targets = [
        at + 1 + (imm if code == 0x06 else offset)
        for at, (code, _, offset, imm) in enumerate(insns)
        if code & _CLASS in (_JMP, _JMP32) and code & 0xF0 not in (_CALL, _EXIT)
    ]
    ends = (at for at, (code, *_) in enumerate(insns) if code in (0x05, 0x06))  # goes on elsewhere
    return min([*targets, next(ends, len(insns)) + 1, len(insns)])


def _holders(insns: list[tuple[int, int, int, int]]) -> dict[int, int]:
    """Register -> the instruction that copies the context to it, of those that are written nowhere else."""
    copies: dict[int, int] = {}
    writes: dict[int, int] = {}
    has_first, prologue = True, _straight(insns)
    for at, (code, registers, _, _) in enumerate(insns):
        has_first = has_first and at < prologue
        if code == _MOVE and registers >> 4 == 1 and has_first:
            copies[registers & 0xF] = at
        for register in _written(code, registers):
            writes[register] = writes.get(register, 0) + 1
            has_first = has_first and register != 1
    return {register: at for register, at in copies.items() if writes[register] == 1}


def _written(code: int, registers: int) -> tuple[int, ...]:
    """The registers that an instruction writes."""
    kind, target = code & _CLASS, registers & 0xF
    if kind in (_ALU, _ALU64, _LDX):
        return (target,)
    if kind in (_JMP, _JMP32):
        return (0, 1, 2, 3, 4, 5) if code == (_JMP | _CALL) else ()
    if code in _ATOMIC:
        return (0, registers >> 4)
    return (target, 0) if kind == _LD and code else ()  # an old packet load writes r0


def _record(btf: Btf, function: str) -> dict[str, tuple[int, int]]:
    """Member -> (first byte, end) of the structure that the function's first parameter points to."""
    id = btf.functions.get(function)
    params = btf.params(id) if id is not None else ()
    pointer = btf.type(btf.resolve(params[0][1])) if params else None
    if pointer is None or pointer.kind != PTR:
        return {}
    target = btf.type(btf.resolve(pointer.ref))
    if target is None or target.kind != STRUCT:
        return {}
    found = {}
    for member in btf.members(pointer.ref):
        size = btf.size(member.type)
        if member.name and size and not member.bits:
            found[member.name] = (member.bit_offset // 8, member.bit_offset // 8 + size)
    return found
