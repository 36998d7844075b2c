"""Whether a patched program does what the refused one does wherever that can run: both get made-up input."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

from bpfdoctor.experiments.inputs import worlds, worlds_of_patch
from bpfdoctor.machine.concrete.faults import CannotRun
from bpfdoctor.machine.concrete.interpreter import Ran, run
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.machine.concrete.world import World
from bpfdoctor.model.diagnosis import Meaning

_MOST_RUNS = 300
_SEEDS_OF_PATCH = range(_MOST_RUNS, _MOST_RUNS + 100)
_OF_PATCH = 3  # so much less time is for inputs about the numbers that a patch has brought


@dataclass(frozen=True, slots=True)
class Refused:
    """The refused statement: its slots in the refused program, and in the patched one."""

    before: frozenset[int]
    after: frozenset[int]


def compared(
    before: Runnable,
    after: Runnable,
    seconds: float,
    refused: Refused | None = None,
    executed: set[int] | None = None,
) -> Meaning:
    """What came of running both on the same inputs for at most `seconds` of CPU.

    `executed` gets the slots of the patched program that were come to.

    Where the refused program runs without a fault, both must return the same, make the same calls with the
    same arguments in the same order, and leave the same packet and maps. And the patched one must still come
    to what was refused: a way out that is always taken mends nothing.
    """
    until, same, came, comes, survived = time.process_time() + seconds, 0, 0, 0, 0
    differs = ""
    runs = _runs_of(_Same(before))
    try:
        for number in range(_MOST_RUNS):
            if time.process_time() > until or (differs and refused is None):
                break
            world, old = runs.number(number)
            if old.fault is not None and refused is None:
                continue
            new = run(after, world)
            if executed is not None:
                executed |= new.slots
            if refused is not None:
                is_there = not old.slots.isdisjoint(refused.before)
                came += is_there
                survived += is_there and old.fault is None
                comes += not new.slots.isdisjoint(refused.after)
            if not differs and old.fault is None:
                differs = _difference(world, old, new)
                same += not differs
        until += seconds / _OF_PATCH
        for world in () if differs else worlds_of_patch(before, after, _SEEDS_OF_PATCH):
            if time.process_time() > until or differs:
                break
            old = run(before, world)
            if old.fault is None:
                differs = _difference(world, old, run(after, world))
                same += not differs
    except CannotRun:
        came = 0  # the patched program may not have been run where the other one came to it
    return Meaning(same, differs, _reached(refused, came, comes), survived=survived if came else None)


class _Same:
    """A program by its identity: many patches of it are judged one after the other."""

    def __init__(self, program: Runnable) -> None:
        self.program = program

    def __hash__(self) -> int:
        return id(self.program)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.program is self.program


class _Runs:
    """What a program does on each input, run once."""

    def __init__(self, program: Runnable) -> None:
        self._program, self._worlds = program, list(worlds(program, _MOST_RUNS))
        self._outcomes: list[Ran] = []

    def number(self, number: int) -> tuple[World, Ran]:
        """Asked for in order. Raises CannotRun."""
        if number == len(self._outcomes):
            self._outcomes.append(run(self._program, self._worlds[number]))
        return self._worlds[number], self._outcomes[number]


@lru_cache(maxsize=4)
def _runs_of(same: _Same) -> _Runs:
    return _Runs(same.program)


def _reached(refused: Refused | None, came: int, comes: int) -> int | None:
    if refused is None or comes:
        return comes or None
    # A statement that the compiler has left out is never reached, whatever the input.
    return 0 if came or not refused.after else None


def _difference(world: World, old: Ran, new: Ran) -> str:
    """What the patched program does otherwise than one that went through; "" for nothing."""
    if new.fault is not None:
        return f"{_input(world)}: now it goes wrong ({new.fault.what})"
    found = _other(old, new)
    return f"{_input(world)}: {found}" if found is not None else ""


def _other(old: Ran, new: Ran) -> str | None:
    if old.returned != new.returned:
        return f"it returns {new.returned} and not {old.returned}"
    if old.effects != new.effects:
        before, after = ([effect.name for effect in outcome.effects] for outcome in (old, new))
        if before != after:
            return f"it calls {', '.join(after) or 'nothing'} and not {', '.join(before) or 'nothing'}"
        name = next(a.name for a, b in zip(old.effects, new.effects, strict=True) if a != b)
        return f"{name} gets something else"
    if old.packet != new.packet:
        return "another packet leaves it"
    for name, elements in old.maps.items():
        others = new.maps.get(name, {})
        if any(others[key] != value for key, value in elements.items() if key in others):
            return f"something else is in {name}"
    return None


def _input(world: World) -> str:
    return f"with input {world.seed} (a packet of {len(world.packet)} bytes)"
