"""How much stack each function of a call chain takes."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss

LIMIT = 512  # MAX_BPF_STACK, include/linux/filter.h


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBudget(Facts):
    """`used` bytes of `limit`; `depths` per function, outermost first, where the log prints them."""

    used: int | None
    limit: int
    depths: tuple[int, ...]


def collect(context: Context) -> StackBudget | None:
    used = context.captures.get("size") or context.captures.get("used")
    depths = context.transcript.stats.stack_depth
    if not isinstance(used, int) and not depths:
        return None
    return StackBudget(
        used=used if isinstance(used, int) else sum(depths),
        limit=LIMIT,
        depths=depths,
        cause=context.step,
        why=Loss.TOO_SMALL,
    )
