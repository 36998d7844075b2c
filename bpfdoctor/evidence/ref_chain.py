"""Where a reference was acquired, and on which way out it is still held."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.trace import Op, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RefChain(Facts):
    """`acquired` is the call that gave the reference, `callee` its name, `branch` the last in front."""

    reference: int | None
    acquired: Step | None
    callee: str | None
    branch: Step | None


def collect(context: Context) -> RefChain | None:
    """The message names the reference (`id`) and the instruction that acquired it (`alloc`)."""
    alloc = context.captures.get("alloc")
    acquired = branch = None
    for step in context.trace.steps():
        if branch is None and step.insn.op is Op.BRANCH:
            branch = step
        if step.insn.index == alloc:
            acquired = step
            break
    if acquired is None and context.step is None:
        return None
    reference = context.captures.get("id")
    return RefChain(
        reference=reference if isinstance(reference, int) else None,
        acquired=acquired,
        callee=acquired.insn.callee if acquired else None,
        branch=branch,
        cause=context.step,
        why=Loss.NEVER,
        registers=(),
    )
