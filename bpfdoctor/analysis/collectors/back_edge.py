"""The jump back of a program in which none is allowed: of a loop, or of a function that calls itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.loop_source import head_at
from bpfdoctor.formats.c_text import without_comments
from bpfdoctor.model.diagnosis import Fact, Facts, Loss, Place
from bpfdoctor.model.record import dataclass

# Kernels up to 6.7 quote the lines of both ends: `3: static int steps(int n)`.
_QUOTED = re.compile(r"(\d{1,9}): (.*)")
_LOOP = re.compile(r"\b(?:for|while|do|goto|continue|if)\b")
_CALL = re.compile(r"\b(?!bpf_|__builtin|sizeof|return\b)(\w+)\s*\(")


class Outcome(Outcomes):
    LOOP = "the jump back is a loop's"
    RUNS_ON = "no jump closes the loop: the code runs on into its first instruction"
    CALLS_ITSELF = "the jump back is a call: a function calls itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackEdge(Facts):
    """`head` is where the jump leads, `back` where it is. `callee` is the function that calls itself."""

    head: Place | None
    back: Place | None
    callee: str

    def public(self) -> Mapping[str, Fact]:
        return {
            "head": self.head,
            "back": self.back,
            "callee": self.callee or None,
        }


FACTS = BackEdge


def collect(context: Context) -> Found | NotShown:
    insn, target = context.captures.get("insn"), context.captures.get("target")
    if not isinstance(insn, int) or not isinstance(target, int):
        return NotShown("the message does not say where the program jumps back")
    runs_on = target == insn + 1
    callee = None if runs_on else _called(context, insn, target)
    back = context.source.place_at(insn)
    facts = BackEdge(
        insn=insn,
        head=context.source.place_at(target) if callee else head_at(context, target),
        back=back,
        callee=callee or "",
        why=Loss.NEVER,
    )
    if runs_on:
        return Found(Outcome.RUNS_ON, facts)
    return Found(Outcome.CALLS_ITSELF if callee else Outcome.LOOP, facts)


def _called(context: Context, insn: int, target: int) -> str | None:
    """The function that is called there, by the object or by the quoted lines: no loop's, and one call."""
    for at, _, callee in context.source.calls():
        if at == insn:
            return callee
    found = (_QUOTED.fullmatch(line) for line in context.finding.block.lines)
    lines = {int(match[1]): match[2] for match in found if match}
    back, head = (without_comments(lines.get(at, "")) for at in (insn, target))
    calls = set(_CALL.findall(back))
    return calls.pop() if len(calls) == 1 and not _LOOP.search(back) and not _LOOP.search(head) else None
