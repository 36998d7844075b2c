"""Critical regions along the failing path: locks held, RCU read sections, preemption or interrupts off."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.budget import Budget


class Region(Enum):
    """A kind of critical region, in words."""

    LOCK = "lock region"
    RCU = "RCU read section"
    PREEMPT = "region without preemption"
    IRQ = "region with interrupts off"


# What enters and leaves a region. Source: callers of bpf_diag_record_context(), kernel/bpf/verifier.c 7.3.
_ENTER = {
    "bpf_spin_lock": (Region.LOCK,),
    "bpf_res_spin_lock": (Region.LOCK,),
    "bpf_res_spin_lock_irqsave": (Region.LOCK, Region.IRQ),
    "bpf_rcu_read_lock": (Region.RCU,),
    "bpf_preempt_disable": (Region.PREEMPT,),
    "bpf_local_irq_save": (Region.IRQ,),
}
_LEAVE = {
    "bpf_spin_unlock": (Region.LOCK,),
    "bpf_res_spin_unlock": (Region.LOCK,),
    "bpf_res_spin_unlock_irqrestore": (Region.LOCK, Region.IRQ),
    "bpf_rcu_read_unlock": (Region.RCU,),
    "bpf_preempt_enable": (Region.PREEMPT,),
    "bpf_local_irq_restore": (Region.IRQ,),
}


_ENDED_BY = {
    "bpf_local_irq_save": "bpf_local_irq_restore",
    "bpf_preempt_disable": "bpf_preempt_enable",
    "bpf_res_spin_lock_irqsave": "bpf_res_spin_unlock_irqrestore",
}


def ended_by(entry: str) -> str:
    """The function that leaves what `entry` enters; it takes the same arguments."""
    return _ENDED_BY.get(entry) or entry.replace("_lock", "_unlock")


def enters(name: str) -> bool:
    """Whether a function of this name enters a region."""
    return name in _ENTER


def begun_by(exit: str) -> str | None:
    """The function that enters what `exit` leaves; it takes the same arguments."""
    return next((entry for entry in _ENTER if ended_by(entry) == exit), None)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A step that enters or leaves a region; `depth` is how many of its kind are open after it."""

    step: Step
    kind: Region
    enters: bool
    depth: int

    @property
    def words(self) -> str:
        return f"{'enters' if self.enters else 'leaves'} a {self.kind.value} (depth {self.depth})"


def crossings(context: Context) -> tuple[Crossing, ...]:
    """Every step on the path, the refused one excepted, that enters or leaves a region; oldest first."""
    calls = [
        step
        for step in islice(context.trace.steps(), 1, Budget.PATH)
        if step.insn.op is Op.CALL and (step.insn.callee in _ENTER or step.insn.callee in _LEAVE)
    ]
    found, depths = [], dict.fromkeys(Region, 0)
    for step in reversed(calls):
        callee = step.insn.callee or ""
        enters = callee in _ENTER
        for kind in _ENTER[callee] if enters else _LEAVE[callee]:
            depths[kind] = depths[kind] + 1 if enters else max(depths[kind] - 1, 0)
            found.append(Crossing(step, kind, enters, depths[kind]))
    return tuple(found)


def still_open(found: Iterable[Crossing]) -> dict[Region, Crossing]:
    """The outermost entry of each kind of region that is open at the end."""
    opened: dict[Region, Crossing] = {}
    for each in found:
        if each.enters:
            opened.setdefault(each.kind, each)
        elif each.depth == 0:
            opened.pop(each.kind, None)
    return opened
