"""The state of one run: memory, maps, context, and what the program did so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.maps import Map
from bpfdoctor.machine.concrete.memory import MIDDLE, WINDOW, CheckedMemory, MemoryRegion
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.machine.concrete.world import World

_OTHERS_SIZE = 16384  # bytes of a piece of memory that is not ours; its address is its middle


@dataclass(frozen=True, slots=True)
class Effect:
    """A call that something outside can notice: its name, and what it got, memory as bytes."""

    name: str
    arguments: tuple[object, ...] = ()


@dataclass(slots=True)
class Process:
    """What calls look at and change. `held`: references that must be given back, by address."""

    program: Runnable
    world: World
    #: runs the function at an address with arguments, and tells what it returned
    call_back: Callable[..., int]
    memory: CheckedMemory = field(init=False)
    context: context.ProgramContext = field(init=False)
    maps: dict[int, Map] = field(init=False)
    effects: list[Effect] = field(default_factory=list)
    held: dict[int, str] = field(default_factory=dict)
    locks: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # how often something was asked for
    graphs: dict[int, list[int]] = field(default_factory=dict)  # nodes of lists and trees, by their root

    def __post_init__(self) -> None:
        self.memory = CheckedMemory(self._of_others)
        self.maps = {fd: Map(spec, self.memory, self.world) for fd, spec in self.program.maps.items()}
        self.context = context.made(self.program, self.memory, self.world)

    def map_of(self, address: int) -> Map:
        """The map that a pointer to one points to. Raises Fault."""
        region = self.memory.region_of(address)
        if (
            region is None
            or region.base != address
            or not isinstance(region.what, Map)
            or region.kind != "map"
        ):
            raise Fault(FaultKind.ARGUMENT, "this is no map")
        return region.what

    def nth(self, what: str) -> int:
        """How often this was asked for before."""
        count = self.counts.get(what, 0)
        self.counts[what] = count + 1
        return count

    def did(self, name: str, *arguments: object) -> None:
        self.effects.append(Effect(name, arguments))

    def free(self, region: MemoryRegion) -> None:
        region.is_alive = False
        self.held.pop(region.base, None)

    def hold(self, address: int, what: str) -> int:
        """One more reference to what may be held already. Returns the address."""
        self.counts[f"held {address}"] = self.counts.get(f"held {address}", 0) + 1
        self.held[address] = what
        return address

    def give_back(self, address: int) -> None:
        """One reference less. Raises Fault where none is held."""
        if address not in self.held:
            raise Fault(FaultKind.ARGUMENT, "this is no reference that is held")
        count = self.counts[f"held {address}"] = self.counts.get(f"held {address}", 1) - 1
        if count <= 0:
            del self.held[address]

    def nothing_is_held(self) -> None:
        """At the end of a run. Raises Fault."""
        if self.locks:
            raise Fault(FaultKind.DEADLOCK, "the program ends with a lock")
        if self.held:
            raise Fault(FaultKind.LEAKED, f"{next(iter(self.held.values()))} is never given back")

    def _of_others(self, window: int) -> MemoryRegion | None:
        kind = context.kind_of_window(window)
        if kind is None:
            return None
        base = (window << WINDOW) + MIDDLE - _OTHERS_SIZE // 2
        region = MemoryRegion(base, kind, f"{window:#x}", bytearray(_OTHERS_SIZE), None, is_writable=False)
        done: set[int] = set()
        region.fill = partial(self._filled, region, window, kind, done)
        return region

    def _filled(
        self, region: MemoryRegion, window: int, kind: str, done: set[int], start: int, size: int
    ) -> None:
        for index in range(start // 8, (start + size + 7) // 8):
            if index not in done and 8 * index < _OTHERS_SIZE:
                done.add(index)
                word = context.words(self.world, window, kind, index)
                region.data[8 * index : 8 * index + 8] = word.to_bytes(8, "little")
