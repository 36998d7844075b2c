"""raw_tp and tp_btf: a tracepoint of the kernel by its name alone, with the arguments of its own function."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.checks.kernel_function import alike, likely, not_in_kernel
from bpfdoctor.preflight.checks.tracepoint import switched_off
from bpfdoctor.preflight.system import Of, System

_TYPE = "btf_trace_"  # the kernel's BTF has a typedef for the prototype of each tracepoint


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    name, types = hook.target.rpartition(":")[2], system.types
    yield from switched_off(name, system)
    if not name:
        yield NotKnown("nothing in the text says which tracepoint it is attached to")
    elif types is None:
        yield NotKnown(system.why_not(Of.BTF))
    elif not types.has_typedef(f"{_TYPE}{name}") and not _is_event(name, system):
        known = [each.removeprefix(_TYPE) for each in types.names(_TYPE)]
        similar = alike(name, known, 3, 0.8)
        if system.shows_modules:
            yield Cause("tracepoint-missing", likely(similar))
        else:
            yield not_in_kernel(name, system, similar)
    elif hook.reads and (count := types.arguments(f"{_TYPE}{name}")) is not None:
        furthest = max(hook.reads, key=lambda read: read.offset + read.size)
        if (wanted := (furthest.offset + furthest.size + 7) // 8) > count:
            yield Cause("raw-tracepoint-arguments", {"wanted": wanted, "count": count}, furthest.place)


def _is_event(name: str, system: System) -> bool:
    """Whether it is a tracepoint of a module, which has types of its own."""
    return system.in_modules(f"{_TYPE}{name}") or any(
        each.endswith(f":{name}") for each in system.events or ()
    )
