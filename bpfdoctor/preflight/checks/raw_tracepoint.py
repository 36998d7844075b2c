"""raw_tp and tp_btf: a tracepoint of the kernel by its name alone, with the arguments of its own function."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if not hook.target:
        yield NotKnown("nothing in the text says which tracepoint it is attached to")
    elif system.types is None:
        yield NotKnown(system.why_not(Of.BTF))
    elif not system.types.has_typedef(f"btf_trace_{hook.target}"):
        yield Cause("tracepoint-missing", {})
