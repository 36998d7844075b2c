"""An input with which a refused program goes wrong: found by running it on many."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice

from bpfdoctor.experiments import guided
from bpfdoctor.experiments.inputs import worlds
from bpfdoctor.kernel.instructions import ALU64, CLASS, EXIT
from bpfdoctor.machine.bits import U64_MAX
from bpfdoctor.machine.concrete.faults import CannotRun, Fault, FaultKind, Touched
from bpfdoctor.machine.concrete.interpreter import Ran, run
from bpfdoctor.machine.concrete.program import Instruction, Runnable
from bpfdoctor.machine.concrete.watch import Watch
from bpfdoctor.machine.concrete.world import World
from bpfdoctor.model.diagnosis import Json

MOST_RUNS = 1500
_PLAIN = 60  # inputs that are tried before one is looked at closer
_MOST_ADDED = 4096  # bytes between the address that an instruction makes and the one that is followed
_NEIGHBOURS = 250  # of one input


@dataclass(frozen=True, slots=True)
class Witness:
    """What happens to `program` in `world`; `slot` is the instruction that can't be done."""

    world: World
    outcome: Ran
    fault: Fault
    numbers: Mapping[str, int]  # what the program read of the world's, by label

    @property
    def slot(self) -> int:
        return self.fault.pc

    def input(self) -> dict[str, Json]:
        """All that the run depended on: the packet where there is one, what was found or worked, numbers."""
        packet = self.outcome.packet and self.world.packet.hex()
        return {
            "packet": packet or None,
            "found": dict(self.world.seen.luck),
            "numbers": dict(self.numbers),
        }


@dataclass(frozen=True, slots=True)
class Search:
    """`witness` is None after `runs` runs without such a fault, or where `why` tells what can't be run.

    `arrived`: in how many of them the instruction was come to.
    """

    witness: Witness | None
    runs: int = 0
    why: str = ""
    arrived: int = 0


def search(
    program: Runnable,
    refused: int | None,
    seconds: float,
    most: int = MOST_RUNS,
    length: int | None = None,
) -> Search:
    """An input that goes wrong at the slot `refused`, or anywhere where that is None.

    Faults elsewhere are another mistake. Plain inputs come first, then some that were made to come closer.
    `length`: the register that may not be 0 at that call.
    """
    hunt = _Hunt(program, refused, time.process_time() + seconds, most, length)
    try:
        return Search(hunt.plain() or hunt.guided(), hunt.runs, arrived=hunt.arrived)
    except CannotRun as error:
        return Search(None, hunt.runs, str(error))


class _Hunt:
    """One search: what was run, and what is worth to be looked at closer."""

    def __init__(
        self, program: Runnable, refused: int | None, deadline: float, most: int, length: int | None
    ) -> None:
        self.runs = self.arrived = 0
        self._length = length
        self._program, self._refused, self._deadline, self._most = program, refused, deadline, most
        code = program.decoded()
        self._away = guided.distances(code, refused) if refused is not None else []
        self._insn = code[refused] if refused is not None else None
        self._known: set[object] = set()
        self._near: list[tuple[int, int, int, World, Watch]] = []

    def plain(self) -> Witness | None:
        """Among the inputs that suit every program; where one instruction is asked for, a few of them."""
        most = self._most if self._refused is None else _PLAIN
        return self._first(worlds(self._program, most))

    def guided(self) -> Witness | None:
        """Among those that the ones before led to."""
        while self._near:
            *_, world, watch = heappop(self._near)
            nearby = islice(guided.neighbours(self._program, world, watch, self._away), _NEIGHBOURS)
            if (found := self._first(nearby)) is not None:
                return found
        return None

    def _first(self, inputs: Iterable[World]) -> Witness | None:
        for world in inputs:
            if self.runs >= self._most or (self.runs and time.process_time() > self._deadline):
                self._near.clear()
                return None
            watch = Watch(self._refused) if self._refused is not None else None
            outcome = run(self._program, world, watch)
            self.runs += 1
            fault = self._empty(watch) or outcome.fault
            if fault is not None and self._is_it(fault, outcome, watch):
                numbers = {**world.seen.numbers, **(watch.numbers if watch is not None else {})}
                return Witness(world, outcome, fault, numbers)
            self.arrived += watch is not None and bool(watch.arrivals)
            if watch is not None and (seen := _seen(outcome, watch)) not in self._known:
                self._known.add(seen)
                nearest = min(self._away[slot] for slot in outcome.slots)
                heappush(self._near, (nearest, self._room(watch), self.runs, world, watch))
        return None

    def _empty(self, watch: Watch | None) -> Fault | None:
        """What is wrong with a call that got a length of 0, and may not."""
        if watch is None or self._length is None:
            return None
        if all(registers[self._length] != 0 for registers in watch.arrivals):
            return None
        fault = Fault(FaultKind.ARGUMENT, f"the length in R{self._length} is 0")
        fault.pc = watch.slot
        return fault

    def _room(self, watch: Watch) -> int:
        """How many bytes lie between what the instruction touches, or points to, and its region's end."""
        if not watch.arrivals or self._insn is None or watch.process is None:
            return 0
        registers = watch.arrivals[-1]
        address = guided.points_to(self._insn, registers)
        region = watch.process.memory.region_of(address) if address is not None else None
        if address is None or region is None:
            return 0
        return max(region.base + len(region.data) - address, 0)

    def _is_it(self, fault: Fault, outcome: Ran, watch: Watch | None) -> bool:
        """Whether this is what the verifier refused."""
        if self._refused is None or fault.pc == self._refused:
            return True
        if fault.touched is not None and watch is not None and self._insn is not None:
            return any(_leads_to(self._insn, registers, fault.touched) for registers in watch.arrivals[-2:])
        if fault.kind is FaultKind.ENDLESS:
            return self._refused in outcome.slots and self._insn is not None and guided.is_jump(self._insn)
        return fault.pc < 0 and self._insn is not None and self._insn.code == EXIT  # when it ends


def _leads_to(insn: Instruction, registers: Sequence[int | None], touched: Touched) -> bool:
    """Whether an instruction makes the address that is followed later: the verifier already refuses that."""
    address = guided.points_to(insn, registers) if insn.code & CLASS == ALU64 else None
    if address is None:
        return False
    by = touched.address - address
    return min(by & U64_MAX, -by & U64_MAX) <= _MOST_ADDED


def _seen(outcome: Ran, watch: Watch) -> object:
    """What is new about a run: where it was, and what the instruction that is asked for got last."""
    return outcome.slots, watch.arrivals[-1] if watch.arrivals else None


def words(found: Witness) -> str:
    """The input and what it leads to, in a sentence without a full stop."""
    return _meanwhile(found) + _goes_wrong(found)


def _meanwhile(found: Witness) -> str:
    """What another CPU has to do for it."""
    if any(", read " in label for label in found.world.given_numbers):
        return "another CPU changes the map's value between two reads, and "
    if any(", look-up " in label and not there for label, there in found.world.given_luck.items()):
        return "another CPU deletes the element between two look-ups, and "
    return ""


def _goes_wrong(found: Witness) -> str:
    fault, touched = found.fault, found.fault.touched
    verb = "writes" if touched is not None and touched.is_write else "reads"
    match fault.kind:
        case FaultKind.OUT_OF_BOUNDS if touched is not None:
            return f"it {verb} {_bytes(touched)}"
        case FaultKind.NULL:
            return f"{_missed(found)}NULL is used as an address"
        case FaultKind.UNWRITTEN if touched is not None:
            return f"it reads {_bytes(touched)}, which nothing has set"
        case FaultKind.UNWRITTEN:
            return f"it reads {fault.what}, which nothing has set"
        case FaultKind.RELEASED if touched is not None and touched.region == "packet":
            return f"it {verb} the packet where it was before a call moved it"
        case FaultKind.RELEASED if touched is not None:
            return f"it {verb} the {touched.region} after it was given back"
        case FaultKind.READ_ONLY if touched is not None:
            return f"it writes the {touched.region}, which is read-only"
        case FaultKind.NOT_AN_ADDRESS if touched is not None:
            return "it follows a number that is no address of memory it may use"
    return fault.what


def _bytes(touched: Touched) -> str:
    last = touched.start + touched.size - 1
    if touched.region == "stack":
        return f"fp{touched.start:+}" + (f" to fp{last:+}" if touched.size > 1 else "") + " of the stack"
    span = f"byte {touched.start}" if touched.size == 1 else f"bytes {touched.start} to {last}"
    if touched.region == "packet":
        return f"{span} of a packet of {touched.length} bytes"
    what = f"the {touched.region}"
    if touched.region == "map value":
        name = touched.name.partition("[")[0]
        section = name.rpartition(".")[2]
        is_data = "." in name and section in ("bss", "data", "rodata")
        what = f"the global variables in .{section}" if is_data else f"a value of {name}"
    if touched.start < 0:
        return f"{-touched.start} {'byte' if touched.start == -1 else 'bytes'} before the start of {what}"
    return f"{span} of {what}, {touched.length} bytes long"


def _missed(found: Witness) -> str:
    """Of which key there was no element, where only one was missed."""
    missed = [
        (name, key)
        for name, elements in found.outcome.maps.items()
        for key, value in elements.items()
        if value is None
    ]
    if len(missed) != 1:
        return ""
    name, key = missed[0]
    number = int.from_bytes(key, "little") if len(key) <= 8 else None
    told = f"key {number}" if number is not None else f"key {key[:16].hex()}"
    return f"{told} is not in {name}, and "
