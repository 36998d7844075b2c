"""Random BPF programs, and the running kernel's verifier to refuse them at any log level."""

from __future__ import annotations

import ctypes
import os
import random
import struct

_SYS_BPF = 321  # x86-64
_MAP_CREATE, _PROG_LOAD = 0, 5
_SCHED_CLS = 3

_ALU_IMM = (0x07, 0x57, 0x47, 0x67, 0x77, 0x27, 0xA7, 0xC7, 0x04, 0x54, 0x64, 0x74)
_SHIFTS = (0x67, 0x77, 0xC7, 0x64, 0x74)
_ALU_REG = (0x0F, 0x5F, 0x4F, 0xBF, 0xBF, 0xAF, 0x1F, 0x0C, 0xBC)
_IF_IMM = (0x15, 0x55, 0x25, 0x35, 0xA5, 0xB5, 0x65, 0x75, 0xC5, 0xD5, 0x45, 0x16, 0x56, 0x26, 0xA6)
_IF_REG = (0x1D, 0x5D, 0x2D, 0xAD, 0x6D, 0xCD, 0x3D)
_SCRATCH = (1, 2, 3, 4, 5)

Code = list[bytes | int]  # an int stands for a call of that subprogram


def _bpf(command: int, attributes: bytes) -> int:
    """The system call: a descriptor, or a negative errno."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(attributes, 160)
    found: int = libc.syscall(_SYS_BPF, command, buffer, 160)
    return found if found >= 0 else -ctypes.get_errno()


def make_map() -> int:
    """A hash map, 4-byte keys and 64-byte values; a negative errno when maps may not be made here."""
    return _bpf(_MAP_CREATE, struct.pack("<IIIII", 1, 4, 64, 8, 0))


def load(program: list[bytes], level: int, size: int = 1 << 23) -> tuple[int, bytes]:
    """0 or a negative errno, and the log."""
    code = ctypes.create_string_buffer(b"".join(program), 8 * len(program))
    license_, log = ctypes.create_string_buffer(b"GPL"), ctypes.create_string_buffer(size)
    addresses = ctypes.addressof(code), ctypes.addressof(license_)
    head = struct.pack("<IIQQ", _SCHED_CLS, len(program), *addresses)
    found = _bpf(_PROG_LOAD, head + struct.pack("<IIQ", level, size, ctypes.addressof(log)))
    if found >= 0:
        os.close(found)
    return min(found, 0), log.value


def _insn(code: int, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> bytes:
    return struct.pack("<BBhi", code, dst | src << 4, off, imm)


class _Writer:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.code: Code = []

    def add(self, *args: int) -> None:
        self.code.append(_insn(*args))

    def block(self, length: int, regs: tuple[int, ...], depth: int, main: bool) -> None:
        """Random instructions over scalars in `regs`, with branches and loops nested `depth` deep so far."""
        pick = self._random.choice
        for _ in range(length):
            dice = self._random.random()
            if dice < 0.22:
                code = pick(_ALU_IMM)
                shifts = code in _SHIFTS
                by = self._random.randint(1, 7) if shifts else pick((1, 3, 7, 255, -4, 40))
                self.add(code, pick(regs), 0, 0, by)
            elif dice < 0.38:
                self.add(pick(_ALU_REG), pick(regs), pick(regs))
            elif dice < 0.62:
                self._branch(regs, depth, main)
            elif dice < 0.72:
                slot = -8 * self._random.randint(2, 6)
                self.add(0x7B, 10, pick(regs), slot)
                if self._random.random() < 0.7:
                    self.add(0x79, pick(regs), 10, slot)
            elif dice < 0.78:
                self.add(0x85, 0, 0, 0, 7)  # bpf_get_prandom_u32
                self.add(0xBF, pick((7, 9)), 0)
                self._set(_SCRATCH)
            elif dice < 0.84 and main and depth < 2:
                self.add(0x15, 8, 0, 1, 0)  # if the value is there, read of it
                self.add(0x79, pick((7, 9)), 8, pick((0, 8, 40)))
            elif dice < 0.90 and depth < 2:
                self._loop(tuple(reg for reg in regs if reg != 9), depth, main)
            elif dice < 0.96 and main:
                self.code.append(self._random.randint(0, 1))
                self._set(_SCRATCH)
            elif main:
                self.add(0x61, pick((7, 9)), 6, pick((0, 8, 16)))

    def _set(self, regs: tuple[int, ...]) -> None:
        for reg in regs:
            self.add(0xB7, reg, 0, 0, self._random.randint(0, 9))

    def _branch(self, regs: tuple[int, ...], depth: int, main: bool) -> None:
        at = len(self.code)
        self.code.append(b"")
        self.block(self._random.randint(1, 3) if depth < 3 else 1, regs, min(depth + 1, 3), main)
        over, left = len(self.code) - at - 1, self._random.choice(regs)
        if self._random.random() < 0.25:
            self.code[at] = _insn(self._random.choice(_IF_REG), left, self._random.choice(regs), over)
        else:
            number = self._random.choice((0, 1, 2, 5, 8, 16, 100))
            self.code[at] = _insn(self._random.choice(_IF_IMM), left, 0, over, number)

    def _loop(self, regs: tuple[int, ...], depth: int, main: bool) -> None:
        self.add(0xB7, 9, 0, 0, 0)
        top = len(self.code)
        self.block(self._random.randint(1, 4), regs, depth + 1, False)
        self.add(0x07, 9, 0, 0, 1)
        rounds = self._random.randint(2, 5)
        self.add(self._random.choice((0xA5, 0xA5, 0x55)), 9, 0, top - len(self.code) - 1, rounds)

    def ending(self) -> None:
        """On some paths something is read that must not be."""
        wrong = ((0x61, 0, 7, 0), (0x79, 0, 8, 0), (0x79, 0, 8, 64), (0xBF, 0, 0, 0))
        self.add(self._random.choice(_IF_IMM), self._random.choice((7, 9)), 0, 1, self._random.randint(0, 9))
        self.add(*self._random.choice(wrong))
        self.add(0xB7, 0)
        self.add(0x95)

    def write(self, map_descriptor: int) -> list[bytes]:
        self.add(0xBF, 6, 1)
        self.add(0x62, 10, 0, -4, 0)
        self.add(0xBF, 2, 10)
        self.add(0x07, 2, 0, 0, -4)
        self.add(0x18, 1, 1, 0, map_descriptor)
        self.add(0)
        self.add(0x85, 0, 0, 0, 1)  # bpf_map_lookup_elem
        self.add(0xBF, 8, 0)
        self.add(0x85, 0, 0, 0, 7)
        self.add(0xBF, 7, 0)
        self._set((9, *_SCRATCH))
        self.block(self._random.randint(4, 18), (*_SCRATCH, 7, 9), 0, True)
        self.ending()
        starts = []
        for _ in range(2):
            starts.append(len(self.code))
            self.add(0xBF, 9, 1)
            self._set((7, 3, 4, 5))
            self.block(self._random.randint(2, 6), (*_SCRATCH, 7, 9), 1, False)
            self.add(0xBF, 0, 1)
            self.add(0x95)
        return [
            each if isinstance(each, bytes) else _insn(0x85, 0, 1, 0, starts[each] - at - 1)
            for at, each in enumerate(self.code)
        ]


def random_program(seed: int, map_descriptor: int) -> list[bytes]:
    """A program that is the same for the same seed; most are refused, after looking at many paths."""
    return _Writer(seed).write(map_descriptor)
