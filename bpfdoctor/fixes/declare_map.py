"""Declares a map as its helper or its type demands: another type, other sizes, a flag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import call_of
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Call, MapDeclaration

_ENTRY = later(r"__(?:uint|type|array)\s*\(\s*(\w+)\s*,((?:[^()]|\([^()]*\))*)\)\s*;")
_PAGE = 4096
_MOST_LINES = 40  # of a declaration
_NUMBER = later(r"(?:\d+|0x[0-9a-fA-F]+)(?:\s*(?:\*|<<)\s*\d+)?")
_KEY, _VALUE, _SIZE = ("key", "key_size"), ("value", "value_size"), ("max_entries",)
_FOUR_BYTES = later(r"(?:unsigned |signed )?int|(?:__)?[us]32|u?int32_t|pid_t|unsigned")
_FOUR = {"key": "__type(key, __u32);", "value": "__type(value, __u32);"}
_NO_PREALLOC = "__uint(map_flags, BPF_F_NO_PREALLOC);"
_STORAGES = ("TASK_STORAGE", "SK_STORAGE", "INODE_STORAGE", "CGRP_STORAGE")
_COUNTED = (
    *("HASH", "PERCPU_HASH", "LRU_HASH", "LRU_PERCPU_HASH", "ARRAY", "PERCPU_ARRAY", "LPM_TRIE"),
    *("QUEUE", "STACK", "BLOOM_FILTER", "STACK_TRACE", "PROG_ARRAY", "SOCKMAP", "SOCKHASH"),
)
_MADE_FOR = {
    "bpf_perf_event_output": "PERF_EVENT_ARRAY",
    "bpf_skb_output": "PERF_EVENT_ARRAY",
    "bpf_xdp_output": "PERF_EVENT_ARRAY",
    "bpf_perf_event_read_value": "PERF_EVENT_ARRAY",
    "bpf_tail_call": "PROG_ARRAY",
    "bpf_tail_call_static": "PROG_ARRAY",
    "bpf_get_stackid": "STACK_TRACE",
    "bpf_task_storage_get": "TASK_STORAGE",
    "bpf_sk_storage_get": "SK_STORAGE",
    "bpf_inode_storage_get": "INODE_STORAGE",
    "bpf_cgrp_storage_get": "CGRP_STORAGE",
    "bpf_sk_redirect_map": "SOCKMAP",
    "bpf_msg_redirect_map": "SOCKMAP",
    "bpf_sock_map_update": "SOCKMAP",
    "bpf_sk_redirect_hash": "SOCKHASH",
    "bpf_msg_redirect_hash": "SOCKHASH",
    "bpf_sock_hash_update": "SOCKHASH",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`__uint(name, value);` and where it stands."""

    name: str
    value: str
    line: int
    column: int
    end_column: int


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Every change has its own text. Of a refused call the map that it gets, else the one that is named."""
    file = context.source.user_file
    c = context.source.c(file) if file else None
    if file is None or c is None or "SEC(" not in c.text:
        return
    call = _call(context, c)
    if call is not None:
        declared = _given(c, call)
        kind = "RINGBUF" if call.name.startswith("bpf_ringbuf_") else _MADE_FOR.get(call.name)
    else:
        failure = context.finding.block.failure
        named = failure.map if failure is not None else context.captures.get("map")
        declared, kind = c.maps.get(str(named)), None
    if declared is not None and (call is None or kind is not None):
        yield tuple(_declared(file, c, declared, kind))


def _call(context: Context, c: CFile) -> Call | None:
    """The refused call; of a tail call, which is an instruction, the one on its line."""
    if (call := call_of(context)) is not None:
        return call
    place = context.source.place(context.step) if context.step is not None else None
    here = c.calls_on(place.line) if place is not None and place.file == context.source.user_file else ()
    return next((each for each in here if each.name in _MADE_FOR), None)


def _given(c: CFile, call: Call) -> MapDeclaration | None:
    names = (each.text.lstrip("&") for each in call.args)
    return next((c.maps[name] for name in names if name in c.maps), None)


def _declared(file: str, c: CFile, declared: MapDeclaration, kind: str | None) -> Iterator[Plan]:
    """The entries of a declaration as its type, or another one, wants them."""
    found = list(entries(c, declared))
    type_ = next((each for each in found if each.name == "type"), None)
    if type_ is None:
        return
    has = {each.name: each.value for each in found}
    now = kind or type_.value.removeprefix("BPF_MAP_TYPE_")
    wanted = dict(_wanted(now, has, kind is not None))
    if kind is not None:
        wanted["type"] = f"__uint(type, BPF_MAP_TYPE_{kind});"
    for each in found:
        if each.name not in wanted:
            continue
        text = wanted.pop(each.name)
        if text is None and not (c.line(each.line)[: each.column - 1] + _after(c, each)).strip():
            yield Plan(file, each.line, each.line, lines=())
        elif text != c.line(each.line)[each.column - 1 : each.end_column - 1]:
            new = text or ""
            yield Plan(file, each.line, each.line, column=each.column, end_column=each.end_column, text=new)
    added = [text for text in wanted.values() if text is not None]
    indent = c.line(type_.line)[: type_.column - 1]
    between = f"\n{indent}" if not indent.strip() else " "
    if added:
        text = "".join(between + each for each in added)
        at = type_.end_column
        yield Plan(file, type_.line, type_.line, column=at, end_column=at, text=text)


def _after(c: CFile, entry: Entry) -> str:
    return c.line(entry.line)[entry.end_column - 1 :]


def entries(c: CFile, declared: MapDeclaration) -> Iterator[Entry]:
    """The entries of a declaration with __uint and __type."""
    for number in range(declared.line, declared.line + _MOST_LINES):
        line = c.line(number)
        end = line.find("}")
        for found in _ENTRY.finditer(line if end < 0 else line[:end]):
            yield Entry(found[1], found[2].strip(), number, found.start() + 1, found.end() + 1)
        if end >= 0:
            return


def _wanted(kind: str, has: Mapping[str, str], is_new: bool) -> Iterator[tuple[str, str | None]]:
    """(entry, how it is written; None: not at all), of what has to change."""
    if kind in ("RINGBUF", "USER_RINGBUF"):
        yield from ((name, None) for name in (*_KEY, *_VALUE) if name in has)
        if not is_new or not _is_ring_size(has.get("max_entries", "")):
            yield "max_entries", f"__uint(max_entries, {_ring_size(has.get('max_entries', ''))});"
    elif kind in ("PERF_EVENT_ARRAY", "PROG_ARRAY"):
        for names in (_KEY, _VALUE):
            given = next((name for name in names if name in has), None)
            if given is None:
                yield names[0], _FOUR[names[0]]
            elif not _is_four(has[given]):
                yield given, f"__uint({given}, sizeof(__u32));" if given in _SIZES else _FOUR[given]
    elif kind == "STACK_TRACE":
        if not re.search(r"\* ?sizeof\((?:__)?u64\)", has.get("value_size", "")):
            yield from ((name, None) for name in _VALUE if name in has)
            yield "value_size", "__uint(value_size, 127 * sizeof(__u64));"
    elif kind in _STORAGES:
        yield "map_flags", _NO_PREALLOC
        yield from ((name, None) for name in _SIZE if name in has)
        if not _is_four(has.get("key", "")):
            yield "key", "__type(key, int);"
    elif kind == "LPM_TRIE" and "NO_PREALLOC" not in has.get("map_flags", ""):
        flags = has.get("map_flags")
        yield "map_flags", f"__uint(map_flags, {flags} | BPF_F_NO_PREALLOC);" if flags else _NO_PREALLOC
    elif kind in ("ARRAY", "PERCPU_ARRAY") and "key" in has and not _is_four(has["key"]):
        yield "key", _FOUR["key"]
    if kind in _COUNTED and has.get("max_entries", "0") == "0":
        yield "max_entries", "__uint(max_entries, 1024);"


_SIZES = ("key_size", "value_size")


def _is_four(text: str) -> bool:
    inner = re.sub(r"^sizeof\s*\((.*)\)$", r"\1", text).strip()
    return inner == "4" or _FOUR_BYTES.fullmatch(inner) is not None


def _is_ring_size(text: str) -> bool:
    number = _value(text)
    return number is not None and number >= _PAGE and number & (number - 1) == 0


def _ring_size(text: str) -> str:
    """The size that is there, rounded up; 64 kB for what no number tells, or counts records."""
    number = _value(text)
    if _is_ring_size(text):
        return text
    return str(1 << (number - 1).bit_length()) if number is not None and number > _PAGE else "1 << 16"


def _value(text: str) -> int | None:
    if not _NUMBER.fullmatch(text):
        return None
    left, operator, right = re.fullmatch(r"(\w+)\s*(\*|<<)?\s*(\d*)", text).groups()  # type: ignore[union-attr]
    number = int(left, 0) if not left.startswith("0") or left[:2] == "0x" or left == "0" else int(left, 8)
    if not operator:
        return number
    return number * int(right) if operator == "*" else number << min(int(right), 40)
