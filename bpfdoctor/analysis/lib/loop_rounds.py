"""Which loop the newest steps walk through, how long a round is, and what differs from round to round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.picture import RoundChange
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import FrameState, Holder, Insn, Op, RegState, StackPlace, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.ranges import in_words

_COMPARED = 5  # rounds, for what changes
_MOST_CHANGES = 6
_AVERAGED = 20  # rounds
_GROWS = re.compile(r"(?:\+\+|--)\s*(\w+)|(\w+)\s*(?:\+\+|--|[-+]=)")


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of one loop. `heads` are the steps a round begins with, newest first; `back` is the newest
    jump back, `path` the steps of the newest whole round in order (none when only one beginning was seen),
    `recent` those of the newest rounds, of which there are `whole`. `run` is how many rounds the loop made at
    most from where it was entered to where it was entered again (None: not seen twice).
    """

    heads: tuple[Step, ...]
    back: Step
    path: tuple[Step, ...]
    recent: tuple[Step, ...]
    whole: int
    body: int  # steps in a round, on average
    run: int | None = None

    @property
    def seen(self) -> int:
        return len(self.heads)


def walked(context: Context) -> tuple[int, tuple[Rounds, ...]]:
    """(steps looked at, loops): the loop walked most often first, then those it may lie in."""
    steps: list[Step] = []
    begun: dict[tuple[int, int], list[int]] = {}  # frame and instruction a round begins with -> places
    for step in context.trace.steps():
        if len(steps) >= Budget.ROUNDS:
            break
        if steps and _jumps_back(context, step, steps[-1]):
            begun.setdefault((step.frame, steps[-1].insn.index), []).append(len(steps) - 1)
        steps.append(step)
    by_count = sorted(begun.values(), key=len, reverse=True)
    if not by_count:
        return len(steps), ()
    hot = _rounds(steps, by_count[0])
    around = [
        _rounds(steps, places)
        for places in by_count[1:]
        if 2 * len(places) <= hot.seen and steps[places[0]].frame <= hot.back.frame
    ]
    return len(steps), (hot, *around)


def _jumps_back(context: Context, step: Step, newer: Step) -> bool:
    return (
        step.insn.op in (Op.BRANCH, Op.GOTO)
        and step.frame == newer.frame
        and newer.insn.index <= step.insn.index
        and not context.trace.is_hidden(-step.number - 1)
    )


def _rounds(steps: Sequence[Step], places: Sequence[int]) -> Rounds:
    """`places` are those of the first steps of rounds among `steps`, newest first."""
    lengths = [older - newer for newer, older in pairwise(places)]
    path = steps[places[0] + 1 : places[1] + 1] if lengths else []
    whole = min(len(lengths), _AVERAGED)
    return Rounds(
        tuple(steps[at] for at in places),
        steps[places[0] + 1],
        tuple(reversed(path)),
        tuple(steps[places[0] + 1 : places[whole] + 1]),
        whole,
        round(sum(lengths) / len(lengths)) if lengths else 0,
        _run(steps, places),
    )


def _run(steps: Sequence[Step], places: Sequence[int]) -> int | None:
    """The rounds between two entries: steps at the loop's first instruction that no jump back led to."""
    first, again = steps[places[0]], set(places)
    counted: list[int] = []
    rounds: int | None = None  # since the newest entry; None: that of the run that is cut off
    for at in range(places[0], len(steps)):
        step = steps[at]
        if step.insn.index != first.insn.index or step.frame != first.frame:
            continue
        if at not in again:
            counted += [rounds + 1] if rounds is not None else []
            rounds = 0
        elif rounds is not None:
            rounds += 1
    return max(counted, default=None)


def waiting(context: Context, rounds: Rounds) -> int:
    """Branches that a round leaves with one way still to be looked at, on average.

    The verifier goes on with the next instruction and puts the jump's target aside; on a path that jumped,
    the other way has been looked at before.
    """
    found = sum(step.taken is False and _undecided(context, step) for step in rounds.recent)
    return round(found / rounds.whole) if rounds.whole else 0


def _undecided(context: Context, step: Step) -> bool:
    """Whether a branch compares what is no constant, or may be NULL, so that both ways must be walked."""
    if step.insn.op is not Op.BRANCH:
        return False
    frame = context.frame_before(step)
    regs = frame.regs if frame else {}
    sides = [state for name in (step.insn.dst, step.insn.src) if (state := regs.get(name or "")) is not None]
    if not sides:  # Linux 5.10 prints a state after a branch only where it has to walk both ways
        return step.printed is not None
    return any(side.nullable or (side.kind == "scalar" and side.value is None) for side in sides)


def changes(context: Context, rounds: Rounds) -> tuple[RoundChange, ...]:
    """What the last rounds began with, where it differs and the round makes use of it."""
    states = [context.frame_before(step) for step in rounds.heads[:_COMPARED]]
    known = [state for state in reversed(states) if state is not None]
    if len(known) < 2:
        return ()
    used = _used_before_written(rounds)
    found = [
        change
        for name in sorted(used)
        if (change := _change(context, rounds, name, [state.regs.get(name) for state in known]))
    ]
    for slot in sorted({off for state in known for off in state.stack}, reverse=True):
        held = [_held(state, slot) for state in known]
        if (change := _change(context, rounds, StackPlace(slot), held)) is not None:
            found.append(change)
    # What grows evenly is the counter; what has a name says more than what has none.
    found.sort(key=lambda each: (each.each is None, each.name is None))
    return tuple(found[:_MOST_CHANGES])


def _held(state: FrameState, slot: int) -> RegState | None:
    known = state.stack.get(slot)
    return known.reg if known is not None else None


def _used_before_written(rounds: Rounds) -> set[str]:
    """Registers whose value a round takes over from the round before."""
    used: set[str] = set()
    gone: set[str] = set()
    for step in rounds.path:
        if step.frame != rounds.back.frame:
            continue
        used |= _reads(step.insn) - gone
        if step.insn.op is Op.CALL:
            gone |= {"r0", "r1", "r2", "r3", "r4", "r5"}
        elif (target := step.insn.written) is not None:
            gone.add(target)
    return used - {"r10"}


def _reads(insn: Insn) -> set[str]:
    names = {insn.src} if insn.imm is None or insn.op is Op.LOAD else set()
    if insn.op in (Op.ALU, Op.STORE, Op.ATOMIC, Op.BRANCH):
        names.add(insn.dst)
    return {name for name in names if name is not None}


def _change(
    context: Context, rounds: Rounds, place: Holder, states: Sequence[RegState | None]
) -> RoundChange | None:
    """None when it stays the same, or when some of the states do not tell."""
    known = [state for state in states if state is not None]
    values = tuple(in_words(state) for state in known)
    if len(known) < len(states) or len(set(values)) == 1:
        return None
    numbers = [state.value for state in known if state.kind == "scalar" and state.value is not None]
    steps = {b - a for a, b in pairwise(numbers)} if len(numbers) == len(known) else set()
    each = steps.pop() if len(steps) == 1 else None
    return RoundChange(str(place), _name(context, rounds, place), values, each)


def _name(context: Context, rounds: Rounds, place: Holder) -> str | None:
    """What the user calls it: by the object, or by the source line of the instruction that moves it on."""
    head = rounds.heads[0]
    if isinstance(place, StackPlace):
        variable = context.source.stack_variable(head, place.offset)
        return variable.name if variable else None
    for step in rounds.path:
        if step.frame == head.frame and step.insn.op is Op.ALU and step.insn.dst == place:
            grown: set[str] = {a or b for a, b in _GROWS.findall(context.source.comment(step) or "")}
            if len(grown) == 1:
                return grown.pop()
    return context.called(place, head)


def grows(
    context: Context, rounds: Rounds, found: Sequence[RoundChange]
) -> tuple[Step | None, RegState | None]:
    """Where a round adds a number that is not known to what it goes on with, and that number.

    None when something grows evenly: then that is the counter, and nothing is wrong with it.
    """
    if any(change.each for change in found):
        return None, None
    places = {change.place for change in found}
    steps = [
        step
        for step in rounds.path
        if step.insn.op is Op.ALU and step.insn.operator in ("+=", "-=") and step.insn.dst in places
    ]
    if len(steps) != 1 or steps[0].insn.src is None:
        return None, None
    frame = context.frame_before(steps[0])
    added = frame.regs.get(steps[0].insn.src) if frame else None
    return (steps[0], added) if added is not None and added.value is None else (None, None)
