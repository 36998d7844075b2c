"""Look-ups whose result is used without a test: only newer kernels know that it is never NULL."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.preflight import Cause
from bpfdoctor.model.report import Verdict

RULE = "unchecked-constant-lookup"


def look(program: Linted) -> Iterator[Lint]:
    """Of a program that loads: any other unchecked use is refused everywhere."""
    if program.raw.verdict is not Verdict.LOADS:
        return
    for block, seen in program.walked():
        for at, insn in seen.unchecked.items():
            map = seen.looked_up[at].map
            if map is not None:
                yield Lint(Cause(RULE, {"map": map}, program.place(block, insn.at)))
