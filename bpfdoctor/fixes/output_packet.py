"""Sends bytes of a packet with a helper that takes its program's own memory only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Call

_CONSTANT = re.compile(r"\d+|0x[0-9a-fA-F]+|[A-Z][A-Z0-9_]*|sizeof\s*\([^()]*\)")
_IS_PLAIN = re.compile(r"[\w.>-]+|sizeof\s*\([^()]*\)")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `code`, its lines."""
    at, step = site(context), context.step
    if at is None or step is None:
        return
    for call in at.c.calls_on(at.line, at.column):
        if call.name == "bpf_perf_event_output" and len(call.args) == 5:
            yield _appended(at, call)
        pairs = zip(call.args, call.args[1:], strict=False)
        for index, (memory, size) in enumerate(pairs):
            if (
                _CONSTANT.fullmatch(size.text)
                and not memory.text.startswith("&")
                and _is_pointer(at, memory.text)
            ):
                yield _copied(at, call, index, size.text)


def _is_pointer(at: Site, text: str) -> bool:
    names = [name for name in re.findall(r"[A-Za-z_]\w*", text) if name not in ("void", "char")]
    declared = [at.c.declaration_of(name, at.line) for name in names]
    return any(each is not None and each.pointer and each.name != at.context for each in declared)


def _appended(at: Site, call: Call) -> tuple[Plan, ...]:
    """The helper itself appends bytes of the packet: their number stands in the upper half of the flags."""
    flags, _, size = call.args[2:]
    if flags.span.line != size.span.end_line:
        return ()
    name = at.fresh_name("nothing")
    length = size.text if _IS_PLAIN.fullmatch(size.text) else f"({size.text})"
    text = f"{flags.text} | ((__u64){length} << 32), &{name}, 0"
    replaced = at.replacement(flags.span.line, flags.span.column, size.span.end_column, text)
    inserted = at.lines_before(call.span.line, [f"__u32 {name} = 0;", ""], call.span.column)
    return (*inserted, replaced) if inserted else ()


def _copied(at: Site, call: Call, index: int, size: str) -> tuple[Plan, ...]:
    memory = call.args[index]
    if memory.span.line != memory.span.end_line:
        return ()
    name = at.fresh_name("bytes")
    lines = [f"char {name}[{size}];", "", f"__builtin_memcpy({name}, {memory.text}, sizeof({name}));"]
    span = memory.span
    inserted = at.lines_before(call.span.line, lines, call.span.column)
    return (*inserted, at.replacement(span.line, span.column, span.end_column, name)) if inserted else ()
