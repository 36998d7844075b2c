"""The stack that is nearly used up."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.limits import CALL_FRAMES, STACK
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.preflight import Cause

RULE = "stack-nearly-full"
_NEARLY = 400  # bytes


def look(program: Linted) -> Iterator[Lint]:
    """The kernel's own number where it tells that of a chain of calls; else that of the object."""
    layout, stats = program.code.layout, program.raw.stats
    sizes = {block: layout.stack_size(block) for block in program.numbers}
    if sum(sizes.values()) < _NEARLY:
        return
    chains = layout.chains(program.block, CALL_FRAMES)
    most, deepest = max(
        ((sum(sizes.get(each, 0) for each in chain), chain) for chain in chains), key=lambda each: each[0]
    )
    most = stats.stack_max or (stats.stack_depth[0] if len(stats.stack_depth) == 1 else most)
    if _NEARLY <= most <= STACK:
        calls = " → ".join(each.name for each in deepest)
        values = {"bytes": most, "left": STACK - most, "calls": calls}
        yield Lint(Cause(RULE, values, program.start()))
