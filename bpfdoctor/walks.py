"""The paths of one program's log for who steps through them: the one that is shown, and those beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpfdoctor.log.events import events_after
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.line import InsnLine
from bpfdoctor.log.lines import read
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import Buffer
from bpfdoctor.model.walk import REFUSED, AtOnce, OtherPaths, Walk
from bpfdoctor.source import Source
from bpfdoctor.stepping import Part, walk_of
from bpfdoctor.trace import Trace
from bpfdoctor.trace.other_paths import Ended, OtherWay, counted, ended, newest, other_ways
from bpfdoctor.trace.runs import Run, runs

MOST_PATHS = 20  # other paths that are put beside the one that is shown,
MOST_STEPS = 1000  # and the steps that they have together
MOST_RUNS = 10  # the program's walk and its global functions'
MOST_BYTES = 16 << 20  # of the log that are looked through for them; a tenth of a second


@dataclass(slots=True)
class _Path:
    """A path; `root` is the shown one of its run, `way` is where it leaves another one; None for the root."""

    trace: Trace
    root: Trace
    ended: Ended
    part: Part = Part()
    way: OtherWay | None = None
    function: str = ""


class Walks:
    """Paths by where they end in the log."""

    def __init__(
        self, trace: Trace, source: Source, diagnoses: Sequence[Diagnosis], *, refused: bool = True
    ) -> None:
        self._source = source
        self._diagnoses = diagnoses
        self._bytes = MOST_BYTES  # that are left
        self._paths: dict[int, _Path] = {}
        for run, root in _roots(trace, refused=refused):
            how = Ended(REFUSED) if root is trace and refused else ended(root)
            self._paths[root.transcript.log_end] = _Path(root, root, how, function=run.function)

    def shown(self) -> list[Walk]:
        """Of each run the path that is shown, with others as far as there is room; the refused one first."""
        found = []
        for path in list(self._paths.values())[:MOST_RUNS]:
            walk = self._walk(path)
            if walk is not None:
                found.append(self._with_others(walk))
        return found

    def _with_others(self, first: Walk) -> Walk:
        walks = {first.end: first}
        left, waiting = MOST_STEPS, [first]
        for walk in waiting:
            for other in walk.others:
                size = other.end - other.start
                if len(walks) > MOST_PATHS or left <= 0 or size > self._bytes:
                    continue
                self._bytes -= size
                found = self._other(walk.end, len(walk.steps) - 1 - other.step, left)
                if found is not None:
                    walks[other.end] = found
                    waiting.append(found)
                    left -= len(found.steps)
        return _joined(first, walks)

    def other(self, end: int, at: int) -> Walk | None:
        """Of the path that ends at `end`: the newest that leaves it at its step `at` (0 is the newest)."""
        self._bytes = MOST_BYTES
        return self._other(end, at)

    def _other(self, end: int, at: int, most: int | None = None) -> Walk | None:
        path = self._paths.get(end)
        if path is None:
            return None
        way = next(other_ways(path.trace, at, 1), None)
        branch = path.trace.step(at)
        if way is None or branch is None:
            return None
        if way.end not in self._paths:
            trace = newest(path.root, way.end)
            part = Part(floor=branch.offset, was=path.trace.state_before(branch))
            self._paths[way.end] = _Path(trace, path.root, ended(trace), part, way)
        return self._walk(self._paths[way.end], most=most)

    def older(self, end: int, first: int) -> Walk | None:
        """The steps of a path from `first` on (0 is its newest); None where there are no more."""
        self._bytes = MOST_BYTES
        return self._walk(self._paths[end], first) if end in self._paths else None

    def _walk(self, path: _Path, first: int = 0, most: int | None = None) -> Walk | None:
        part = path.part._replace(first=first, most=most)
        said = self._diagnoses if path.ended.ending == REFUSED else ()
        walk = walk_of(path.trace, self._source, said, path.ended.ending, part)
        if walk is None:
            return None
        last = len(walk.steps) - 1
        others = tuple(self._others(path, first, last))
        once = (AtOnce(first + last - at, target) for at, target in path.ended.at_once)
        seen = tuple(each for each in once if 0 <= each.step <= last)
        return replace(walk, others=others, at_once=seen, function=path.function)

    def _others(self, path: _Path, first: int, last: int) -> Iterator[OtherPaths]:
        """What leaves the path at the steps of a walk, newest first."""
        text = path.trace.transcript.text
        for way in other_ways(path.trace, first, last + 1):
            found = OtherPaths(first + last - way.at, way.start, way.end, _target(text, way))
            if way.end - way.start <= self._bytes:
                self._bytes -= way.end - way.start
                found = replace(found, **counted(text, way)._asdict())
            yield found


def _target(text: Buffer, way: OtherWay) -> int | None:
    """The instruction that the way begins with."""
    for event in events_after(text, way.start, way.end):
        if event.kind is Kind.INSN and isinstance(line := read(event), InsnLine):
            return line.insn.index
    return None


def _roots(trace: Trace, *, refused: bool) -> Iterator[tuple[Run, Trace]]:
    """The newest path of each run: of one that was refused the last, else the program's first."""
    whole = trace.transcript
    found = runs(whole.text, whole.log_start, whole.log_end)
    if refused or len(found) == 1:
        yield found[-1], trace
        found = found[:-1]
    for run in sorted(found, key=lambda each: each.function != ""):
        yield run, Trace(replace(whole, log_start=run.start, log_end=run.end, blocks=()))


def _joined(walk: Walk, walks: dict[int, Walk]) -> Walk:
    """The walk with those that leave it, and so on."""
    others = tuple(
        replace(each, walk=_joined(walks[each.end], walks)) if each.end in walks else each
        for each in walk.others
    )
    return replace(walk, others=others)
