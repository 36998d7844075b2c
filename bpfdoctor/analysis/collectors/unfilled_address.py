"""An address of a literal, a table or a variable that BCC left as the compiler wrote it, where nobody minds.

The object proves it: LLVM asks for the address with a relocation (R_BPF_64_64 against .rodata, .data or .bss)
and BCC, which loads functions and maps only, resolves none of these. What only stores the number, or gives it
to a helper that reads from any address, is accepted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.data_address import DataAddress, WithData
from bpfdoctor.model.diagnosis import Fact, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import RawReport
from bpfdoctor.source import Source
from bpfdoctor.source.static_data import StaticData, Storage, on_line

_MOST_TEXT = 60  # characters of a literal that are quoted


class Outcome(answer.Outcome):
    TEXT = "a string literal"
    TABLE = "a constant table, or the initial values of an array"
    VARIABLE = "a variable"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfilledAddress(WithData):
    """`name` is the literal as written, or the variable's name; `address` is what stands in its place."""

    name: str
    address: int
    use: Place | None

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "address": self.address,
            "use": self.use,
            "data": self.not_loaded(),
        }


FACTS = UnfilledAddress


def look(_: RawReport, source: Source) -> Iterator[Mapping[str, Any]]:
    """The first instruction of each line that asks for such an address."""
    told: set[object] = set()
    for insn, name, address, data in source.unfilled():
        place = source.place_at(insn)
        key = (place.file, place.line) if place is not None else None, name, data
        if key not in told:
            told.add(key)
            yield {"insn": insn, "object": name, "data": data, "address": address}


def collect(context: Context) -> Found | NotShown:
    """Of the instruction that `look` found."""
    insn, name, data, address = (context.captures[key] for key in ("insn", "object", "data", "address"))
    place = context.source.place_at(insn)
    text = data.partition(b"\0")[0]
    is_text = name.startswith(".rodata.str")
    objects = _objects(context, place, text if is_text else None, name)
    storage = objects[0].storage if objects else None
    called = objects[0].name if objects else _quoted(text) if is_text else name
    outcome = {Storage.STRING: Outcome.TEXT, Storage.VARIABLE: Outcome.VARIABLE}.get(
        storage or (Storage.STRING if is_text else Storage.TABLE), Outcome.TABLE
    )
    facts = UnfilledAddress(
        data=DataAddress(address, objects, place.file, place.function, "BCC") if place is not None else None,
        name=called if len(called) <= _MOST_TEXT else called[:_MOST_TEXT] + '…"',
        address=address,
        use=place,
        insn=insn,
        from_object=True,
    )
    return Found(outcome, facts)


def _objects(context: Context, place: Place | None, text: bytes | None, name: str) -> tuple[StaticData, ...]:
    """What the source has there: the literal with that text, or the variable; else what the line uses."""
    c = context.source.c(place.file) if place is not None else None
    if c is None or place is None:
        return ()
    found = on_line(c, place.line)
    if text is None:
        return tuple(each for each in found if each.name == name) or found[:1]
    same = tuple(each for each in found if each.storage is Storage.STRING and _text(each.name) == text)
    if same:
        return same[:1]
    function = c.function_at(place.line)
    lines = range(function.start, function.end + 1) if function is not None else ()
    others = {each.span: each for line in lines for each in c.strings_on(line) if _text(each.text) == text}
    found = tuple(StaticData(each.text, Storage.STRING, span) for span, each in others.items())
    return found if len(found) == 1 else ()


def _text(literal: str) -> bytes | None:
    """The bytes of a C string literal, whose escapes are usually Python's."""
    try:
        found = ast.literal_eval("b" + literal)
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, bytes) else None


def _quoted(text: bytes) -> str:
    return '"' + text.decode("utf-8", "replace").replace("\n", "\\n") + '"'
