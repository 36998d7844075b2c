"""Puts a connection into a map of sockets from its own context, which has a helper of its own."""

from __future__ import annotations

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import call_of
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Call

_UPDATE = "bpf_map_update_elem"
_OF_CONTEXT = {
    "BPF_MAP_TYPE_SOCKHASH": "bpf_sock_hash_update",
    "BPF_MAP_TYPE_SOCKMAP": "bpf_sock_map_update",
}


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`bpf_map_update_elem(&m, &k, ctx, f)` becomes `bpf_sock_hash_update(ctx, &m, &k, f)`."""
    at, call = site(context), call_of(context)
    return from_context(at, call) if at is not None and call is not None else ()


def from_context(at: Site, call: Call) -> tuple[Plan, ...]:
    """For a program of SEC("sockops"): its context stands for the socket nowhere else."""
    if at.function.section != "sockops" or call.name != _UPDATE or len(call.args) != 4:
        return ()
    map_, key, value, _ = call.args
    declared = at.c.maps.get(map_.text.lstrip("&"))
    helper = _OF_CONTEXT.get(declared.kind) if declared is not None else None
    start, end = call.span.column, call.span.column + len(_UPDATE)
    is_written = at.c.line(call.span.line)[start - 1 : end - 1] == _UPDATE  # and no macro
    if helper is None or value.text != at.context or not is_written:
        return ()
    moved = zip((map_, key, value), (value, map_, key), strict=True)
    if any(each.span.line != each.span.end_line for each in (map_, key, value)):
        return ()
    return (
        at.replacement(call.span.line, start, end, helper),
        *(at.replacement(o.span.line, o.span.column, o.span.end_column, new.text) for o, new in moved),
    )
