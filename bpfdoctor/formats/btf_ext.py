"""From an instruction of a BPF object to file, line, column and text, by its `.BTF.ext` section."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.record import dataclass

_INSN = 8  # bytes of one instruction


@dataclass(frozen=True, slots=True)
class LineInfo:
    """Where an instruction comes from. `line` and `column` count from 1, `column` in bytes; 0 is unknown."""

    insn: int  # first instruction it holds for, counted from the start of the section
    file: str  # as the compiler named it
    line: int
    column: int
    text: str  # the line, with its indentation


@dataclass(frozen=True, slots=True)
class FuncInfo:
    """A function starts at instruction `insn` of its section. `type` is the BTF id of its FUNC."""

    insn: int
    name: str
    type: int


class BtfExt:
    """Line and function info by section name; damaged records are left out."""

    def __init__(self, data: bytes, btf: Btf) -> None:
        """Raises ValueError or struct.error when the header is not one of `.BTF.ext`."""
        order = "<" if data[:2] == b"\x9f\xeb" else ">"
        if data[:2] not in (b"\x9f\xeb", b"\xeb\x9f"):
            raise ValueError("not BTF.ext")
        head, funcs, funcs_len, lines, lines_len = struct.unpack_from(order + "IIIII", data, 4)
        self.functions: dict[str, list[FuncInfo]] = {}
        self.lines: dict[str, list[LineInfo]] = {}
        for section, (offset, id) in _records(data[head + funcs :][:funcs_len], order, "II", btf):
            found = btf.type(id)
            name = found.name if found else ""
            self.functions.setdefault(section, []).append(FuncInfo(offset // _INSN, name, id))
        area = data[head + lines :][:lines_len]
        for section, (offset, file, line, where) in _records(area, order, "IIII", btf):
            info = LineInfo(offset // _INSN, btf.string(file), where >> 10, where & 0x3FF, btf.string(line))
            self.lines.setdefault(section, []).append(info)
        for infos in self.lines.values():
            infos.sort(key=lambda info: info.insn)
        self._starts = {name: [info.insn for info in infos] for name, infos in self.lines.items()}

    @classmethod
    def from_elf(cls, elf: Elf, btf: Btf) -> BtfExt | None:
        try:
            return cls(elf.data(".BTF.ext"), btf)
        except (ValueError, struct.error):
            return None

    def line(self, section: str, insn: int) -> LineInfo | None:
        """The record in force at an instruction: the last one at or before it, as in the kernel."""
        infos = self.lines.get(section)
        at = bisect_right(self._starts[section], insn) if infos else 0
        return infos[at - 1] if infos and at else None


def _records(data: bytes, order: str, fields: str, btf: Btf) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(section name, fields) of every record of a func_info or line_info area."""
    layout = struct.Struct(order + fields)
    section = struct.Struct(order + "II")
    if len(data) < 4:
        return
    (each,) = struct.unpack_from(order + "I", data)
    if each < layout.size:
        return
    at = 4
    while at + section.size <= len(data):
        name, count = section.unpack_from(data, at)
        at += section.size
        name = btf.string(name)
        for _ in range(min(count, (len(data) - at) // each)):
            yield name, layout.unpack_from(data, at)
            at += each
