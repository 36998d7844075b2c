"""Finds the branch that a `from X to Y:` line takes up again.

The verifier keeps the branches it has still to look at on a stack. At level 2 the log holds every path, so
between a branch and the line that takes it up stands all that was explored in the meantime: complete, and
with as many pushes as pops. Going backwards, the first push of X → Y without a pop of its own is the branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.report import Buffer
from bpfdoctor.model.trace import Insn, Op, RegState
from bpfdoctor.trace.backwards import count_lines, find_line_before, line_end, lines_after, lines_before
from bpfdoctor.trace.bounds import outcome
from bpfdoctor.transcript.insn import written
from bpfdoctor.transcript.line import CallLine, FromLine, InsnLine, Kind, SafeLine, StateLine
from bpfdoctor.transcript.lines import kind, parse

# Lines to look back for a register's state; between them are precision marks, which are many.
_LOOK_BACK = 2000
# Bytes to look back for the jumps of a loop.
_RECENT = 1 << 20
_JUMPS = re.compile(rb"^(\d{1,7}): \([^\n]{1,80}goto pc([+-]\d{1,7})\b", re.MULTILINE)


def find_branch(text: Buffer, low: int, end: int, source: int, target: int) -> int | None:
    """The offset of the line of instruction `source` whose branch to `target` is taken up at offset `end`."""
    beginning = b"%d: (" % source
    pop = b"from %d to %d" % (source, target)
    taken_up = 0
    newer = end
    while (at := find_line_before(text, beginning, low, newer)) >= 0:
        taken_up += count_lines(text, pop, b": ", at, newer)
        if _pushes(text, low, at, end, target):
            if taken_up == 0:
                return at
            taken_up -= 1
        newer = at
    return None


def find_branch_to(text: Buffer, low: int, end: int, target: int) -> int | None:
    """The offset of the line whose branch to `target` is the next to be taken up at offset `end`."""
    recent = text[max(low, end - _RECENT) : end]
    sources = {
        int(match[1]) for match in _JUMPS.finditer(recent) if int(match[1]) + 1 + int(match[2]) == target
    }
    found = [at for source in sources if (at := find_branch(text, low, end, source, target)) is not None]
    return max(found, default=None)


def _pushes(text: Buffer, low: int, at: int, end: int, target: int) -> bool:
    """Whether this walk over the instruction at offset `at` left a branch to `target` for later."""
    lines = lines_after(text, at, end)
    _, first = next(lines)
    line = parse(first)
    if not isinstance(line, InsnLine):
        return False
    insn = line.insn
    if insn.op is Op.CALL:
        # A callback or the next round of an iterator; not when the rounds are used up.
        return (
            not text[(behind := line_end(text, at, end) + 1) : behind + 40]
            .partition(b"\n")[0]
            .endswith(b"bpf_loop iteration limit reached")
        )
    if insn.op not in (Op.BRANCH, Op.GOTO):
        return True  # only a speculative path starts behind such an instruction
    after, decided = _what_follows(lines)
    if after is None:
        return True
    if after == target:
        return False
    return insn.op is not Op.BRANCH or not (decided or _decided(text, low, at, insn))


def _decided(text: Buffer, low: int, at: int, insn: Insn) -> bool:
    """Whether the registers compared left the verifier one way only."""
    left = _register_before(text, low, at, insn.dst)
    right = _register_before(text, low, at, insn.src)
    return outcome(insn, left, right) is not None


def _register_before(text: Buffer, low: int, at: int, name: str | None) -> RegState | None:
    """The register as printed most recently, looking back no further than it is certain to be the same."""
    if name is None:
        return None
    for number, (_, text_of_line) in enumerate(lines_before(text, low, at)):
        if number > _LOOK_BACK:
            return None
        what = kind(text_of_line)
        if what not in (Kind.INSN, Kind.STATE, Kind.FROM, Kind.CALL):
            continue
        line = parse(text_of_line)
        if isinstance(line, InsnLine):
            printed = line.printed or line.next_state
            if printed is not None and name in printed.regs:
                return printed.regs[name]
            if (
                line.insn.op in (Op.CALL, Op.EXIT)
                or written(line.insn) == name
                or line.next_state is not None
            ):
                return None
        elif isinstance(line, StateLine | FromLine) and line.state is not None:
            if name in line.state.regs:
                return line.state.regs[name]
            if isinstance(line, FromLine):
                return None
        elif isinstance(line, CallLine):
            return None
    return None


def _what_follows(lines: Iterator[tuple[int, str]]) -> tuple[int | None, bool]:
    """The instruction walked next, and whether the verifier knew that without looking at the other way.

    It then marks the registers compared as precise, right behind the branch. (It also does so for the sake of
    a known state, but then says "N: safe" next.)
    """
    marked = False
    for number, (_, text) in enumerate(lines):
        what = kind(text)
        if what is Kind.PRECISION:
            marked = marked or number == 0
        elif what in (Kind.INSN, Kind.STATE, Kind.SAFE, Kind.FROM):
            line = parse(text)
            if isinstance(line, InsnLine):
                return line.insn.index, marked
            if isinstance(line, SafeLine):
                return line.index, False
            if isinstance(line, FromLine):
                return None, False
            if isinstance(line, StateLine) and line.index is not None:
                return line.index, marked
    return None, False


def successors(insn: Insn) -> tuple[int, ...] | None:
    """The instructions that may be walked next; None when any may (exit, callbacks, jump tables)."""
    if insn.op is Op.EXIT or (insn.op is Op.GOTO and insn.target is None):
        return None
    if insn.op is Op.CALL and insn.callee_kind != "subprog":
        return None
    behind = insn.index + (2 if insn.opcode == 0x18 else 1)
    if insn.op is Op.GOTO and insn.operator != "may_goto":
        return (insn.target,) if insn.target is not None else None
    return (behind,) if insn.target is None else (behind, insn.target)
