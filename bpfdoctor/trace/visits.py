"""Walks a verifier log backwards along the failing path: one Visit for every instruction walked on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from bpfdoctor.log.events import Event, event_at, events_before, line_end
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.line import CallLine, FromLine, InsnLine, StateLine
from bpfdoctor.log.lines import read
from bpfdoctor.model.record import dataclass, field
from bpfdoctor.model.report import Buffer
from bpfdoctor.model.trace import CalleeKind, FrameState, Insn, Op
from bpfdoctor.pattern import later
from bpfdoctor.trace.branches import Branches, goes_to, is_exit, is_pruned

# Lines that say something about the instructions around them.
_TELLING = (Kind.STATE, Kind.FROM, Kind.CALL)
_LOOP = later(rb"^infinite loop detected at insn (\d{1,9})$", re.MULTILINE)
# After the message stand two states and the statistics.
_TAIL = 1 << 15
_MOST_HOLES = 20  # a log with more of them is no log any more
# Lines before a run; what stands before them belongs to another run, or to none.
_HEADINGS = (Kind.TABLE, Kind.STATS)


class StateOrigin(StrEnum):
    """Where a state was printed, and so what it is the state of."""

    PREVIOUS = (
        "previous"  # 5.10: what the instruction before was checked with; after a branch, what it led to
    )
    HERE = "here"  # before this instruction
    TAKEN_UP = "taken_up"  # with "from 3 to 8:"
    GLUED = "glued"  # to the branch that is left: the state at the way that is taken up
    CALLER = "caller"  # around a call: the caller's, the callee's
    CALLEE = "callee"
    RETURNING = "returning"  # around a return: the callee's, the caller's
    TO_CALLER = "to_caller"
    PRINTED = "printed"  # after the instruction, on its own line


class PrintedState(NamedTuple):
    """A state printed between two instructions."""

    origin: StateOrigin
    state: FrameState


@dataclass(slots=True)
class Visit:
    """An instruction on the failing path, with the telling lines between the visit before it and itself."""

    offset: int
    line: InsnLine
    between: list[Event] = field(default_factory=list)  # oldest first
    came_from: int | None = None
    speculative: bool = False
    taken_up: bool = False  # another branch was explored before this one
    gap: bool = False  # the log does not show how the verifier came here
    comment: Event | None = None  # printed right before this instruction
    #: (start, end) in the text: all that was walked the other way, between the visit before and this one
    explored: tuple[int, int] | None = None
    _told: tuple[PrintedState, ...] | None = None

    @property
    def insn(self) -> Insn:
        return self.line.insn

    def told(self, before: Visit | None) -> tuple[PrintedState, ...]:
        """The states of `between`, oldest first, with that glued to the line of the visit before."""
        if self._told is None:
            self._told = tuple(_told(self.between, before))
        return self._told


def told_behind(trailing: list[Event]) -> FrameState | None:
    """5.10's state on a line of its own after the last instruction."""
    return next((told.state for told in _told(trailing, None) if told.origin is StateOrigin.PREVIOUS), None)


def _told(between: list[Event], before: Visit | None) -> Iterator[PrintedState]:
    if before is not None and before.line.next_state is not None:
        yield PrintedState(StateOrigin.GLUED, before.line.next_state)
    origin: StateOrigin | None = None
    for event in between:
        line = read(event)
        if isinstance(line, CallLine):
            origin = StateOrigin(line.side)
        elif isinstance(line, FromLine):
            origin = None
            if line.state is not None:
                yield PrintedState(StateOrigin.TAKEN_UP, line.state)
        elif isinstance(line, StateLine):
            at_once = StateOrigin.HERE if line.at is not None else None
            yield PrintedState(at_once or origin or StateOrigin.PREVIOUS, line.state)
            origin = None


class Walk:
    """The failing path, newest visit first. `holes` says in words what the log did not show so far."""

    def __init__(self, text: Buffer, start: int, end: int, branches: Branches) -> None:
        """`branches`: of the whole log, where `end` lies before its end."""
        self.holes: list[str] = []
        self.trailing: list[Event] = []  # telling lines after the last instruction, oldest first
        self._heading = b""  # the line before the run
        self._text = text
        self._start = start
        self._end = end
        self._branches = branches

    def visits(self) -> Iterator[Visit]:
        newer: Visit | None = None
        between: list[Event] = []
        is_parents = False
        events = events_before(self._text, self._start, self._last_path())
        while (event := next(events, None)) is not None:
            what = event.kind
            if what in _HEADINGS or (what is Kind.NOTE and _heads_a_run(event)):
                if what is Kind.STATS and newer is None:
                    continue  # they stand after the run
                self._heading = event.data
                break
            if is_pruned(event) or self._ends_a_path(event, newer, between):
                if newer is not None:
                    branch = self._take_up_silently(newer, event)
                    if branch is None:
                        break
                    events = events_before(self._text, self._start, branch)
            elif what in _TELLING:
                if what is not Kind.STATE or not is_parents:
                    between.append(event)
                if what is Kind.FROM and newer is not None and not is_return(self._text, self._start, event):
                    branch = self._take_up(newer, event)
                    if branch is None:
                        break
                    events = events_before(self._text, self._start, branch)
            elif what is Kind.COMMENT:
                if newer is not None and newer.comment is None:
                    newer.comment = event
            elif what is Kind.INSN and isinstance(line := read(event), InsnLine):
                visit = Visit(event.start, line)
                if newer is None:
                    self.trailing = between[::-1]
                else:
                    yield self._complete(newer, between, visit)
                newer, between = visit, []
            # 5.10 prints the state of an older point before "parent didn't have regs=4 stack=0 marks"
            is_parents = what is Kind.PRECISION and event.data.startswith(b"parent ")
        if newer is not None:
            yield self._complete(newer, between, None)

    def _miss(self, what: str) -> None:
        if what not in self.holes and len(self.holes) < _MOST_HOLES:
            self.holes.append(what)

    def _last_path(self) -> int:
        """Where the failing path's last line ends: earlier than the log if another path was walked last.

        At level 2 a loop is found when a branch is taken up, before that is announced: "60: safe", and next
        "infinite loop detected at insn 55". The path ended at the branch to 55 that was next in line.
        """
        low = max(self._start, self._end - _TAIL)
        loop = _LOOP.search(self._text[low : self._end])
        if loop is None:
            return self._end
        target = int(loop[1])
        for event in events_before(self._text, self._start, low + loop.start()):
            if event.kind is Kind.INSN or is_pruned(event):
                line = read(event)
                if isinstance(line, InsnLine) and line.insn.op is not Op.EXIT and goes_to(line.insn, target):
                    return self._end
                branch = self._branches.next_to(target, self._end)
                return self._end if branch is None else line_end(self._text, branch, self._end)
        return self._end

    def _complete(self, visit: Visit, between: list[Event], before: Visit | None) -> Visit:
        visit.between = between[::-1]
        if before is None:
            # The walk of the program begins with 0, that of a global function after its heading.
            if visit.insn.index != 0 and not visit.taken_up and not self._heading.startswith(b"Validating "):
                self._miss(f"what came before instruction {visit.insn.index}")
            return visit
        line = before.line
        if line.next_state is not None and line.next_index == visit.insn.index:
            visit.came_from, visit.taken_up = before.insn.index, True
        elif not visit.taken_up and not _follows(visit, before.insn):
            visit.gap = True
            self._miss(f"how the verifier went from instruction {before.insn.index} to {visit.insn.index}")
        return visit

    def _take_up(self, visit: Visit, event: Event) -> int | None:
        """Where the line of the branch ends that leads to this visit."""
        line = read(event)
        if not isinstance(line, FromLine) or line.target != visit.insn.index:
            self._miss(f"how the verifier came to instruction {visit.insn.index}")
            return None
        visit.came_from, visit.speculative, visit.taken_up = line.source, line.speculative, True
        branch = self._branches.taken_up(event.start, line.source, line.target)
        if branch is None:
            self._miss(f"what came before the branch at instruction {line.source}")
            return None
        behind = line_end(self._text, branch, event.start)
        visit.explored = (behind + 1, event.start)
        return behind

    def _ends_a_path(self, event: Event, newer: Visit | None, between: list[Event]) -> bool:
        """Whether the line is an exit from the program after which another branch was taken up silently."""
        if newer is None or newer.taken_up or not is_exit(event):
            return False
        if self._branches.are_named:
            return False
        kinds = {told.kind for told in between}
        return Kind.STATE in kinds and Kind.CALL not in kinds

    def _take_up_silently(self, visit: Visit, event: Event) -> int | None:
        """Where the line of the branch ends that leads to this visit, for kernels that do not name it."""
        branch = self._branches.taken_up_silently(event.end, visit.insn.index)
        if branch is None:
            self._miss(f"how the verifier came to instruction {visit.insn.index}")
            return None
        behind = line_end(self._text, branch, event.end)
        line = read(event_at(self._text, branch, behind))
        visit.came_from = line.insn.index if isinstance(line, InsnLine) else None
        visit.taken_up = True
        visit.explored = (behind + 1, event.end)
        return behind


def is_return(text: Buffer, low: int, event: Event) -> bool:
    """At level 2 a return is announced like a branch; "to caller at N:" and a state stand in front."""
    for number, above in enumerate(events_before(text, low, event.start)):
        if above.kind is Kind.CALL:
            return above.data.startswith(b"to caller")
        if above.kind not in (Kind.BLANK, Kind.STATE) or number > 3:
            return False
    return False


def _follows(visit: Visit, before: Insn) -> bool:
    """Whether the visit may be the one right after `before`.

    A call that enters a callback says so; for a timer's, which runs later, only some kernels do.
    """
    if before.op is Op.CALL and before.callee_kind in (CalleeKind.HELPER, CalleeKind.KFUNC):
        enters_callback = any(event.kind is Kind.CALL for event in visit.between)
        return enters_callback or visit.insn.index == before.index + 1 or "_callback" in (before.callee or "")
    if before.op is Op.EXIT and visit.insn.index == before.index:
        return False  # another path came to the same end
    return goes_to(before, visit.insn.index)


def _heads_a_run(event: Event) -> bool:
    """func#0 @0, Validating foo()…, Func#1 ('foo') is safe for any args…: the next run begins after it."""
    return event.data.startswith((b"func#", b"Validating ")) or b"is safe for any args" in event.data


def enters(before: Visit, visit: Visit) -> int:
    """How many frames deeper `visit` is than the visit before: 1 in a callee, -1 after its exit, else 0."""
    if any(event.data.startswith(b"callee:") for event in visit.between):
        return 1
    # A tail call in a function ends it, too.
    if before.insn.op is Op.EXIT or any(event.data.startswith(b"returning from") for event in visit.between):
        return -1
    if before.insn.op is Op.CALL:
        index = visit.insn.index
        if before.insn.callee_kind is CalleeKind.SUBPROG:
            return int(index == before.insn.target and index != before.insn.index + 1)
        return int(index not in (before.insn.index, before.insn.index + 1))
    return 0


def frame_shown(visit: Visit, before: Visit | None) -> int | None:
    """The number of the frame the instruction ran in, when a state printed with it says so."""
    for told in reversed(visit.told(before)):
        if told.origin in ENTERED:
            return told.state.frame
    return visit.line.printed.frame if visit.line.printed is not None else None


# The states that are those of the instruction after them.
ENTERED = (
    StateOrigin.HERE,
    StateOrigin.TAKEN_UP,
    StateOrigin.GLUED,
    StateOrigin.CALLEE,
    StateOrigin.TO_CALLER,
)
