"""One program as lints look at it: its functions, walked once each, and where its instructions come from.

Most programs are right, and most lints can tell from the calls alone: what else they need is imported then.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from bpfdoctor.formats.elf import FUNC, Elf
from bpfdoctor.kernel.instructions import BYTES, CALL
from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import RawReport
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from bpfdoctor.lints.known import Memory
    from bpfdoctor.lints.walk import OfContext, Seen
    from bpfdoctor.preflight.needs.code import Code, Spot
    from bpfdoctor.source import Source
    from bpfdoctor.source.layout import Block

_IN_USER_SPACE = (HookKind.UPROBE, HookKind.URETPROBE, HookKind.UPROBE_MULTI)
_SYSTEM_CALL = "syscalls:sys_enter_"
_WRAPPER = later(r"__(?:x64|ia32|arm64|s390x|riscv)_sys_\w+$")
_FIRST_ARGUMENT = 16  # bytes of a record of sys_enter_… before its arguments: its format file in tracefs


@dataclass(frozen=True, slots=True)
class Lint:
    """What is found: the rule with what its sentences bind, where, and the mechanical patch."""

    cause: Cause
    edits: tuple[Edit, ...] = ()


class Walks:
    """The functions of one object, each walked once for all programs that call it."""

    def __init__(self, elf: Elf) -> None:
        self._elf = elf
        self._done: dict[tuple[Block, str], Seen | None] = {}

    @cached_property
    def code(self) -> Code:
        from bpfdoctor.preflight.needs.code import Code

        return Code(self._elf)

    @cached_property
    def called(self) -> frozenset[int]:
        """The helpers, by number, that any of its functions calls."""
        found = set()
        little = self._elf.little
        one = struct.Struct("<BBhi" if little else ">BBhi")
        for section in {each.section for each in self._elf.symbols if each.kind == FUNC}:
            data = self._elf.data(section) if section is not None else b""
            for opcode, registers, _, imm in one.iter_unpack(data[: len(data) // BYTES * BYTES]):
                if opcode == CALL and (registers >> 4 if little else registers & 0xF) == 0:
                    found.add(imm)
        return frozenset(found)

    def of(self, block: Block, kind: str, of_context: OfContext) -> Seen | None:
        if (block, kind) not in self._done:
            from bpfdoctor.lints.walk import walk

            self._done[block, kind] = walk(self.code, block, of_context)
        return self._done[block, kind]


class Linted:
    """A program of a report. Everything is worked out when a lint asks for it."""

    def __init__(self, raw: RawReport, walks: Walks, oldest: str | None) -> None:
        self.raw, self.oldest = raw, oldest
        self._walks = walks

    @property
    def code(self) -> Code:
        return self._walks.code

    @property
    def called(self) -> frozenset[int]:
        return self._walks.called

    @cached_property
    def block(self) -> Block:
        """The program's own function. Raises ValueError where the object has none of this name."""
        own = self.raw.program
        block = self.code.layout.program(own.name, own.section) if own is not None else None
        if block is None:
            raise ValueError("no such program")
        return block

    @cached_property
    def numbers(self) -> dict[Block, int]:
        """Its functions, each with the number of its first instruction as the kernel counts."""
        return {each: start for start, each in self.code.layout.linked(self.block)}

    @cached_property
    def hook(self) -> Hook:
        from bpfdoctor.preflight.hooks import hook_of

        return hook_of(self.raw) or Hook(self.block.name, HookKind.OTHER)

    @cached_property
    def source(self) -> Source:
        from bpfdoctor.source import Source

        return Source(self.raw, Transcript(raw=self.raw, text=b""))

    def walked(self) -> Iterator[tuple[Block, Seen]]:
        """Its functions, as far as they are not too large."""
        for block in self.numbers:
            is_start = block is self.block
            kind = f"{self.hook.kind} {self.hook.target}" if is_start else ""
            seen = self._walks.of(block, kind, self._of_context if is_start else _nothing)
            if seen is not None:
                yield block, seen

    def _of_context(self, offset: int, size: int) -> Memory | None:
        """What the hook's context has there, where that is certain."""
        from bpfdoctor.lints.known import Memory

        hook = self.hook
        if size != 8:
            return None
        if hook.kind in _IN_USER_SPACE:
            return Memory(True, "a register of the probed program")
        if hook.kind is HookKind.TRACEPOINT and hook.target.startswith(_SYSTEM_CALL):
            return Memory(True, "an argument of the system call") if offset >= _FIRST_ARGUMENT else None
        if hook.kind is HookKind.KPROBE and _WRAPPER.match(hook.target):  # gets the caller's registers
            argument = Memory(True, "an argument of the system call")
            return Memory(False, "the registers of the system call", argument)
        return None

    def place(self, block: Block, spot: Spot) -> Place | None:
        """Where an instruction of the object comes from."""
        return self.source.place_at(self.numbers[block] + spot[1] - block.start)

    def line(self, place: Place | None) -> str:
        """The whole line of a place; "" where the text is not at hand."""
        text = self.source.text(place.file) if place is not None else None
        if place is None or text is None:
            return ""
        lines = text.split("\n")
        return lines[place.line - 1].removesuffix("\r") if 0 < place.line <= len(lines) else ""

    def start(self) -> Place | None:
        """Where the program begins."""
        return self.source.place_at(0)


def _nothing(offset: int, size: int) -> None:
    del offset, size
