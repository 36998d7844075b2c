"""tracepoint: an event of tracefs, with a record of its own."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.formats import event_format
from bpfdoctor.kernel import tracepoints
from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.checks import patterns
from bpfdoctor.preflight.checks.kernel_function import alike, near, not_in_kernel
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    yield from _event(hook, system)
    if system.events is not None and hook.target in system.events and not system.shows_tracefs:
        yield Cause("tracefs-not-mounted", {})


def _event(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    pattern = str(hook.options.get("pattern") or "")
    if not hook.target and not pattern:
        yield NotKnown("nothing in the text says which tracepoint it is attached to")
    elif system.events is None:
        yield NotKnown(system.why_not(Of.EVENTS))
    elif pattern:
        found = list(patterns.fits(pattern, system.events, "tracepoint", "this kernel"))
        is_empty = any(isinstance(each, Cause) for each in found) and not system.shows_modules
        yield from [not_in_kernel(f"tracepoint like {pattern}", system)] if is_empty else found
    elif hook.target not in system.events:
        yield from _missing(hook.target, system.events, system)
    else:
        yield from switched_off(hook.target, system)
        if hook.reads:
            yield from _record(hook, system)


def switched_off(event: str, system: System) -> Iterator[Cause]:
    """Whether the kernel leaves the tracepoint out while a setting is 0."""
    setting = tracepoints.switch(event.rpartition(":")[2])
    if setting is not None and system.setting(setting) == "0":
        yield Cause("tracepoint-switched-off", {"setting": setting})


def _record(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    """Whether what the program reads is in the tracepoint's record, and is what it takes it for."""
    text = system.event_format(hook.target)
    fields = event_format.fields(text) if text else ()
    if not fields:
        yield NotKnown(f"{hook.target}'s format cannot be read, so it is not known what its record has")
        return
    size = max(field.end for field in fields)
    furthest = max(hook.reads, key=lambda read: read.offset + read.size)
    wanted = furthest.offset + furthest.size
    if wanted > size:
        yield Cause("tracepoint-record-short", {"wanted": wanted, "size": size}, furthest.place)
    told = set()
    for read in hook.reads:
        meant = next((field for field in fields if field.name == read.member), None)
        if meant is None or meant.offset <= read.offset < meant.end or read.member in told:
            continue
        told.add(read.member)
        there = next((field.name for field in fields if field.offset <= read.offset < field.end), "")
        values = {"member": read.member, "offset": read.start, "actual": meant.offset}
        yield Cause("tracepoint-field-moved", {**values, "field": there or "no field at all"}, read.place)


def _missing(event: str, events: frozenset[str], system: System) -> Iterator[Cause | NotKnown]:
    """Why there is no such tracepoint."""
    off = [each for each in tracepoints.options(event) if system.config(each) == "n"]
    if off:
        yield Cause("tracepoint-not-configured", {"options": tuple(f"CONFIG_{each}" for each in off)})
        return
    category, _, name = event.partition(":")
    siblings = [each for each in events if each.startswith(f"{category}:")]
    elsewhere = [each for each in events if each.endswith(f":{name}")]
    similar = elsewhere[:3] or alike(event, sorted(siblings or events), 3, 0.8)
    if not system.shows_modules and not siblings:
        yield not_in_kernel(event, system, similar)
    else:
        in_category = [each.partition(":")[2] for each in similar if each.startswith(f"{category}:")]
        best = in_category[0] if in_category else ""
        yield Cause("tracepoint-missing", {"near": near(similar), "best": best})
