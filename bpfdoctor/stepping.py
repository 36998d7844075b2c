"""A path for who steps through it: each instruction, its source line, what it changed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, takewhile
from typing import NamedTuple

from bpfdoctor.log.events import LONGEST, line_end
from bpfdoctor.machine.memory import stack_place
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import FrameState, Op, RegState, StackSlot, Step
from bpfdoctor.model.walk import REFUSED, Ending, Held, How, Line, Walk, Walked
from bpfdoctor.pattern import later
from bpfdoctor.source import Source
from bpfdoctor.trace import Trace
from bpfdoctor.trace.flow import checked_at, made_at
from bpfdoctor.trace.ranges import in_words, slot_in_words

MOST = 1000  # steps; 200 bytes of HTML and half a millisecond each
_MOST_AROUND = 400  # lines of a file, for who has it: from the first that the path meets to the last

_PRINTED = later(r"(?:^|(?<=[ ;]))(R\d+|fp-\d+)(?:_\w+)?=(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))*")
_OWN_INDEX = later(r"^\d+: ")

_ENDS = {
    How.REFUSED: "refused here",
    How.EXIT: "the program ends here",
    How.KNOWN: "this state is known to be safe",
    How.ELSE: "the path ends here",
}

_Known = Mapping[tuple[int, str], RegState | StackSlot]


class Part(NamedTuple):
    """Which steps of a path: `most` (or MOST) from `first` on, 0 is its newest, none before offset `floor`.

    `was` is what the path that this one leaves knows before the step at `floor`.
    """

    first: int = 0
    most: int | None = None
    floor: int = 0
    was: tuple[FrameState, ...] | None = None


def walk_of(
    trace: Trace,
    source: Source,
    diagnoses: Iterable[Diagnosis] = (),
    ending: Ending = REFUSED,
    part: Part = Part(),  # noqa: B008 - a tuple
) -> Walk | None:
    """A part of a path, the newest one where nothing else is asked; None where the log shows none."""
    most = MOST if part.most is None else part.most
    of_the_path = takewhile(lambda step: step.offset >= part.floor, trace.steps())
    steps = list(islice(of_the_path, part.first, part.first + most))[::-1]
    if not steps:
        return None
    before = [_known(trace.state_before(step)) for step in steps]
    older = trace.older(steps[0])
    is_cut = older is not None and older.offset >= part.floor
    if part.was is not None and not is_cut:
        before[0] = _known(part.was)
    after = [*before[1:], _after(trace, steps[-1], ending, before[-1])]
    words = _Words()
    lines = _Lines(source)
    walked = tuple(
        Walked(
            step.insn.index,
            step.insn.text,
            step.insn.op.value,
            step.frame,
            lines.number(step),
            step.insn.target,
            _taken(step, ending),
            tuple(_reads(step, was)),
            tuple(_changes(was, now, words)),
            tuple(_printed(trace, step, now, words)),
            made_at(trace, -1 - step.number),
            checked_at(trace, -1 - step.number),
            trace.is_hidden(-step.number),
        )
        for step, was, now in zip(steps, before, after, strict=True)
    )
    begins = tuple(Held(*place, words.of(held)) for place, held in before[0].items())
    table, moved = lines.table()
    placed = tuple(_moved(each, moved) for each in walked)
    matters = tuple(_matters(trace, steps, part.first, diagnoses, ending))
    return Walk(placed, begins, table, matters, is_cut, ending, trace.transcript.log_end)


def _after(trace: Trace, newest: Step, ending: Ending, before: _Known) -> _Known:
    """What is known after the last step of a part."""
    if newest.number == -1 and ending.how is not How.KNOWN:
        return before  # what was refused changed nothing, nor does the program's end
    return _known(trace.state_after(newest))


def _taken(step: Step, ending: Ending) -> bool | None:
    """Whether a branch was taken; of a path's last step its end tells."""
    if step.number < -1 or ending.at is None or step.insn.op is not Op.BRANCH:
        return step.taken
    return {step.insn.target: True, step.insn.index + 1: False}.get(ending.at)


def _known(state: Iterable[FrameState]) -> _Known:
    known: dict[tuple[int, str], RegState | StackSlot] = {}
    for frame in state:
        for name, reg in frame.regs.items():
            known[frame.frame, name] = reg
        for offset, slot in frame.stack.items():
            known[frame.frame, f"fp{offset:+d}"] = slot
    return known


def _changes(was: _Known, now: _Known, words: _Words) -> Iterator[Held]:
    for place, held in now.items():
        old = was.get(place)
        if held is not old and (old is None or words.of(held) != words.of(old)):
            yield Held(*place, words.of(held))
    for place in was:
        if place not in now:
            yield Held(*place, "")


class _Words:
    """Values in words; most are the same object from step to step."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[RegState | StackSlot, str]] = {}  # by id, of an object that is kept

    def of(self, held: RegState | StackSlot) -> str:
        found = self._said.get(id(held))
        if found is None:
            said = in_words(held) if isinstance(held, RegState) else slot_in_words(held)
            found = self._said[id(held)] = (held, said)
        return found[1]


def _reads(step: Step, known: _Known) -> Iterator[str]:
    """The registers and the stack slot that an instruction takes its values from."""
    insn = step.insn
    names = [insn.src, insn.dst if insn.op not in (Op.MOVE, Op.LOAD) else None]
    yield from dict.fromkeys(name for name in names if name is not None)
    if insn.op is Op.LOAD:
        regs = {place: held for (frame, place), held in known.items()
                if frame == step.frame and isinstance(held, RegState)}  # fmt: skip
        where = stack_place(insn, insn.src, regs, step.frame)
        if where is not None and where[0] == step.frame:
            yield f"fp{where[1] // 8 * 8:+d}"
    elif insn.op is Op.CALL:
        yield from (f"r{number}" for number in range(1, 6) if (step.frame, f"r{number}") in known)
    elif insn.op is Op.EXIT:
        yield "r0"


def _printed(trace: Trace, step: Step, now: _Known, words: _Words) -> Iterator[tuple[str, str]]:
    """`R1=pkt(off=14,r=34)` of the instruction's own line, and its meaning; `now` is known after it."""
    if step.printed is None:
        return
    text, high = trace.transcript.text, min(trace.transcript.log_end, step.offset + LONGEST)
    line = bytes(text[step.offset : line_end(text, step.offset, high)]).decode("utf-8", "replace")
    for found in _PRINTED.finditer(line):
        name = found[1].lower()
        shown = step.printed.regs.get(name) or step.printed.stack.get(int(name[2:]) if name[0] == "f" else 0)
        if shown is not None:  # what is known may be more: whose stack it is, limits of a spilled number
            held = shown if step is trace.last else now.get((step.printed.frame, name), shown)
            yield found[0], words.of(held)


def _matters(
    trace: Trace, steps: list[Step], first: int, diagnoses: Iterable[Diagnosis], ending: Ending
) -> Iterator[tuple[int, str]]:
    """The steps that the answer speaks of, with what it says. An instruction without a step is the newest."""
    newest: dict[int, int] = {}
    for step in islice(trace.steps(), first + len(steps)):
        newest.setdefault(step.insn.index, step.number)
    said: dict[int, str] = {}
    for diagnosis in diagnoses:
        cause = diagnosis.root_cause
        for each in (*diagnosis.labels, *((cause,) if cause else ()), *diagnosis.flow):
            number = each.step or (None if each.insn is None else newest.get(each.insn))
            if number is not None:
                # what a step of the flow says begins with its instruction, which stands beside it
                said.setdefault(number, _OWN_INDEX.sub("", each.text))
    if first == 0:
        said.setdefault(-1, _ENDS[ending.how])
    oldest = steps[0].number
    yield from (
        (number - oldest, said[number]) for number in sorted(said) if 0 <= number - oldest < len(steps)
    )


class _Lines:
    """The source lines that a path meets, by file and number; with those between, where they are known."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._met: dict[Line, int] = {}
        self._of: dict[object, int | None] = {}  # an instruction has one line

    def number(self, step: Step) -> int | None:
        """The number of the step's line among those met."""
        key = (step.insn.index, step.comment)
        if key not in self._of:
            line = self._line(step)
            self._of[key] = None if line is None else self._met.setdefault(line, len(self._met))
        return self._of[key]

    def _line(self, step: Step) -> Line | None:
        place = self._source.place(step)
        if place is not None:
            return Line(place.file, place.line, place.text or "")
        text = self._source.comment(step)
        return Line("", 0, text) if text else None

    def table(self) -> tuple[tuple[Line, ...], Mapping[int, int]]:
        """All lines, and where each that was met stands among them."""
        lines = {(each.file, each.number or at): each for each, at in self._met.items()}
        for file in dict.fromkeys(each.file for each in self._met if each.number):
            text = self._source.text(file)
            numbers = [each.number for each in self._met if each.file == file and each.number]
            first, last = max(min(numbers) - 2, 1), max(numbers) + 2
            if text is not None and last - first <= _MOST_AROUND:
                for number, content in enumerate(text.splitlines()[first - 1 : last], first):
                    lines[file, number] = Line(file, number, content)
        order = {key: at for at, key in enumerate(sorted(lines))}
        moved = {at: order[each.file, each.number or at] for each, at in self._met.items()}
        return tuple(lines[key] for key in order), moved


def _moved(step: Walked, moved: Mapping[int, int]) -> Walked:
    return step if step.line is None else replace(step, line=moved[step.line])
