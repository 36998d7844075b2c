"""Bytes of the stack that no way through the program sets, and that a key or user space gets."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel import types
from bpfdoctor.kernel.limits import STACK
from bpfdoctor.lints.known import Map, Stack
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.lints.walk import HelperCall
from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.model.preflight import Cause
from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.source.layout import Block, Spot
from bpfdoctor.source.members import Fields

SENT, KEY = "unset-bytes-sent", "unset-key-bytes"
# Helper -> the arguments with the record that user space gets, and with its length.
_SENDS = {
    "bpf_perf_event_output": (4, 5),
    "bpf_skb_output": (4, 5),
    "bpf_xdp_output": (4, 5),
    "bpf_ringbuf_output": (2, 3),
}
_WITH_KEY = ("bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem")
# Maps that compare the whole key, byte by byte.
_COMPARE = frozenset({"hash", "percpu_hash", "lru_hash", "lru_percpu_hash", "hash_of_maps"})
_DECLARATION = later(r"(\s*(?:struct\s+)?\w+\s+(\w+))\s*;\s*")


@dataclass(frozen=True, slots=True)
class _Unset:
    """`first`..`last` of `size` bytes; what they are, and of which variable."""

    first: int
    last: int
    size: int
    variable: str = ""
    what: str = ""
    line: int | None = None


def look(program: Linted) -> Iterator[Lint]:
    """Of each variable once: what one call gets, the next gets, too."""
    told = set()
    for lint in _all(program):
        place, values = lint.cause.location, lint.cause.values
        key = (lint.cause.rule, place.function if place else "", values["variable"], values["map"])
        if place is None or key not in told:
            told.add(key)
            yield lint


def _all(program: Linted) -> Iterator[Lint]:
    known = types.maps()
    for block, seen in program.walked():
        for call in seen.calls:
            name = call.helper.name
            if name in _SENDS:
                buffer, length = (call.argument(number) for number in _SENDS[name])
                if isinstance(buffer, Stack) and isinstance(length, int):
                    yield from _found(program, block, call, SENT, buffer, length)
            elif name in _WITH_KEY:
                map, key = call.argument(1), call.argument(2)
                declared = (
                    program.code.btf.maps.get(map.name)
                    if isinstance(map, Map) and program.code.btf is not None
                    else None
                )
                kind = (
                    known.get(declared.type) if declared is not None and declared.type is not None else None
                )
                if declared is None or kind is None or kind.name not in _COMPARE or not declared.key_size:
                    continue
                if isinstance(key, Stack):
                    yield from _found(program, block, call, KEY, key, declared.key_size, declared.name)


def _found(
    program: Linted, block: Block, call: HelperCall, rule: str, at: Stack, size: int, map: str = ""
) -> Iterator[Lint]:
    first = at.offset + STACK
    if not 0 < size <= STACK or first < 0:
        return
    wanted = ((1 << size) - 1) << first
    unset = (wanted & ~call.state.set) >> first
    if not unset:
        return
    start = (unset & -unset).bit_length() - 1
    end = start
    while unset >> end & 1:
        end += 1
    place = program.place(block, call.insn.at)
    told = _named(program, block, call, at, _Unset(start, end - 1, size))
    values = {
        "first": told.first,
        "last": told.last,
        "size": size,
        "what": told.what or "no member is known",
        "helper": call.helper.name,
        "variable": told.variable or "on the stack",
        "map": map,
    }
    yield Lint(Cause(rule, values, place), _edits(program, place, told))


def _named(program: Linted, block: Block, call: HelperCall, at: Stack, unset: _Unset) -> _Unset:
    """The same with the variable's name and the members that are never set, where DWARF tells them."""
    from bpfdoctor.source.program import ObjectProgram  # with the debug information, for what is found

    wanted = program.raw.program
    name, section = (wanted.name, wanted.section) if wanted else (None, None)
    inside = ObjectProgram.read(program.raw.object, name, section)
    if inside is None:
        return unset
    spot = Spot(block.section, call.insn.at[1], block.name)
    fitting = [
        each
        for each in inside.variables(spot)
        if each.in_memory and each.register == 10 and each.offset == at.offset and each.size
    ]
    if not fitting:
        return unset
    variable = next((each for each in fitting if each.size == unset.size), fitting[-1])
    fields = inside.fields(variable)
    what = _what(fields, unset) if fields is not None else ""
    return _Unset(unset.first, unset.last, unset.size, variable.name, what, variable.line)


def _what(fields: Fields, unset: _Unset) -> str:
    """`padding after pid`, or the member that begins there."""
    for leaf in fields.leaves:
        if leaf.offset <= unset.first < leaf.offset + leaf.size:
            return f"part of {leaf.path}" if leaf.path else ""
    before = [leaf for leaf in fields.leaves if leaf.offset < unset.first]
    return f"padding after {before[-1].path}" if before else "padding"


def _edits(program: Linted, place: Place | None, unset: _Unset) -> tuple[Edit, ...]:
    """The declaration, with zeros: `struct event e;` alone on its line."""
    c = program.source.c(place.file) if place is not None else None
    if place is None or c is None or not unset.variable:
        return ()
    declared = c.declaration_of(unset.variable, place.line)
    if declared is None or not declared.alone or declared.initialiser is not None:
        return ()
    line = declared.statement.line
    text = c.line(line)
    found = _DECLARATION.fullmatch(text)
    if declared.statement.end_line != line or found is None or found[2] != unset.variable:
        return ()
    return (Edit(place.file, line, line, (f"{found[1]} = {{}};",)),)
