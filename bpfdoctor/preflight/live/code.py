"""What is left of a loaded program: the lines at which it can leave at once, and its constants' values."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from bpfdoctor.formats.btf import Btf
from bpfdoctor.model.record import dataclass
from bpfdoctor.preflight.live import contents, loaded
from bpfdoctor.preflight.live.loaded import LoadedMap, LoadedProgram

_INSN = struct.Struct("=BBhi")
_JMP, _JMP32, _ST, _STX = 0x05, 0x06, 0x02, 0x03
_ALWAYS, _CALL, _EXIT, _LONG = 0x00, 0x80, 0x90, 0x18  # of jumps; BPF_LD | BPF_IMM | BPF_DW
_STRAIGHT = 8  # instructions from a branch to the end of the program, at most
_MOST_LINES = 8
_LINE_INFO = 16  # bytes of struct bpf_line_info
_VAR, _DATASEC, _INT, _ENUM = 14, 15, 1, 6


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source, as the program's BTF has it."""

    number: int
    text: str


def exits(program: LoadedProgram) -> tuple[Line, ...]:
    """The lines with a test after which it may end without doing anything more, in their order.

    Those whose test the verifier has decided are not among them: it took the code away.
    """
    told = loaded.code(program.id)
    if told is None:
        return ()
    btf = _btf(told.btf)
    if btf is None:
        return ()
    code = list(_INSN.iter_unpack(told.insns[: len(told.insns) // _INSN.size * _INSN.size]))
    infos = sorted(struct.iter_unpack("=IIII", told.lines[: len(told.lines) // _LINE_INFO * _LINE_INFO]))
    found: dict[int, Line] = {}
    for at in _tests(code):
        before = [each for each in infos if each[0] <= at]
        if before:
            _, _, text, line = before[-1]
            found.setdefault(line >> 10, Line(line >> 10, btf.string(text).strip()))
    return tuple(sorted(found.values(), key=lambda line: line.number))[:_MOST_LINES]


def constants(one: LoadedMap) -> Iterator[tuple[str, int]]:
    """The numbers in a map of constants (.rodata), by the names of their variables."""
    data, btf = contents.first_value(one), _btf(one.btf)
    section = btf.type(one.value_type) if btf is not None else None
    if data is None or btf is None or section is None or section.kind != _DATASEC:
        return
    for variable, offset, size in btf.variables_of(one.value_type):
        own = btf.type(variable)
        of = btf.type(btf.resolve(own.ref)) if own is not None and own.kind == _VAR else None
        if own is not None and of is not None and of.kind in (_INT, _ENUM) and size in (1, 2, 4, 8):
            yield own.name, int.from_bytes(data[offset : offset + size], "little")


def _btf(id: int) -> Btf | None:
    data = loaded.btf(id) if id else None
    try:
        return Btf(data) if data else None
    except (ValueError, struct.error):
        return None


def _tests(code: list[tuple[int, int, int, int]]) -> Iterator[int]:
    """The conditional jumps one of whose ways leads straight to the end."""
    for at, (opcode, _, offset, _) in enumerate(code):
        is_test = opcode & 0x07 in (_JMP, _JMP32) and opcode & 0xF0 not in (_ALWAYS, _CALL, _EXIT)
        if is_test and (_ends(code, at + 1 + offset) or _ends(code, at + 1)):
            yield at


def _ends(code: list[tuple[int, int, int, int]], at: int) -> bool:
    """Whether from here on nothing is called, written or decided before the program ends."""
    for _ in range(_STRAIGHT):
        if not 0 <= at < len(code):
            return False
        opcode, _, offset, number = code[at]
        kind = opcode & 0x07
        if kind in (_JMP, _JMP32):
            if opcode & 0xF0 == _EXIT:
                return True
            if opcode & 0xF0 != _ALWAYS:
                return False
            at += 1 + (number if kind == _JMP32 else offset)
        elif kind in (_ST, _STX):
            return False
        else:
            at += 2 if opcode == _LONG else 1
    return False
