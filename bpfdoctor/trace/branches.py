"""Finds the branch that a `from X to Y:` line takes up again.

The verifier keeps the branches it has still to look at on a stack. At level 2 the log holds every path, so
between a branch and the line that takes it up stands all that was explored in the meantime: complete, and
with as many pushes as pops. Going backwards, the first push of X → Y without a pop of its own is the branch.

A walk over X leaves Y for later when it goes on elsewhere; but not when the verifier knew that only one way
is possible. Without CAP_PERFMON it leaves that for later all the same, as speculative execution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from bpfdoctor.kernel.instructions import LD_IMM64
from bpfdoctor.log.events import Event, events_after, events_before
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.line import FromLine, InsnLine, SafeLine, StateLine
from bpfdoctor.log.lines import read
from bpfdoctor.machine.number import bounds, bounds32
from bpfdoctor.machine.state import CALLER_SAVED
from bpfdoctor.machine.value import outcome
from bpfdoctor.model.report import Buffer
from bpfdoctor.model.trace import CalleeKind, Insn, Op, RegState
from bpfdoctor.pattern import later
from bpfdoctor.trace.backwards import count_lines, find_line_before

# Lines to look back for a register's state, and how many of them to read; the others are precision marks.
_LOOK_BACK = 2000
_MOST_STATES = 200
_TELLING = (Kind.INSN, Kind.STATE, Kind.FROM, Kind.CALL)
# Bytes to look around for the jumps of a loop, or for speculative paths.
_RECENT = 1 << 20
_NAMED = later(rb"^from \d+ to \d+(?: \(speculative execution\))?:(?! ?safe)", re.MULTILINE)
# How many branches are looked at before the search for one that has no name is given up.
_MOST_BRANCHES = 5000
_JUMPS = later(rb"^(\d{1,7}): \([^\n]{1,80}goto pc([+-]\d{1,7})\b", re.MULTILINE)


def is_pruned(event: Event) -> bool:
    """ "8: safe" or "from 3 to 8: safe": a path ends here, in a state that is known to be fine."""
    return event.kind in (Kind.SAFE, Kind.FROM) and event.data.rstrip(b"\r").endswith(b": safe")


def is_exit(event: Event) -> bool:
    """The end of the program, or of a function."""
    return event.kind is Kind.INSN and event.data.rstrip(b"\r").endswith(b"(95) exit")


class Branches:
    """The branches of one verifier log, text[low:high]."""

    def __init__(self, text: Buffer, low: int, high: int) -> None:
        self._text = text
        self._low = low
        self._high = high

    def taken_up(self, end: int, source: int, target: int) -> int | None:
        """The offset of the line of `source` whose branch to `target` is taken up at offset `end`."""
        beginning = b"%d: (" % source
        pop = b"from %d to %d" % (source, target)
        pops = 0
        newer = end
        while (at := find_line_before(self._text, beginning, self._low, newer)) >= 0:
            pops += count_lines(self._text, pop, b": ", at, newer)
            if self._pushes(at, end, target):
                if pops == 0:
                    return at
                pops -= 1
            newer = at
        return None

    def taken_up_silently(self, end: int, target: int) -> int | None:
        """The offset of the line whose branch to `target` is taken up at offset `end`, where a path ended.

        Up to 5.16 nothing at level 2 says which branch is taken up: after "35: safe" comes "29: R0=…". Every
        end of a path takes up the newest branch that is left, so going backwards the branches are counted off
        against the ends. Nor does it say whether speculative paths are walked; what is found has to fit.
        """
        found = self._counted_off(end, target, speculates=False)
        return found if found is not None else self._counted_off(end, target, speculates=True)

    def _counted_off(self, end: int, target: int, speculates: bool) -> int | None:
        ends = looked_at = 0
        is_return = False
        for event in events_before(self._text, self._low, end):
            if is_pruned(event):
                ends += 1
            elif event.data.startswith(b"returning from callee"):
                is_return = True
            elif event.kind is Kind.INSN:
                if is_exit(event):
                    ends += not is_return
                elif b") if " in event.data and isinstance(line := read(event), InsnLine):
                    looked_at += 1
                    left = self._left_for_later(event.start, end, line.insn, speculates)
                    ends -= left is not None
                    if left is not None and ends == 0:
                        return event.start if left == target else None
                    if looked_at > _MOST_BRANCHES:
                        return None
                is_return = False
        return None

    def _left_for_later(self, at: int, end: int, insn: Insn, speculates: bool) -> int | None:
        """The way this walk over a branch did not go and left for later, if it did."""
        if insn.target is None:
            return None
        if not speculates:
            return insn.target if self._pushes(at, end, insn.target) else None
        after, _ = _what_follows(islice(events_after(self._text, at, end), 1, None))
        return insn.index + 1 if after == insn.target else insn.target

    @cached_property
    def are_named(self) -> bool:
        """Whether "from X to Y:" is printed when a branch is taken up."""
        return _NAMED.search(self._text[max(self._low, self._high - _RECENT) : self._high]) is not None

    def next_to(self, target: int, end: int) -> int | None:
        """The offset of the line whose branch to `target` is the next to be taken up at offset `end`."""
        if not self.are_named:
            return self.taken_up_silently(end, target)
        recent = self._text[max(self._low, end - _RECENT) : end]
        sources = {
            int(match[1]) for match in _JUMPS.finditer(recent) if int(match[1]) + 1 + int(match[2]) == target
        }
        found = [at for source in sources if (at := self.taken_up(end, source, target)) is not None]
        return max(found, default=None)

    @cached_property
    def _speculates(self) -> bool:
        """Whether speculative paths are walked too; then one is never far from the end."""
        low = max(self._low, self._high - _RECENT)
        return self._text.rfind(b" (speculative execution):", low, self._high) >= 0

    def _pushes(self, at: int, end: int, target: int) -> bool:
        """Whether this walk over the instruction at offset `at` left a branch to `target` for later."""
        events = events_after(self._text, at, end)
        line = read(next(events))
        if not isinstance(line, InsnLine):
            return False
        insn = line.insn
        if insn.op is Op.CALL:  # a callback, or the next round of an iterator
            behind = next(events, None)
            return behind is None or not behind.data.endswith(b"bpf_loop iteration limit reached")
        if insn.op not in (Op.BRANCH, Op.GOTO):
            return target != insn.index or self._forks(at, insn)  # behind it only speculation goes on
        after, decided = _what_follows(events)
        if after is None or after == target:
            return after is None
        if insn.op is Op.BRANCH and (decided or self._decided(at, insn)):
            return self._speculates
        return True

    def _forks(self, at: int, insn: Insn) -> bool:
        """Whether `w5 &= w1` is walked twice, for -1 and for 0: since 6.12 where no other value is possible.

        It is taken up at the same instruction, with 0.
        """
        for event in islice(events_before(self._text, self._low, at), _LOOK_BACK):
            if event.kind in (Kind.INSN, Kind.SAFE):
                break
            if event.kind is Kind.FROM and isinstance(line := read(event), FromLine) and not line.safe:
                return line.target != insn.index or line.source != insn.index
        held = self._register_before(at, insn.dst)
        return held is None or any(of(held)[:2] == (-1, 0) for of in (bounds, bounds32))

    def _decided(self, at: int, insn: Insn) -> bool:
        """Whether the registers compared left the verifier one way only."""
        left, right = self._register_before(at, insn.dst), self._register_before(at, insn.src)
        if right is not None and right.value is None:
            return False  # old kernels compare with constants only; newer ones mark what they decided by
        return outcome(insn, left, right) is not None

    def _register_before(self, at: int, name: str | None) -> RegState | None:
        """The register as printed last, looking back no further than it is certain to be the same."""
        if name is None:
            return None
        recent = islice(events_before(self._text, self._low, at), _LOOK_BACK)
        telling = (event for event in recent if event.kind in _TELLING)
        for event in islice(telling, _MOST_STATES):
            line = read(event)
            state = None
            last = True  # what is older says nothing about the register
            if isinstance(line, InsnLine):
                state = line.printed or line.next_state
                last = _ends_search(line, name)
            elif isinstance(line, StateLine):
                state, last = line.state, False
            elif isinstance(line, FromLine):
                state = line.state
            if state is not None and name in state.regs:
                return state.regs[name]
            if last:
                return None
        return None


def _ends_search(line: InsnLine, name: str) -> bool:
    """Whether what was printed before the instruction may not be true of the register after it."""
    insn = line.insn
    if insn.op is Op.CALL and (insn.callee_kind is CalleeKind.SUBPROG or name in CALLER_SAVED):
        return True
    return insn.op is Op.EXIT or insn.written == name or line.next_state is not None


def _what_follows(events: Iterator[Event]) -> tuple[int | None, bool]:
    """The instruction walked next, and whether the verifier knew that without looking at the other way.

    It then marks the registers compared as precise, right after the branch. (It also does so for the sake of
    a known state, but then says "N: safe" next.)
    """
    marked = False
    for number, event in enumerate(events):
        what = event.kind
        if what is Kind.PRECISION:
            marked = marked or number == 0
        elif what in (Kind.INSN, Kind.STATE, Kind.SAFE, Kind.FROM):
            line = read(event)
            if isinstance(line, InsnLine):
                return line.insn.index, marked
            if isinstance(line, SafeLine):
                return line.at, False
            if isinstance(line, FromLine):
                return None, False
            if isinstance(line, StateLine) and line.at is not None:
                return line.at, marked
    return None, False


def goes_to(insn: Insn, index: int) -> bool:
    """Whether the verifier may walk instruction `index` right after this one."""
    behind = insn.index + (2 if insn.opcode == LD_IMM64 else 1)
    if (
        insn.op is Op.EXIT
        or insn.operator == "gotox"
        or (insn.op is Op.CALL and insn.callee_kind is not CalleeKind.SUBPROG)
    ):
        return True  # a caller, a callback, a place from a table
    if insn.op is Op.GOTO and insn.operator != "may_goto":
        return index == insn.target
    return index in (behind, insn.target)
