"""The failing path: the instructions the verifier walked before it refused, newest first, read on demand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from bpfdoctor.log.events import Event, event_at, line_end
from bpfdoctor.log.line import CommentLine
from bpfdoctor.log.lines import read
from bpfdoctor.model.trace import Comment, FrameState, Op, Step
from bpfdoctor.model.transcript import Transcript, Truncated
from bpfdoctor.pattern import later
from bpfdoctor.trace.backwards import find_line_before
from bpfdoctor.trace.branches import Branches
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.said import number_in
from bpfdoctor.trace.states import States
from bpfdoctor.trace.unshown import Search, Unshown
from bpfdoctor.trace.visits import Visit, Walk, enters, frame_shown

# How many bytes back the source comment in force is looked for; a source line is a few instructions long.
_COMMENT_SEARCH = 1 << 17
# At level 1 explored branches are cut out of the log, with the comments that were printed there: after
# "15: (55) if … goto pc+1 17: R0=…", or 5.10's "15: (55) if …", "", "from 15 to 17:", the comment in force
# may be one of those. (At level 2 a path ends with exit or "safe" before from.)
_CUT = later(rb"\n\d+: \([^\n;]* \d+: ?(?:R\d|frame)|\n\d+: \((?!95)[^\n]*\n\nfrom ")


class Trace:
    """The failing path of one program. Pulling ten steps of a log of 500 MB reads its tail only.

    `steps()` and `last` give Steps; `step.number` is -1 for the newest, -2 for the one before, and so on.
    `holes` says in words what the log did not show, as far as it was read. Who asks
    for steps that it does not show is told by the `search()` begun last.
    """

    def __init__(self, transcript: Transcript, whole: Trace | None = None) -> None:
        """`whole`: the failing path, where the transcript ends with another one (other_paths.py)."""
        self.transcript = transcript
        self._search = Search()
        self.branches: Branches = (
            whole.branches if whole else Branches(transcript.text, transcript.log_start, transcript.log_end)
        )
        self._walk = Walk(transcript.text, transcript.log_start, transcript.log_end, self.branches)
        self._unread = self._walk.visits()
        self._visits: list[Visit] = []  # newest first
        self._steps: list[Step] = []  # newest first
        self._frames: list[int] = []  # frame numbers, newest first
        self._states = States(self)
        self._no_comment_from = transcript.log_end  # no comment between here and where the last search began

    # The path

    @property
    def last(self) -> Step | None:
        """The newest step: the instruction that was refused, when the message is about one."""
        return self.step(0)

    def steps(self) -> Iterator[Step]:
        """All steps, newest first."""
        at = 0
        while (step := self.step(at)) is not None:
            yield step
            at += 1

    def older(self, step: Step) -> Step | None:
        """The step before this one on the path."""
        return self.step(-step.number)

    def newer(self, step: Step) -> Step | None:
        """The step after this one on the path."""
        return self.step(-2 - step.number) if step.number < -1 else None

    @property
    def holes(self) -> tuple[str, ...]:
        """What is missing as far as the log was read; each continues "the log does not show …"."""
        cut = {Truncated.HEAD: "the beginning of the log", Truncated.TAIL: "the end of the log"}
        missing = cut.get(self.transcript.truncated)
        return ((missing,) if missing else ()) + tuple(self._walk.holes)

    def search(self) -> Search:
        """A new search: it is told what the log does not show of all that is asked from now on."""
        self._search = Search()
        return self._search

    def lacks(self, what: Unshown) -> None:
        """Somebody needed what the log does not show."""
        self._search.miss(what)

    # States

    def state_before(self, step: Step) -> tuple[FrameState, ...]:
        """What is known of every frame, outermost first, before the step."""
        return self._states.before(-1 - step.number)

    def state_after(self, step: Step) -> tuple[FrameState, ...]:
        """What is known of every frame, outermost first, after the step."""
        return self._states.after(-1 - step.number)

    def opening(self) -> tuple[FrameState, Step] | None:
        """The state on a line of its own that a cut log begins with, and the oldest step, which follows it.

        It is the state before that step, but for a register that the step before, left out, may have written.
        """
        steps = list(islice(self.steps(), Budget.OBJECT + 1))
        if len(steps) > Budget.OBJECT:
            return None
        visit = self.visit(len(steps) - 1) if steps else None
        told = visit.told(None) if visit is not None else ()
        return (told[0].state, steps[-1]) if told else None

    def is_hidden(self, at: int) -> bool:
        """Whether the log leaves out what ran right before the step at `at - 1`."""
        newer = self.visit(at - 1)
        return newer is not None and (newer.gap or (self.visit(at) is None and bool(self.holes)))

    @cached_property
    def number(self) -> str | None:
        """The register of which the message says that it holds a number."""
        return number_in(self.transcript)

    # For the other modules of this package: visits by their place, 0 is the newest

    def visit(self, at: int) -> Visit | None:
        if at < 0:
            return None
        while len(self._visits) <= at:
            found = next(self._unread, None)
            if found is None:
                return None
            self._visits.append(found)
        return self._visits[at]

    def trailing(self) -> list[Event]:
        """The telling lines after the last instruction."""
        self.visit(0)
        return self._walk.trailing

    def frame(self, at: int) -> int:
        """The number of the frame that visit `at` runs in."""
        for each in range(
            len(self._frames), at + 1
        ):  # in order: what does not show its frame follows its newer
            visit = self.visit(each)
            if visit is None:
                return 0
            shown = frame_shown(visit, self.visit(each + 1))
            if shown is None:
                shown = self._frames[each - 1] - self._deeper(each - 1) if each else self._frame_of_newest()
            self._frames.append(max(shown, 0))
        return self._frames[at]

    def _deeper(self, at: int) -> int:
        """How many frames deeper visit `at` is than the visit before it."""
        visit, before = self.visit(at), self.visit(at + 1)
        return enters(before, visit) if visit is not None and before is not None else 0

    def _frame_of_newest(self) -> int:
        depth = lowest = 0
        for at in range(Budget.FRAME):
            visit = self.visit(at)
            if visit is None:
                break
            if (shown := frame_shown(visit, self.visit(at + 1))) is not None:
                return shown - depth
            depth -= self._deeper(at)
            lowest = min(lowest, depth)
        return -lowest  # nothing says so: the outermost frame seen is the main program's

    def step(self, at: int) -> Step | None:
        """The step at place `at`: 0 is the newest."""
        if at < 0:
            return None
        if self.is_hidden(at):
            self.lacks(Unshown.STEPS)
        for each in range(len(self._steps), at + 1):
            visit = self.visit(each)
            if visit is None:
                return None
            self._steps.append(self._build(each, visit))
        return self._steps[at]

    def _build(self, at: int, visit: Visit) -> Step:
        frame = self.frame(at)
        before, printed = self._states.told_with(at)
        return Step(
            number=-1 - at,
            insn=visit.insn,
            offset=visit.offset,
            frame=frame,
            comment=self._comment(visit),
            printed=printed,
            before=before,
            came_from=visit.came_from,
            taken=self._taken(at, visit),
            speculative=visit.speculative,
        )

    def _taken(self, at: int, visit: Visit) -> bool | None:
        insn, newer = visit.insn, self.visit(at - 1) if at else None
        if newer is None or newer.gap or insn.target is None or insn.target == insn.index + 1:
            return None
        if insn.op is not Op.BRANCH and insn.operator != "may_goto":
            return None
        return {insn.target: True, insn.index + 1: False}.get(newer.insn.index)

    def _comment(self, visit: Visit) -> Comment | None:
        """The source line in force: printed before the instruction, or of one shortly before it."""
        text, low = self.transcript.text, self.transcript.log_start
        if visit.comment is not None:
            line = read(visit.comment)
            return line.comment if isinstance(line, CommentLine) else None
        if visit.offset > self._no_comment_from:
            return None
        bottom = max(low, visit.offset - _COMMENT_SEARCH)
        at = find_line_before(text, b";", bottom, visit.offset)
        if at < 0:
            self._no_comment_from = bottom
            return None
        if _CUT.search(text[max(at - 1, low) : visit.offset]):
            return None
        line = read(event_at(text, at, line_end(text, at, visit.offset)))
        return line.comment if isinstance(line, CommentLine) else None
