"""BPF instructions by their opcodes, as far as anybody here asks for one by number."""

from __future__ import annotations

# Source: include/uapi/linux/bpf_common.h, include/uapi/linux/bpf.h.
BYTES = 8  # of one instruction; LD_IMM64 has two
CLASS = 0x07  # bits of an opcode: load, store, jump …
LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)  # the classes
SIZES = {0x00: 4, 0x08: 2, 0x10: 1, 0x18: 8}  # opcode & SIZE of a load or store -> bytes
SIZE, MODE = 0x18, 0xE0  # bits of a load's or store's opcode
MEM, MEMSX, ATOMIC = 0x60, 0x80, 0xC0  # modes: plain, with its sign, atomic
FROM_REGISTER = 0x08  # bit of an opcode: the second operand is a register, and no number (BPF_X)
LD_IMM64 = 0x18  # a number of 64 bits, but also the address of a map, a variable or a function
CALL, EXIT = 0x85, 0x95
JA, JA32 = 0x05, 0x06  # goto, gotol
MOV64_REG, ADD64_IMM = 0xBF, 0x07
FRAME_POINTER = 10  # the register
PSEUDO_CALL, PSEUDO_KFUNC = 1, 2  # src_reg of a call: a function of the program's own, a kfunc
