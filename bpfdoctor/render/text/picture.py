"""Draws what a finding shows besides its places: an object's bytes, loops, the stack of calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.picture import CallStack, FunctionStack, LoopNest, ObjectBytes, Part, PartKind
from bpfdoctor.render import Canvas
from bpfdoctor.render.text.measure import cell_len, cut
from bpfdoctor.render.text.paint import style
from bpfdoctor.render.words import plural

_BAR = 16  # cells; more bytes than that are drawn to scale
_NAME = 28  # cells
_MOST_ROWS = 12
_LEAST = 8  # cells; less room than that says nothing


def lines(diagnosis: Diagnosis, canvas: Canvas) -> Iterator[str]:
    """The drawing, with styles, indented by two cells; nothing for a finding without one."""
    picture = diagnosis.facts.picture if diagnosis.facts is not None else None
    if isinstance(picture, ObjectBytes):
        yield from _object(picture, canvas)
    elif isinstance(picture, LoopNest):
        from bpfdoctor.render.text.loops import loops

        yield from loops(picture, canvas)
    elif isinstance(picture, CallStack):
        yield from _calls(picture, canvas)


def _object(known: ObjectBytes, canvas: Canvas) -> Iterator[str]:
    where = f"{plural(known.size, 'byte')} at fp{known.off}"
    of = ", ".join(filter(None, (known.type, where)))
    title = f"{known.name} ({of})" if known.name else f"the {of}"
    yield "  " + style(cut(title, canvas.width - 2, canvas), "row")
    parts = _folded(known.parts)
    spans = [_span(part) for part in parts]
    bars = [_bar(part.row) for part in parts]
    digits, longest = max(map(len, spans)), max(map(len, bars))
    names = [_name(part, known) for part in parts]
    wide = min(max(map(cell_len, names)), _NAME, max(canvas.width - digits - longest - 8, 6))
    for part, name, span, bar in zip(parts, names, spans, bars, strict=True):
        short = cut(name, wide, canvas)
        row = f"    {short}{' ' * (wide - cell_len(short))}  {span:>{digits}}  {_painted(bar, canvas)}"
        said, room = _said(part, known), canvas.width - wide - digits - longest - 10
        if said and room >= _LEAST:
            missing = "." in part.row and known.read_of(part) is not None
            row += " " * (longest - len(bar) + 2) + style(
                cut(said, room, canvas), "primary" if missing else "dim"
            )
        yield row


def _span(part: Part) -> str:
    return f"{part.start}..{part.start + part.size - 1}" if part.size > 1 else f"{part.start}"


def _folded(parts: Sequence[Part]) -> list[Part]:
    """The parts, with neighbours that have the same to say drawn as one where there are too many."""
    if len(parts) <= _MOST_ROWS:
        return list(parts)
    rows: list[Part] = []
    for (beyond, letters), group in groupby(
        parts, key=lambda part: (part.kind is PartKind.BEYOND, set(part.row))
    ):
        same = list(group)
        if len(same) < 3 or beyond or len(letters) > 1:
            rows.extend(same)
            continue
        named = [part.name for part in same if part.kind is PartKind.MEMBER and part.name]
        name = f"{named[0]} .. {named[-1]}" if len(named) > 1 else same[0].name
        kind = PartKind.MEMBER if named else same[0].kind
        rows.append(Part(kind, same[0].start, "".join(part.row for part in same), name))
    return rows


def _name(part: Part, known: ObjectBytes) -> str:
    match part.kind:
        case PartKind.PADDING:
            return "(padding)"
        case PartKind.BEYOND:
            return f"(after {known.name})"
        case PartKind.BYTES:
            return f"fp{known.off + part.start}"
    return part.name or known.name or ""


def _bar(row: str) -> str:
    """A letter for each byte, or for large parts to scale with at least one for each run."""
    if len(row) <= _BAR:
        return row
    runs = [(letter, len(list(run))) for letter, run in groupby(row)]
    return "".join(letter * max(1, size * _BAR // len(row)) for letter, size in runs)[: 2 * _BAR]


def _painted(bar: str, canvas: Canvas) -> str:
    drawn = {"w": "█", ".": "░"} if canvas.unicode else {"w": "#"}
    tones = {"w": "second", ".": "primary", "?": "dim"}
    return "".join(
        style(drawn.get(letter, letter) * len(list(run)), tones[letter]) for letter, run in groupby(bar)
    )


def _said(part: Part, known: ObjectBytes) -> str:
    """What the bar does not say by itself."""
    said = []
    if "." in part.row:
        said.append(_unwritten(part))
    elif "?" in part.row:
        said.append("not known")
    elif part.by:
        said.append(part.by)
    read = known.read_of(part)
    if read is not None and (known.first > 0 or known.last < known.size - 1):
        said.append("read here" if read.size == part.size else f"{_bytes(read.start, read.size)} read here")
    return ", ".join(said)


def _bytes(start: int, count: int) -> str:
    return f"{start}..{start + count - 1}" if count > 1 else f"byte {start}"


def _unwritten(part: Part) -> str:
    if set(part.row) == {"."}:
        return "not written"
    runs, at = [], part.start
    for letter, run in groupby(part.row):
        count = len(list(run))
        if letter == ".":
            runs.append(_bytes(at, count))
        at += count
    more = f" and {len(runs) - 2} more runs" if len(runs) > 2 else ""
    unknown = ", the rest is not known" if "?" in part.row else ""
    return f"{', '.join(runs[:2])}{more} not written{unknown}"


def _calls(stack: CallStack, canvas: Canvas) -> Iterator[str]:
    """A function a line, each called by the one above it; the sum below them."""
    title = "the stack of the functions, each called by the one above" if len(stack.functions) > 1 else ""
    yield "  " + style(title or "the largest variables on the stack", "row")
    sizes = ["" if each.size is None else plural(each.size, "byte") for each in stack.functions]
    names = [cut(each.name, _NAME, canvas) for each in stack.functions] + ["together"] * (
        stack.used is not None
    )
    wide, digits = max(map(cell_len, names)), max(map(len, sizes))
    for name, size, function in zip(names, sizes, stack.functions, strict=False):
        row = f"    {name}{' ' * (wide - cell_len(name))}  " + (f"{size:>{digits}}  " if digits else "")
        yield (row + style(cut(_largest(function), canvas.width - cell_len(row), canvas), "second")).rstrip()
    if stack.used is not None:
        counted = " + ".join(str(each.counted) for each in stack.functions)
        rounded = any(each.size != each.counted for each in stack.functions)
        total = f"{stack.used} bytes of {stack.limit}: {counted}" + (", each rounded up" if rounded else "")
        yield f"    {'together':{wide}}  " + style(cut(total, canvas.width - wide - 6, canvas), "primary")


def _largest(function: FunctionStack) -> str:
    """`line (char[304])`: the type says the size of an array; of anything else it is written out."""
    return ", ".join(f"{each.name} ({each.type}, {plural(each.size, 'byte')})" for each in function.locals)
