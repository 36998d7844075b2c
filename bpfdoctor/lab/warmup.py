"""The smallest BPF object there is, written by hand: it warms a guest without a compiler."""

from __future__ import annotations

import struct

_SECTION = struct.Struct("<IIQQQQIIQQ")
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")


def smallest_object() -> bytes:
    """An ELF object with one socket filter, `return 0`."""
    program = bytes.fromhex("b700000000000000 9500000000000000")  # r0 = 0; exit
    names = b"\0socket\0license\0.symtab\0.strtab\0warm\0"
    symbols = bytes(24) + struct.pack("<IBBHQQ", names.index(b"warm"), 0x12, 0, 1, 0, len(program))
    bodies = [
        # name, type, flags, data, link, info, entry size
        (b"socket", 1, 6, program, 0, 0, 0),
        (b"license", 1, 3, b"GPL\0", 0, 0, 0),
        (b".symtab", 2, 0, symbols, 4, 1, 24),
        (b".strtab", 3, 0, names, 0, 0, 0),
    ]
    out = bytearray(_HEADER.size)
    table = bytes(_SECTION.size)
    for name, kind, flags, data, link, info, entry in bodies:
        out += bytes(-len(out) % 8)
        table += _SECTION.pack(
            names.index(name), kind, flags, 0, len(out), len(data), link, info, 8 if kind != 3 else 1, entry
        )
        out += data
    out += bytes(-len(out) % 8)
    at = len(out)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    out[: _HEADER.size] = _HEADER.pack(ident, 1, 247, 1, 0, 0, at, 0, 64, 0, 0, 64, len(bodies) + 1, 4)
    return bytes(out) + table
