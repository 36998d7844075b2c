"""What lies on the stack where it is read: a variable, its members and padding, or bytes without a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.picture import ObjectBytes, Part, PartKind
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import StackPlace, Step
from bpfdoctor.source.cvalues import Declaration
from bpfdoctor.source.members import Fields
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.slice import How, slice_of_slot

_MOST_BYTES = 128  # of which the writers are looked for, this many steps back
Letter = Callable[[int], str]  # offset from the frame pointer -> w, . or ?


@dataclass(frozen=True, slots=True)
class Read:
    """`size` bytes at fp`start` are read. `step` is the newest one of that frame, `pointer` what the user
    calls the pointer to them: `&key`.
    """

    start: int
    size: int
    step: Step | None
    pointer: str | None


def drawn(context: Context, read: Read, letter: Letter) -> ObjectBytes:
    """The object that is read, its members where its type is known."""
    found = _from_object(context, read) or _from_text(context, read)
    if found is None:
        parts = tuple(_nameless(context, read, letter))
        return ObjectBytes(None, "", read.start, read.size, 0, read.size - 1, parts)
    name, type, off, size, fields = found
    parts = tuple(_members(name, fields, off, size, letter))
    first = read.start - off
    if (beyond := first + read.size - size) > 0:
        row = "".join(letter(off + size + at) for at in range(beyond))
        parts += (Part(PartKind.BEYOND, size, row, name),)
    return ObjectBytes(name, type, off, size, first, first + read.size - 1, parts)


_Found = tuple[str, str, int, int, Fields]  # name, type, offset from fp, size, fields


def _from_object(context: Context, read: Read) -> _Found | None:
    """The variable that the object's DWARF places there."""
    variable = context.source.stack_variable(read.step, read.start) if read.step else None
    if variable is None or not variable.size:
        return None
    fields = context.source.fields(variable)
    return (variable.name, variable.type, variable.offset, variable.size, fields) if fields else None


def _from_text(context: Context, read: Read) -> _Found | None:
    """The variable whose address the line hands over."""
    declared = _declared(context, read)
    if declared is None or declared.pointer or declared.scope != "local":
        return None
    found = context.source.fields_of(declared.type, declared.arrays)
    if found is None:
        return None
    size, fields = found
    type = declared.type + "".join(f"[{each}]" for each in declared.arrays)
    return declared.name, type, read.start, size, fields


def _declared(context: Context, read: Read) -> Declaration | None:
    """The declaration of `key` for `&key`, of `line` for an array."""
    place = context.source.place(read.step) if read.step and read.pointer else None
    c = context.source.c(place.file) if place else None
    name = (read.pointer or "").removeprefix("&").strip()
    declared = c.declaration_of(name, place.line) if c and place and name.isidentifier() else None
    if declared is None:
        return None
    return declared if (read.pointer or "").startswith("&") or declared.arrays else None


def declaration(context: Context, read: Read) -> Place | None:
    """Where the object that is read is declared, when that gives it no value."""
    place = context.source.place(read.step) if read.step else None
    c = context.source.c(place.file) if place else None
    if c is None or place is None:
        return None
    variable = context.source.stack_variable(read.step, read.start) if read.step else None
    declared = c.declaration_of(variable.name, place.line) if variable else _declared(context, read)
    if declared is None or declared.scope != "local" or declared.initialiser is not None:
        return None
    if variable and variable.line and variable.line != declared.span.line:
        return None  # a variable of that name in a function that was inlined here
    span = declared.span
    text = c.line(span.line).strip()
    return Place(place.file, span.line, span.column, span.end_column, place.function, text)


def _members(name: str, fields: Fields, off: int, size: int, letter: Letter) -> Iterator[Part]:
    """Members and padding in the order of their bytes; of members that share bytes the first."""
    reached, before = 0, None
    pieces = [
        (leaf.offset, leaf.offset + leaf.size, name + leaf.path if leaf.path.startswith("[") else leaf.path)
        for leaf in fields.leaves
    ]
    holes: list[tuple[int, int, str | None]] = [(start, end, None) for start, end in fields.padding]
    for first, end, path in sorted([*pieces, *holes], key=lambda piece: (piece[0], -piece[1])):
        start = max(first, reached)
        if start >= min(end, size):
            continue
        row = "".join(letter(off + at) for at in range(start, min(end, size)))
        if path is None:
            yield Part(PartKind.PADDING, start, row, before)
        else:
            yield Part(PartKind.MEMBER, start, row, path or None)
        reached, before = min(end, size), path or before


def _nameless(context: Context, read: Read, letter: Letter) -> Iterator[Part]:
    """Runs of bytes that one statement wrote, or that none wrote."""
    told = history(context, read)
    marks = [(letter(offset), told.get(offset)) for offset in range(read.start, read.start + read.size)]
    lines = [(mark, each[1] if each and mark == "w" else None) for mark, each in marks]
    at = 0
    for (mark, by), run in groupby(lines):
        count = len(list(run))
        yield Part(PartKind.BYTES, at, mark * count, None, by)
        at += count


def history(context: Context, read: Read) -> Mapping[int, tuple[str, str | None]]:
    """What the path did to each byte that is read: (`w` or `.`, the source line that wrote it last).

    Bytes of which the log does not show it are left out. Offsets are those from the frame pointer.
    """
    found: dict[int, tuple[str, str | None]] = {}
    end = min(read.start + read.size, read.start + _MOST_BYTES)
    if read.step is None:
        return found
    for slot in range(read.start - read.start % 8, end, 8):
        direct = [
            each
            for each in slice_of_slot(context.trace, read.step, slot, 8, Budget.COMPARISONS).value
            if each.wanted_by is None
        ]
        for each in direct:
            if each.how in (How.SPILL, How.CONSTANT) and isinstance(each.place, StackPlace):
                first = each.place.offset
                written = range(first, first + (each.step.insn.size or 0))
            else:  # a helper filled what no store after it wrote
                written = range(slot, slot + 8) if each.how is How.WRITTEN else range(0)
            for offset in written:
                found.setdefault(offset, ("w", context.source.comment(each.step)))
        if How.UNSET in {each.how for each in direct}:  # the path shows everything from the start
            for offset in range(slot, slot + 8):
                found.setdefault(offset, (".", None))
    return found
