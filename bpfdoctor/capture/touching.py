"""Which lines of the source an object's code touches memory for, or calls; the others were left out."""

from __future__ import annotations

import os

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.btf_ext import BtfExt
from bpfdoctor.formats.elf import Elf
from bpfdoctor.kernel.instructions import CALL, CLASS, LDX, ST, STX

_INSN = 8  # bytes of one instruction


def touching(code: bytes) -> frozenset[str]:
    """`file:line`, without folders, of every instruction of an object that reads, writes or calls."""
    elf = Elf.read(code)
    btf = Btf.from_elf(elf) if elf is not None else None
    ext = BtfExt.from_elf(elf, btf) if elf is not None and btf is not None else None
    if elf is None or ext is None:
        return frozenset()
    found: set[str] = set()
    for section in ext.lines:
        data = elf.data(section)
        for insn in range(len(data) // _INSN):
            opcode = data[insn * _INSN]
            info = ext.line(section, insn)
            if info is not None and (opcode & CLASS in (LDX, ST, STX) or opcode == CALL):
                found.add(f"{os.path.basename(info.file)}:{info.line}")
    return frozenset(found)
