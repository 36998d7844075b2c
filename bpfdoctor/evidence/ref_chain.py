"""Where a reference was acquired, and on which way out it is still held."""

from __future__ import annotations

from itertools import islice

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step

_LOOKED_AT = 5000  # steps, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class RefChain(Facts):
    """`acquired` is the call that gave the reference, `callee` its name, `branch` the last in front."""

    reference: int | None
    acquired: Step | None
    callee: str | None
    branch: Step | None


def collect(context: Context) -> RefChain | None:
    """The message names the reference (`id`) and the instruction that acquired it (`alloc`)."""
    alloc, reference = context.captures.get("alloc"), context.captures.get("id")
    acquired = branch = None
    for step in islice(context.trace.steps(), _LOOKED_AT):
        if branch is None and step.insn.op is Op.BRANCH:
            branch = step
        if step.insn.index == alloc:
            acquired = step
            break
    if acquired is None:
        context.trace.ran_out = True  # it was acquired on the way here, where the log shows nothing
    if acquired is None and context.step is None:
        return None
    return RefChain(
        reference=reference if isinstance(reference, int) else None,
        acquired=acquired,
        callee=acquired.insn.callee if acquired else None,
        branch=branch,
        cause=acquired or context.step,
        why=Loss.NEVER,
    )
