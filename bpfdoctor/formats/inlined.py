"""Where a compiler has put a function's code into its callers, as a program's DWARF has it."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.formats import debug_info as di
from bpfdoctor.formats.elf import Elf

_MOST = 4 << 20  # bytes of .debug_info: a tenth of a second for each
_DEEPEST = 4  # origins of origins


def calls(data: bytes, function: str) -> int | None:
    """How many calls of a function are its own code in the caller; None where the file does not tell."""
    elf = Elf.read(data)
    if elf is None or not 0 < len(elf.data(".debug_info")) <= _MOST:
        return None
    if function.encode() not in elf.data(".debug_str") + elf.data(".debug_info"):
        return 0
    try:
        return sum(1 for unit in di.DebugInfo(elf).units for each in _inlined(unit) if each == function)
    except (di.Damaged, IndexError, RecursionError):
        return None


def _inlined(unit: di.Unit) -> Iterator[str]:
    """The name of each function that was put into another one, each time."""
    for at in unit.top_level(di.SUBPROGRAM):
        waiting = [unit.tree(at)]
        while waiting:
            entry = waiting.pop()
            waiting += entry.children
            if entry.tag == di.INLINED:
                yield _name(unit, entry)


def _name(unit: di.Unit, entry: di.DebugEntry) -> str:
    for _ in range(_DEEPEST):
        origin = entry.number(di.AT_ORIGIN)
        if entry.name() or origin is None:
            break
        entry = unit.entry(origin)
    return entry.name()
