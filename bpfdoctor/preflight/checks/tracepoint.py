"""tracepoint: an event of tracefs."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if not hook.target:
        yield NotKnown("nothing in the text says which tracepoint it is attached to")
    elif system.events is None:
        yield NotKnown(system.why_not(Of.EVENTS))
    elif hook.target not in system.events:
        yield Cause("tracepoint-missing", {})
