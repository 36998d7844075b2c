"""An input with which a refused program goes wrong: found by running it on many."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bpfdoctor.experiments.inputs import worlds
from bpfdoctor.machine.concrete.faults import CannotRun, Fault, FaultKind
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
