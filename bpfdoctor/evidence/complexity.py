"""How much of the verifier's budget a program used, and which instructions used it up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.trace import Op, Step

_LOOKED_AT = 5000  # steps, newest first: enough to see what repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity(Facts):
    """`processed` instructions of `limit`. `head` starts the loop walked most often in the last steps,
    `back` the jump back to it, `rounds` how often it was seen there, `body` its length in instructions.
    """

    processed: int | None
    limit: int | None
    states: int | None
    head: Step | None
    back: Step | None
    rounds: int
    body: int


def collect(context: Context) -> Complexity | None:
    stats = context.transcript.stats
    head, back, rounds, body = _loop(context)
    if stats.processed is None and head is None:
        return None
    return Complexity(
        processed=stats.processed,
        limit=stats.limit,
        states=stats.states,
        head=head,
        back=back,
        rounds=rounds,
        body=body,
        cause=back or context.step,
        why=Loss.NEVER,
    )


def _loop(context: Context) -> tuple[Step | None, Step | None, int, int]:
    """The backward jump taken most often in the last steps: (head, jump, times, instructions in between)."""
    jumps: Counter[tuple[int, int, int]] = Counter()
    newest: dict[tuple[int, int, int], tuple[Step, Step]] = {}
    later: Step | None = None
    for count, step in enumerate(context.trace.steps()):
        if count >= _LOOKED_AT:
            break
        jumped = step.insn.op in (Op.BRANCH, Op.GOTO) and later is not None and later.frame == step.frame
        jumped = jumped and not context.trace.is_hidden(-step.number - 1)
        if jumped and later is not None and later.insn.index <= step.insn.index:
            key = (step.frame, step.insn.index, later.insn.index)
            jumps[key] += 1
            newest.setdefault(key, (later, step))
        later = step
    if not jumps:
        return None, None, 0, 0
    key, rounds = jumps.most_common(1)[0]
    head, back = newest[key]
    return head, back, rounds, back.insn.index - head.insn.index + 1
