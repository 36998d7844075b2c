"""Where a reference was acquired, and on which way out it is still held."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.unshown import Unshown


class Outcome(Outcomes):
    HELD = "the path shows the call that acquired it"
    HELD_FROM_BEFORE = "it was acquired before what the log shows"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefChain(Facts):
    """`acquired` is the call that gave the reference, `branch` the last one before the end."""

    acquired: Step | None
    branch: Step | None

    @property
    def by(self) -> str:
        """The function that gave it."""
        return (self.acquired.insn.callee if self.acquired else None) or "the call"

    def public(self) -> Mapping[str, Fact]:
        return {
            "acquired": self.acquired,
            "branch": self.branch,
        }


FACTS = RefChain


def collect(context: Context) -> Found | NotShown:
    """The message names the instruction that acquired the reference (`alloc`)."""
    alloc = context.captures.get("alloc")
    acquired = branch = None
    for step in islice(context.trace.steps(), Budget.PATH):
        if branch is None and step.insn.op is Op.BRANCH:
            branch = step
        if step.insn.index == alloc:
            acquired = step
            break
    if acquired is None:
        context.trace.lacks(Unshown.STEPS)  # it was acquired on the way here, where the log shows nothing
    if context.step is None:
        return NotShown("the log does not show the path")
    facts = RefChain(acquired=acquired, branch=branch, cause=acquired or context.step, why=Loss.NEVER)
    return Found(Outcome.HELD if acquired else Outcome.HELD_FROM_BEFORE, facts)
