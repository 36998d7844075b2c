"""An input with which a refused program goes wrong: found by running it on many."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bpfdoctor.experiments.inputs import worlds
from bpfdoctor.machine.concrete.faults import CannotRun, Fault, FaultKind, Touched
from bpfdoctor.machine.concrete.interpreter import Outcome, run
from bpfdoctor.machine.concrete.program import Program
from bpfdoctor.machine.concrete.world import World

MOST_RUNS = 1000


@dataclass(frozen=True, slots=True)
class Witness:
    """What happens to `program` in `world`; `slot` is the instruction that can't be done."""

    world: World
    outcome: Outcome
    fault: Fault

    @property
    def slot(self) -> int:
        return self.fault.pc


@dataclass(frozen=True, slots=True)
class Search:
    """`witness` is None after `runs` runs without a fault, or where `why` tells what the machine can't do."""

    witness: Witness | None
    runs: int = 0
    why: str = ""


def search(program: Program, refused: int | None, seconds: float, most: int = MOST_RUNS) -> Search:
    """The first input that goes wrong at the slot `refused`; of others any, where none does.

    Faults elsewhere count only where the refusal names no slot: they are another mistake.
    """
    deadline = time.process_time() + seconds
    done = 0
    for world in worlds(program, most):
        if done and time.process_time() > deadline:
            break
        try:
            outcome = run(program, world)
        except CannotRun as error:
            return Search(None, done, str(error))
        done += 1
        fault = outcome.fault
        if fault is not None and (refused is None or fault.pc == refused or fault.kind in _AT_THE_END):
            return Search(Witness(world, outcome, fault), done)
    return Search(None, done)


#: What shows at another instruction than the one that is refused.
_AT_THE_END = (FaultKind.LEAKED, FaultKind.ENDLESS, FaultKind.DEADLOCK)


def words(found: Witness) -> str:
    """The input and what it leads to, in a sentence without a full stop."""
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
    name = f" {touched.name.partition('[')[0]}" if touched.region == "map value" else ""
    return f"{span} of the {touched.region}{name}, which has {touched.length} bytes"


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
