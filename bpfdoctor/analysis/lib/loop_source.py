"""The loops of the source that repeating steps belong to: their heads, and how often they run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.loop_rounds import Rounds
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.picture import LoopLevel
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.ranges import in_words

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Loop

_SHARE = 0.75  # of a round's lines that lie in its loop: the compiler moves a few out
_HEAD = re.compile(r"(?:for|while|do|bpf_for\w*|bpf_repeat)\b")
# for (i = 0; i < N; i++) and for (i = N; i > 0; i--), also with a type in front and with += in the end
_COUNTS = re.compile(
    r"for\s*\(\s*(?:[\w\s]+\s)?(?P<name>\w+)\s*=\s*(?P<first>\w+)\s*;"
    r"\s*(?P=name)\s*(?P<test><=?|>=?|!=)\s*(?P<bound>[^;&|]+?)\s*;"
    r"\s*(?:(?P=name)\s*(?P<after>\+\+|--)|(?P<before>\+\+|--)\s*(?P=name)"
    r"|(?P=name)\s*(?P<by>[-+]=)\s*(?P<step>\w+))\s*\)"
)


@dataclass(frozen=True, slots=True)
class Count:
    """What the head of a counting loop says: its rounds, its counter, and what that goes on by."""

    trips: int | None = None
    bound: str | None = None
    variable: str | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Nest:
    """Loops in the source, outermost first, and where the head of the innermost stands."""

    levels: tuple[LoopLevel, ...]
    head: Place | None


def nest(context: Context, loops: Sequence[Rounds]) -> Nest:
    """`loops` are those that the log walks through: the innermost, then those it may lie in.

    A loop around a call of the function with the innermost one lies in another frame, and in other lines.
    """
    innermost, *around = loops
    found = _in_source(context, innermost, around)
    if found is None:
        return _from_comments(context, loops)
    levels, frame = list(found.levels), innermost.back.frame
    for each in sorted(around, key=lambda one: -one.back.frame):
        if each.back.frame < frame and (callers := _in_source(context, each, around)) is not None:
            levels[:0] = callers.levels
            frame = each.back.frame
    return Nest(tuple(levels), found.head)


def _in_source(context: Context, innermost: Rounds, around: Sequence[Rounds]) -> Nest | None:
    """A loop and those around it in one function; None where the source is not at hand."""
    places = [context.source.place(step) for step in _own(innermost)]
    file = Counter(place.file for place in places if place).most_common(1)
    c = context.source.c(file[0][0]) if file else None
    lines = [place.line for place in places if place and place.file == file[0][0]]
    loop = _around(c, lines, places[-1]) if c is not None else None
    if c is None or loop is None:
        return None
    outer = [each for each in c.loops_around(loop.span.line) if _lies_in(loop, each)]
    levels = [_level(context, c, loop, innermost.heads[0], innermost.seen)]
    for each in outer:
        seen = next((one.seen for one in around if _holds(context, each, one.back)), 0)
        levels.append(_level(context, c, each, innermost.heads[0], seen))
    return Nest(tuple(reversed(levels)), _head(c, file[0][0], loop))


def head_at(context: Context, insn: object) -> Place | None:
    """The head of the loop that an instruction of the log belongs to; else the instruction's own place."""
    place = context.source.place_at(insn) if isinstance(insn, int) else None
    c = context.source.c(place.file) if place else None
    loops = c.loops_around(place.line) if c and place else ()
    return _head(c, place.file, loops[0]) if c and place and loops else place


def _head(c: CFile, file: str, loop: Loop) -> Place:
    head, line = loop.head, c.line(loop.head.line)
    end = head.column + len(_to_bracket(line[head.column - 1 :].rstrip().removesuffix("{").rstrip()))
    function = c.function_at(head.line)
    name = function.name if function else None
    return Place(file, head.line, head.column, max(end, head.column + 1), name, line.strip())


def _own(rounds: Rounds) -> Sequence[Step]:
    """The steps of a round that are the loop's own, not those of functions it calls."""
    steps = [step for step in rounds.path if step.frame == rounds.back.frame] or [rounds.back]
    return steps[: Budget.WALK]


def _around(c: CFile, lines: Sequence[int], back: Place | None) -> Loop | None:
    """The smallest loop that holds nearly all of the lines.

    Where the compiler shares more with what stands before the loop: the one that holds all lines which lie
    in any loop, that of the jump `back` among them.
    """
    found = {loop.span: loop for line in set(lines) for loop in c.loops_around(line)}
    found |= {loop.span: loop for line in set(lines) for loop in c.goto_loops(line)}
    fitting = [loop for loop in found.values() if sum(map(loop.span.holds, lines)) >= _SHARE * len(lines) > 0]
    if not fitting and back is not None:
        looped = [line for line in lines if any(loop.span.holds(line) for loop in found.values())]
        fitting = [loop for loop in found.values() if all(map(loop.span.holds, (*looped, back.line)))]
    return min(fitting, key=lambda loop: loop.span.end_line - loop.span.line, default=None)


def _lies_in(inner: Loop, outer: Loop) -> bool:
    first, last = (inner.span.line, inner.span.column), (inner.span.end_line, inner.span.end_column)
    start, end = (outer.span.line, outer.span.column), (outer.span.end_line, outer.span.end_column)
    return start <= first and last <= end and (start, end) != (first, last)


def _holds(context: Context, outer: Loop, back: Step) -> bool:
    """Whether a jump back comes from the lines of a loop."""
    place = context.source.place(back)
    return place is not None and outer.span.holds(place.line)


def _level(context: Context, c: CFile, loop: Loop, head: Step, seen: int) -> LoopLevel:
    text = _text(c, loop)
    said = counts_of(text, c)
    return LoopLevel(
        text,
        loop.head.line,
        said.trips,
        said.bound,
        seen,
        loop.variable,
        _now(context, loop.variable, head),
        said.step,
    )


def _text(c: CFile, loop: Loop) -> str:
    """The loop's head on one line, up to the bracket that closes it."""
    if loop.kind == "goto":
        return loop.condition
    if loop.kind == "do":
        return f"do while ({loop.condition})" if loop.condition else "do"
    first = c.line(loop.head.line)[loop.head.column - 1 :]
    rest = (c.line(number) for number in range(loop.head.line + 1, loop.head.end_line + 1))
    text = " ".join(line.strip() for line in (first, *rest))
    return _to_bracket(text)


def _to_bracket(text: str) -> str:
    """`text` up to the bracket that closes the first one opened in it."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == ")" and depth == 0:
            return text[: at + 1]
    return text


def _now(context: Context, variable: str | None, step: Step) -> str | None:
    """What is known of the loop's counter at a step, where the object says which register has it."""
    frame = context.frame_before(step)
    held = {
        f"r{each.register}"
        for each in context.source.variables(step)
        if each.name == variable and not each.in_memory and not each.offset
    }
    state = frame.regs.get(held.pop()) if frame is not None and len(held) == 1 else None
    return in_words(state) if state is not None and state.kind == "scalar" else None


def counts_of(head: str, c: CFile | None) -> Count:
    """What the head of a counting loop says."""
    counts = _COUNTS.search(head)
    if counts is None:
        return Count()
    first, bound, step = (_number(counts[name] or "1", c) for name in ("first", "bound", "step"))
    variable, test = counts["name"], counts["test"]
    down = "-" in (counts["after"] or counts["before"] or counts["by"])
    if first is None or bound is None or not step or (test != "!=" and down != (test[0] == ">")):
        return Count(bound=counts["bound"], variable=variable, step=step or None)
    length = (first - bound if down else bound - first) + (test in ("<=", ">="))
    return Count(max(0, -(-length // step)), counts["bound"], variable, step)


def _number(text: str, c: CFile | None) -> int | None:
    from bpfdoctor.source.syntax_types import SyntaxTypes, UnknownType

    if c is None:
        return int(text, 0) if re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}|0|[1-9]\d{0,19}", text) else None
    try:
        return SyntaxTypes(c).number(text)
    except UnknownType:
        return None


def _from_comments(context: Context, loops: Sequence[Rounds]) -> Nest:
    """What the source lines in the log say; the numbers of the instructions where there are none."""
    levels: dict[str, LoopLevel] = {}  # by their text: one loop may have several jumps back
    head: Step | None = None
    for rounds in loops:
        own = _own(rounds)
        at = next((step for step in own if _HEAD.match(context.source.comment(step) or "")), None)
        if at is None and rounds is not loops[0]:
            continue
        head = head or (at if rounds is loops[0] else None)
        if at is None:
            numbers = [step.insn.index for step in own]
            text = f"instructions {min(numbers)}..{max(numbers)}"
            level = LoopLevel(text, None, None, None, rounds.seen, None, None, None)
        else:
            text = (context.source.comment(at) or "").removesuffix("{").strip()
            line = at.comment.line if at.comment else None
            said = counts_of(text, None)
            level = LoopLevel(text, line, said.trips, said.bound, rounds.seen, said.variable, None, said.step)
        levels.setdefault(level.text, level)
    return Nest(tuple(reversed(levels.values())), context.source.place(head) if head else None)
