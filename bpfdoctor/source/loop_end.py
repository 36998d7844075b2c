"""A loop over a buffer whose condition does not stop at its end: which buffer, which counter, which bound."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bpfdoctor.model.record import dataclass
from bpfdoctor.source.cvalues import Access, AccessKind, Loop

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile

_INDEX = re.compile(r"(\w+)(?:\s*\+\+|\s*--)?")
_POINTER = re.compile(r"\(?\s*(?:\+\+\s*)?(\w+)\s*(?:\+\+)?\s*\)?")


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """`counter` is what moves in the loop: an index into `buffer`, or the pointer itself (`is_pointer`).

    `size` is how many bytes or entries the buffer has, as an expression for the loop's condition; None where
    the source does not tell. `bound` is what the condition compares the counter with already.
    """

    loop: Loop
    access: Access
    buffer: str
    counter: str
    is_pointer: bool
    size: str | None
    bound: str | None


def loop_end(c: CFile, line: int) -> LoopEnd | None:
    """The loop around a line and the access in it that the loop moves; None when there is no such pair."""
    loops = c.loops_around(line)
    if not loops:
        return None
    loop = loops[0]
    moved = {each.target for each in c.assignments(None, loop.span.line, loop.span.end_line)}
    for access in c.accesses_on(line):
        if access.address:
            continue
        index = _INDEX.fullmatch(access.member) if access.kind is AccessKind.INDEX else None
        field = access.member if access.kind is AccessKind.INDEX else ""
        if index is not None or field in moved:
            counter = index[1] if index is not None and field not in moved else field
            if counter in moved or re.search(rf"\b{re.escape(counter)}\b", access.member):
                return LoopEnd(
                    loop,
                    access,
                    access.base.strip("()"),
                    counter,
                    False,
                    _size(c, access.base, line),
                    _bound(loop, counter),
                )
        pointer = _POINTER.fullmatch(access.base) if access.kind is AccessKind.DEREF else None
        if pointer is not None and pointer[1] in moved:
            return LoopEnd(loop, access, pointer[1], pointer[1], True, _pointed(c, pointer[1], line), None)
    return None


def _bound(loop: Loop, counter: str) -> str | None:
    return loop.bound if loop.variable == counter else None


def _size(c: CFile, base: str, line: int) -> str | None:
    """How many entries the memory after a name has."""
    name = base.strip("()& ")
    if not name.isidentifier():
        return f"sizeof({name}) / sizeof({name}[0])" if re.fullmatch(r"\w+(?:(?:->|\.)\w+)+", name) else None
    declared = c.declaration_of(name, line)
    if declared is None:
        return None
    if len(declared.arrays) == 1 and declared.arrays[0]:
        is_bytes = re.fullmatch(r"(?:const\s+|unsigned\s+|signed\s+)*(?:char|u8|__u8|uint8_t)", declared.type)
        return f"sizeof({name})" if is_bytes and declared.scope != "parameter" else declared.arrays[0]
    return _pointed(c, name, line)


def _pointed(c: CFile, name: str, line: int) -> str | None:
    """The size of the array that a pointer or a parameter was set to, as the array was declared."""
    declared, function = c.declaration_of(name, line), c.function_at(line)
    if declared is None or function is None:
        return None
    texts: list[tuple[str, int]] = []
    if declared.scope == "parameter":
        position = next((n for n, each in enumerate(function.params) if each.name == name), None)
        for number, text in enumerate(c.lines, 1):
            if position is None or function.name not in text or number == function.start:
                continue
            texts += [
                (call.args[position].text, number)
                for call in c.calls_on(number)
                if call.name == function.name and position < len(call.args)
            ]
    else:
        sets = c.assignments(name, function.start, line)
        texts = [(each.value, each.span.line) for each in sets if each.operator == "="]
    sizes = set()
    for text, at in texts:
        target = c.declaration_of(text.lstrip("&"), at)
        sizes.add(target.arrays[0] if target is not None and len(target.arrays) == 1 else None)
    return sizes.pop() if len(sizes) == 1 else None
