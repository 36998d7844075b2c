"""tracepoint: an event of tracefs, with a record of its own."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.checks.kernel_function import near
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if not hook.target:
        yield NotKnown("nothing in the text says which tracepoint it is attached to")
    elif system.events is None:
        yield NotKnown(system.why_not(Of.EVENTS))
    elif hook.target not in system.events:
        yield from _missing(hook.target, system.events, system)


def _missing(event: str, events: frozenset[str], system: System) -> Iterator[Cause | NotKnown]:
    """Why there is no such tracepoint."""
    category, _, name = event.partition(":")
    siblings = [each for each in events if each.startswith(f"{category}:")]
    elsewhere = [each for each in events if each.endswith(f":{name}")]
    similar = elsewhere[:3] or get_close_matches(event, sorted(siblings or events), 3, 0.8)
    if not system.shows_modules and not similar and not siblings:
        yield NotKnown(f"the kernel itself has no {event}, and {system.why_not(Of.MODULES)}")
    else:
        yield Cause("tracepoint-missing", {"near": near(similar)})
