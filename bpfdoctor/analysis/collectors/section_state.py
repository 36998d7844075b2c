"""In which critical region the refused step stands, and where that was entered or left before."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.critical_sections import Crossing, Region, crossings, still_open
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import CalleeKind, Op, Step

# In which words of a message which region is meant; rcu_read_lock is no lock.
_WORDS = (("rcu", Region.RCU), ("preempt", Region.PREEMPT), ("irq", Region.IRQ), ("lock", Region.LOCK))
_ASKED = (Region.RCU, Region.PREEMPT, Region.IRQ, Region.LOCK)  # in the kernel's order


class Outcome(Outcomes):
    LEAVES_INSIDE = "the program ends inside, and a branch leads there"
    NEVER_LEFT = "the program ends inside, on its only path"
    OPEN = "the refused step is inside"
    OPEN_FOR_FUNCTION = "it calls a function of the program's own inside, which later verifiers walk through"
    LEFT = "it was left before the refused step"
    NOT_ENTERED = "the path enters no such region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Facts):
    """`entered` is the outermost entry of the region that is open.

    `left` is the newest exit from a region of that kind when none is open any more, `branch` the newest
    branch after the entry when the program ends inside.
    """

    kind: Region | None
    entered: Step | None
    left: Step | None
    branch: Step | None

    @property
    def section(self) -> str:
        named = {Region.LOCK: "the lock", Region.RCU: "the RCU section"}
        return named.get(self.kind, "the region") if self.kind else "the region"

    @property
    def by(self) -> str:
        """The function that enters it, or that left it."""
        at = self.entered or self.left
        return (at.insn.callee if at else None) or "a call"

    def public(self) -> Mapping[str, Fact]:
        return {
            "section": self.kind,
            "entered": self.entered,
            "left": self.left,
            "branch": self.branch,
        }


FACTS = Section


def collect(context: Context) -> Found | NotShown:
    step = context.step
    if step is None:
        return NotShown("the log does not show the path")
    found = crossings(context)
    opened = still_open(found)
    kind = _kind(context, opened)
    entered = opened.get(kind) if kind else None
    ends = step.insn.op is Op.EXIT
    left = None if entered or ends else _newest_exit(found, kind)
    branch = _branch(context, entered.step) if entered and ends else None
    facts = Section(
        kind=kind,
        entered=entered.step if entered else None,
        left=left,
        branch=branch,
        # What may not stand inside a region is itself at fault: the region was meant to be entered.
        cause=branch or left or step,
        why=Loss.RELEASED if left else Loss.NEVER,
    )
    if entered and not ends and _is_old_refusal(context, step):
        is_static = _calls_static(context, step)
        if is_static is not False:  # global ones are refused by later kernels, too
            return Found(Outcome.OPEN_FOR_FUNCTION, replace(facts, layer_shown=is_static is True))
    if entered:
        return Found(Outcome.LEAVES_INSIDE if branch else Outcome.NEVER_LEFT if ends else Outcome.OPEN, facts)
    return Found(Outcome.LEFT if left else Outcome.NOT_ENTERED, facts)


def _is_old_refusal(context: Context, step: Step) -> bool:
    """Whether a function is refused that is only not inlined: of global ones the message says so."""
    said = context.finding.block.lines[:1]
    return step.insn.callee_kind is CalleeKind.SUBPROG and any(line.startswith("function") for line in said)


def _calls_static(context: Context, step: Step) -> bool | None:
    """Whether the function that is called is static; None where the source does not say which it is."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place is not None else None
    if c is None or place is None:
        return None
    called = [c.function(each.name) for each in c.calls_on(place.line, place.column)]
    return next((each.static for each in called if each is not None), None)


def _kind(context: Context, opened: dict[Region, Crossing]) -> Region | None:
    words = " ".join(context.finding.block.lines).lower()
    named = [kind for word, kind in _WORDS if word in words]
    # The kernel asks in this order. Source: bpf_diag_ctx_forbidden(), kernel/bpf/diagnostics.c.
    return next((kind for kind in (*named, *_ASKED) if kind in opened), None) or next(iter(named), None)


def _newest_exit(found: tuple[Crossing, ...], kind: Region | None) -> Step | None:
    return next((each.step for each in reversed(found) if each.kind == kind and not each.enters), None)


def _branch(context: Context, entered: Step) -> Step | None:
    """The newest branch after the entry: the way out that misses the exit from the region."""
    for step in context.trace.steps():
        if step.number <= entered.number:
            return None
        if step.insn.op is Op.BRANCH and step.taken is not None:
            return step
    return None
