"""Facts as the outside sees them: the `facts` of docs/json.md, whose schema is render/schema.json."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import assert_never

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.explain import place_of
from bpfdoctor.machine.number import signed_limits
from bpfdoctor.model.diagnosis import Fact, Facts, Json, Place
from bpfdoctor.model.picture import CallStack, FunctionStack, Local, LoopNest, ObjectBytes, Part
from bpfdoctor.model.trace import RegState, Step


def public(collector: str, facts: Facts, context: Context) -> dict[str, Json]:
    """What `collector` found, by the names of its definition in the schema."""
    told = {"why": facts.why, "registers": facts.registers, **facts.public()}
    return {"collector": collector, **{name: _json(value, context) for name, value in told.items()}}


def _json(value: Fact, context: Context) -> Json:
    match value:
        case Enum():
            return value.name.lower()
        case None | bool() | int() | str():
            return value
        case Step() | Place():
            return _place(value, context)
        case RegState():
            least, most = signed_limits(value) if value.kind == "scalar" else (None, None)
            return {"kind": value.kind, "least": least, "most": most}
        case ObjectBytes() | LoopNest() | CallStack() | Local():
            return _json(_drawn(value), context)
        case Mapping():
            return {name: _json(each, context) for name, each in value.items()}
        case _:
            return [_json(each, context) for each in value]


def _place(at: Step | Place, context: Context) -> dict[str, Json]:
    """Like a label without its text; `insn` is null for what no instruction stands for."""
    place = place_of(context, at)
    return {
        "insn": at.insn.index if isinstance(at, Step) else None,
        "location": place.as_json() if place else None,
    }


def _drawn(value: ObjectBytes | LoopNest | CallStack | Local) -> Mapping[str, Fact]:
    match value:
        case ObjectBytes():
            return {
                "name": value.name,
                "type": value.type,
                "off": value.off,
                "size": value.size,
                "first": value.first,
                "last": value.last,
                "parts": [_part(each) for each in value.parts],
            }
        case LoopNest():
            return _loops(value)
        case CallStack():
            functions = [_function(each) for each in value.functions]
            return {"functions": functions, "used": value.used, "limit": value.limit}
        case Local():
            return {"name": value.name, "type": value.type, "size": value.size, "line": value.line}
        case _:
            assert_never(value)


def _part(part: Part) -> Mapping[str, Fact]:
    return {"kind": part.kind, "start": part.start, "row": part.row, "name": part.name, "by": part.by}


def _function(function: FunctionStack) -> Mapping[str, Fact]:
    return {
        "name": function.name,
        "size": function.size,
        "counted": function.counted,
        "locals": function.locals,
    }


def _loops(nest: LoopNest) -> Mapping[str, Fact]:
    return {
        "levels": [
            {
                "text": level.text,
                "line": level.line,
                "trips": level.trips,
                "bound": level.bound,
                "seen": level.seen,
                "variable": level.variable,
                "now": level.now,
                "step": level.step,
            }
            for level in nest.levels
        ],
        "steps": nest.steps,
        "body": nest.body,
        "waiting": nest.waiting,
        "changes": [
            {"place": each.place, "name": each.name, "values": each.values, "each": each.each}
            for each in nest.changes
        ],
        "at_once": nest.at_once,
        "total": nest.total,
        "room": nest.room,
        "rounds": nest.rounds,
        "passes": nest.passes,
        "limit": nest.limit,
        "of": nest.of,
    }
