"""One answer for each loaded program: whether it is attached, whether it runs, and whether its hook fires."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum

from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.preflight.live import code, contents, loaded
from bpfdoctor.preflight.live.attached import Attachments, Place
from bpfdoctor.preflight.live.code import Line
from bpfdoctor.preflight.live.hook_counts import Counted, Counters
from bpfdoctor.preflight.live.loaded import LoadedMap, LoadedProgram, Statistics

# Maps that keep what they have when they are full (enum bpf_map_type): hash, per-CPU hash, LPM trie.
_KEEPS = (1, 5, 11)
_MOST_ENTRIES = 1 << 17  # that are counted of one map


# Types whose attachment shows wherever it is; others may be in another network namespace, or at a socket.
_SEEN_EVERYWHERE = ("kprobe", "tracepoint", "raw_tracepoint", "tracing", "lsm", "perf_event")


class Answer(StrEnum):
    RUNS = "runs"
    MAP_FULL = "runs, and a map is full"
    CHANGES_NOTHING = "runs, and none of its maps changed"
    NEVER_FIRES = "the hook did not fire"
    NOT_ATTACHED = "not attached"
    FIRES_ELSEWHERE = "the hook fires, but the program is not attached there"
    DOES_NOT_RUN = "the hook fires, but the program does not run"
    NOT_KNOWN = "not known"

    @property
    def is_fault(self) -> bool:
        return self not in (Answer.RUNS, Answer.CHANGES_NOTHING, Answer.NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a program while it was watched. `fired` and `runs` None where nothing counted them."""

    program: LoadedProgram
    places: tuple[Place, ...]
    meant: Place | None
    runs: int | None
    fired: int | None
    why_not: str
    missed: int
    full: tuple[LoadedMap, ...]
    namesakes: tuple[str, ...]
    changed: tuple[LoadedMap, ...] | None = None  # of its maps, meanwhile; None where one cannot be looked at
    exits: tuple[Line, ...] = ()  # where it can leave at once
    constants: tuple[tuple[str, int], ...] = ()

    @property
    def answer(self) -> Answer:
        if self.runs:
            if self.full:
                return Answer.MAP_FULL
            return Answer.CHANGES_NOTHING if self.changed == () else Answer.RUNS
        if not self.places:
            if self.program.type not in _SEEN_EVERYWHERE:
                return Answer.NOT_KNOWN
            return Answer.FIRES_ELSEWHERE if self.fired else Answer.NOT_ATTACHED
        if self.fired == 0 and self.runs == 0:
            return Answer.NEVER_FIRES
        if self.fired and self.runs == 0:
            return Answer.DOES_NOT_RUN
        return Answer.NOT_KNOWN


def chosen(word: str | None) -> list[LoadedProgram]:
    """The programs of a name, of an id, or that a process holds; all without a word. Raises Problem."""
    every = loaded.programs()
    if not word:
        return every
    found = [one for one in every if one.name == word[:15]] or [one for one in every if str(one.id) == word]
    if not found and word.isdigit():
        held = _held_by(int(word))
        found = [one for one in every if one.id in held]
    if not found:
        raise Problem(
            f"No loaded program is called {word}, has this id, or is held by this process.",
            "See all of them: bpfdoctor preflight --live",
        )
    return found


def watch(programs: Sequence[LoadedProgram], seconds: float) -> tuple[list[Seen], str]:
    """What is seen of programs in that time, and why runs were not counted, if they were not."""
    places = Attachments(programs)
    at = {one.id: places.of(one) for one in programs}
    meant = {one.id: places.meant(one) for one in programs}
    hooks = {
        one.id: [place.counted for place in (*at[one.id], meant[one.id]) if place and place.counted]
        for one in programs
    }
    maps_of = {one.id: tuple(filter(None, map(loaded.loaded_map, one.maps))) for one in programs}
    written = {each.id: each for maps in maps_of.values() for each in maps if each.is_written}
    counting = Counters(frozenset(hook for each in hooks.values() for hook in each))
    with _statistics() as why_uncounted, counting as counters:
        before = {one.id: loaded.program(one.id) for one in programs}
        had = {each.id: contents.contents(each) for each in written.values()}
        time.sleep(seconds)
        has = {each.id: contents.contents(each) for each in written.values()}
        after = {one.id: loaded.program(one.id) for one in programs}
        fired = {id: _fired(counters, each) for id, each in hooks.items()}
        why = {
            id: next((counters.why_not[hook] for hook in each if hook in counters.why_not), "")
            for id, each in hooks.items()
        }
    names = _names_of_maps()
    seen = []
    for one in programs:
        first, last = before[one.id], after[one.id]
        counted = first is not None and last is not None and not why_uncounted
        runs = last.runs - first.runs if counted and first and last else None
        missed = last.recursion_misses - first.recursion_misses if first and last else 0
        maps = maps_of[one.id]
        full = tuple(each for each in maps if _is_full(each))
        twice = tuple(_namesakes(maps, names))
        places_at, for_what, count, not_counted = at[one.id], meant[one.id], fired[one.id], why[one.id]
        changed = _changed([each for each in maps if each.is_written], had, has)
        found = Seen(one, places_at, for_what, runs, count, not_counted, missed, full, twice, changed)
        if found.answer is Answer.CHANGES_NOTHING:
            values = tuple(value for each in maps if not each.is_written for value in code.constants(each))
            found = replace(found, exits=code.exits(one), constants=values)
        seen.append(found)
    return seen, why_uncounted


def _changed(
    maps: Sequence[LoadedMap], had: Mapping[int, bytes | None], has: Mapping[int, bytes | None]
) -> tuple[LoadedMap, ...] | None:
    """Those that are not as they were; None where that is not known of one, or there are none."""
    if not maps or any(had[each.id] is None or has[each.id] is None for each in maps):
        return None
    return tuple(each for each in maps if had[each.id] != has[each.id])


@contextmanager
def _statistics() -> Iterator[str]:
    """Runs are counted inside; yields why they are not, or nothing."""
    try:
        statistics = Statistics()
    except OSError as error:
        yield (error.strerror or "").lower()
        return
    with statistics:
        yield ""


def _fired(counters: Counters, hooks: Sequence[Counted]) -> int | None:
    counts = [count for hook in hooks if (count := counters.count(hook)) is not None]
    return sum(counts) if counts else None


def _is_full(one: LoadedMap) -> bool:
    """Whether a new key, or a new record, is refused."""
    if one.is_ring:
        waiting = contents.unread(one)
        return waiting is not None and waiting > one.most - one.most // 16
    if one.type not in _KEEPS or one.most > _MOST_ENTRIES:
        return False
    found = contents.entries(one, one.most)
    return found is not None and found >= one.most


def _names_of_maps() -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    for id in loaded.map_ids():
        found = loaded.loaded_map(id)
        if found is not None and found.name:
            names.setdefault(found.name, []).append(id)
    return names


def _namesakes(maps: Sequence[LoadedMap], names: dict[str, list[int]]) -> Iterator[str]:
    """Maps of this program that another one is called like: somebody may read the other."""
    for one in maps:
        others = [id for id in names.get(one.name, ()) if id != one.id]
        if others and not one.name.endswith((".rodata", ".bss", ".data")):
            listed = ", ".join(map(str, others[:3])) + (" and more" if len(others) > 3 else "")
            yield f"its map {one.name} is number {one.id}; also called so: {listed}"


def _held_by(pid: int) -> set[int]:
    """The programs that a process has descriptors of, or of links to."""
    found = {id for id, _ in loaded.perf_events(pid)}
    with suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fdinfo"):
            with suppress(OSError), open(f"/proc/{pid}/fdinfo/{name}", encoding="utf-8") as file:
                found |= {int(line.split()[1]) for line in file if line.startswith("prog_id:")}
    return found
