"""Every arithmetic instruction and comparison gives what the running kernel gives."""

from __future__ import annotations

import os
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.machine.concrete.interpreter import run
from bpfdoctor.machine.concrete.program import Runnable
from scripts.running import Fresh, assembled, on_packet

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

_SOCKET_FILTER = 1
_INSN = struct.Struct("<BBhi")
_NUMBERS = st.sampled_from(
    [0, 1, 2, 3, 31, 32, 63, 64, -1, -2, 255, 65535, 0x7FFFFFFF, -0x80000000]
) | st.integers(-(1 << 31), (1 << 31) - 1)
_OPERATIONS = st.sampled_from([0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xA0, 0xB0, 0xC0])
_JUMPS = st.sampled_from([0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xA0, 0xB0, 0xC0, 0xD0])
_REGISTERS = st.integers(0, 4)
_KINDS = ["alu", "alu", "alu register", "jump", "jump register", "swap", "negate", "extend"]
_SHIFTS = (0x60, 0x70, 0xC0)
_DIVISIONS = (0x30, 0x90)


@st.composite
def _steps(draw: st.DrawFn) -> bytes:
    """One instruction that any verifier takes: shifts by less than the width, no division by a constant 0."""
    wide = draw(st.booleans())
    dst, src, imm = draw(_REGISTERS), draw(_REGISTERS), draw(_NUMBERS)
    kind = draw(
        st.sampled_from(["alu", "alu", "alu register", "jump", "jump register", "swap", "negate", "extend"])
    )
    if kind == "swap":
        size = draw(st.sampled_from([16, 32, 64]))
        return _INSN.pack(draw(st.sampled_from([0xD4, 0xDC, 0xD7])), dst, 0, size)
    if kind == "negate":
        return _INSN.pack(0x87 if wide else 0x84, dst, 0, 0)
    if kind == "extend":
        return _INSN.pack(0xBF if wide else 0xBC, src << 4 | dst, draw(st.sampled_from([8, 16])), 0)
    if kind.startswith("jump"):  # over one instruction
        code = draw(_JUMPS) | (5 if wide else 6)
        is_register = kind.endswith("register")
        jump = _INSN.pack(
            code | 8 * is_register, (src << 4 if is_register else 0) | dst, 1, 0 if is_register else imm
        )
        return jump + _INSN.pack(0xA7, dst, 0, 0x5A5A5A5A)
    operation = draw(_OPERATIONS)
    off = draw(st.sampled_from([0, 1])) if operation in _DIVISIONS else 0
    if kind == "alu register" and operation not in _SHIFTS:
        return _INSN.pack(operation | 8 | (7 if wide else 4), src << 4 | dst, off, 0)
    if operation in _SHIFTS:
        imm %= 64 if wide else 32
    if operation in _DIVISIONS:
        imm = imm or 7
    return _INSN.pack(operation | (7 if wide else 4), dst, off, imm)


@settings(max_examples=150)
@given(st.lists(_NUMBERS, min_size=5, max_size=5), st.lists(_steps(), min_size=1, max_size=12))
def test_straight_code_gives_what_the_kernel_gives(numbers: list[int], steps: list[bytes]) -> None:
    start = b"".join(_INSN.pack(0xB7, register, 0, number) for register, number in enumerate(numbers))
    mixed = b"".join(  # r0 = all five, folded into the 32 bits that a program returns
        _INSN.pack(code, registers, 0, imm)
        for register in range(1, 5)
        for code, registers, imm in ((0x27, 0, 31), (0xAF, register << 4, 0))
    )
    folded = _INSN.pack(0xBF, 0x05, 0, 0) + _INSN.pack(0x77, 5, 0, 32) + _INSN.pack(0xAF, 0x50, 0, 0)
    code = start + b"".join(steps) + mixed + folded + _INSN.pack(0x95, 0, 0, 0)
    program = assembled(code, _SOCKET_FILTER)
    try:
        returned, _ = on_packet(program, bytes(64))
    finally:
        os.close(program)
    outcome = run(Runnable("straight", _SOCKET_FILTER, code, {}), Fresh(0, bytes(64)))
    assert outcome.fault is None
    assert outcome.returned is not None
    assert outcome.returned & 0xFFFFFFFF == returned
