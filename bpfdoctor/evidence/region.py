"""In which critical region the refused step stands, and where that was entered or left before."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.regions import Crossing, crossings, still_open
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step

# In which words of a message which region is meant; rcu_read_lock is no lock.
_WORDS = (("rcu", "rcu"), ("preempt", "preempt"), ("irq", "irq"), ("lock", "lock"))
_SPOKEN = {"lock": "the lock", "rcu": "the RCU section", "preempt": "the region", "irq": "the region"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(Facts):
    """`entered` is the outermost entry of the region that is open, `by` the function called there.

    `left` is the newest exit from a region of that kind when none is open any more, `branch` the newest
    branch behind the entry when the program ends inside.
    """

    kind: str | None
    entered: Step | None
    left: Step | None
    branch: Step | None
    by: str | None
    depth: int

    @property
    def spoken(self) -> str:
        return _SPOKEN.get(self.kind or "", "the region")


def collect(context: Context) -> Region | None:
    """All None but `kind` when the path enters no region."""
    step = context.step
    if step is None:
        return None
    found = crossings(context)
    opened = still_open(found)
    kind = _kind(context, opened)
    entered = opened.get(kind) if kind else None
    left = None if entered else _newest_exit(found, kind)
    branch = _branch(context, entered.step) if entered and step.insn.op is Op.EXIT else None
    at = entered.step if entered else left
    return Region(
        kind=kind,
        entered=entered.step if entered else None,
        left=left,
        branch=branch,
        by=at.insn.callee if at else None,
        depth=max((each.depth for each in found if each.kind == kind and entered), default=0),
        # What may not stand inside a region is itself at fault: the region was meant to be entered.
        cause=branch or (left if step.insn.op is not Op.EXIT else None) or step,
        why=Loss.RELEASED if left else Loss.NEVER,
    )


def _kind(context: Context, opened: dict[str, Crossing]) -> str | None:
    words = " ".join(context.finding.block.lines).lower()
    named = [kind for word, kind in _WORDS if word in words]
    # The kernel asks in this order. Source: bpf_diag_ctx_forbidden(), kernel/bpf/diagnostics.c.
    return next((kind for kind in (*named, "rcu", "preempt", "irq", "lock") if kind in opened), None) or next(
        iter(named), None
    )


def _newest_exit(found: tuple[Crossing, ...], kind: str | None) -> Step | None:
    return next((each.step for each in reversed(found) if each.kind == kind and not each.enters), None)


def _branch(context: Context, entered: Step) -> Step | None:
    """The newest branch behind the entry: the way out that misses the exit from the region."""
    for step in context.trace.steps():
        if step.number <= entered.number:
            return None
        if step.insn.op is Op.BRANCH and step.taken is not None:
            return step
    return None
