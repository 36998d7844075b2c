"""Whether a log proves the source at fault: that what was refused can really happen on the path shown.

The verifier refuses what it cannot show to be right. The program may be right all the same: the compiler
compares one copy of a value and uses another, or the verifier loses a limit. A log proves the opposite only
where the verifier followed everything that the path says about the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import held
from bpfdoctor.analysis.lib.packet_checks import of_length, with_end
from bpfdoctor.analysis.lib.subjects import subjects
from bpfdoctor.machine.number import bounds
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.memory import memory
from bpfdoctor.trace.slice import How, Origin, Slice, slice_of

_MOST_BRANCHES = 24  # looked at closely; on a longer path nothing is proved
_COMES_FROM = (How.LOAD, How.CALL, How.WRITTEN, How.ENTRY, How.CALLBACK, How.CLOBBERED, How.UNKNOWN)
# Of these with a constant the verifier works out exact limits, from exact limits.
_EXACT = ("+=", "-=", "<<=", ">>=", "&=", "*=", "|=")
_FOLLOWED = ("<", "<=", ">", ">=", "s<", "s<=", "s>", "s>=", "==", "!=")


@dataclass(frozen=True, slots=True)
class _Branch:
    """A comparison of numbers: where they came from, and the older comparisons that it is decided with.

    `forgotten`: the verifier no longer knows of a number what it knew when that was stored.
    """

    step: Step
    roots: frozenset[object]
    followed: frozenset[int]
    forgotten: bool


def proved(
    proofs: Mapping[str, str] | None, outcome: str | None, context: Context, facts: Facts | None
) -> bool:
    """Whether the log proves the source at fault at this outcome of a rule; `proofs` are the rule's."""
    if proofs is None:
        return True
    name = proofs.get(outcome or "")
    if name is None or context.step is None:
        return False
    branches = tuple(islice(_branches(context), _MOST_BRANCHES + 1))
    return _can_be_taken(branches) and PROOFS[name](context, context.step, facts, branches)


def _can_be_taken(branches: Sequence[_Branch]) -> bool:
    """Whether no two comparisons of a path ask for one thing that the verifier takes for two."""
    if len(branches) > _MOST_BRANCHES or any(each.forgotten for each in branches):
        return False
    return not any(
        newer.roots & older.roots and older.step.number not in newer.followed
        for newer, older in combinations(branches, 2)
    )


def _path(context: Context, step: Step, facts: Facts | None, branches: Sequence[_Branch]) -> bool:
    """What is missing is missing on a path that can be taken."""
    return True


def _number(context: Context, step: Step, facts: Facts | None, branches: Sequence[_Branch]) -> bool:
    """One number is added or asked about, and the verifier followed every comparison of it."""
    for register in subjects(context, facts):
        slice_ = _slice(context, step, register)
        roots = _roots(context, slice_)
        followed = _followed(slice_)  # but for `!=`, of which verifiers learn little (up to 6.1 nothing)
        if (
            len(roots) > 1
            or _forgets(context, slice_)
            or not all(_is_exact(context, each) for each in slice_.numbers)
        ):
            return False
        if any(
            each.roots & roots and (each.step.number not in followed or _leaves_all_but_one(each.step))
            for each in branches
        ):
            return False
    return True


def _packet(context: Context, step: Step, facts: Facts | None, branches: Sequence[_Branch]) -> bool:
    """Every comparison with the packet's end is of a pointer that the verifier knows to be the same."""
    names = subjects(context, facts)
    state = context.register(names[0]) if names else None
    if state is None or of_length(context) is not None:
        return False
    number = state.id.number if state.id else None
    for branch, name in with_end(context):
        other = _compared(context, branch, name)
        if other is None or (other.id is not None and other.id.number != number):
            return False
    return True


def _scalar(context: Context, step: Step, facts: Facts | None, branches: Sequence[_Branch]) -> bool:
    """A number is given, which no kernel takes for a pointer; of pointers later ones take more kinds."""
    states = [context.register(name) for name in subjects(context, facts)]
    return bool(states) and all(each is not None and each.kind == "scalar" for each in states)


PROOFS: Mapping[str, Callable[[Context, Step, Facts | None, Sequence[_Branch]], bool]] = {
    "number": _number,
    "packet": _packet,
    "path": _path,
    "scalar": _scalar,
}


def _branches(context: Context) -> Iterator[_Branch]:
    """The comparisons of numbers before the refused step, newest first; of a loop's the last round's."""
    seen: set[int] = set()
    for step in islice(context.trace.steps(), 1, Budget.OBJECT):
        insn = step.insn
        if insn.op is not Op.BRANCH or insn.index in seen:
            continue
        seen.add(insn.index)
        names = [name for name in (insn.dst, insn.src) if name is not None]
        if any(_points(_compared(context, step, name)) for name in names):
            continue  # NULL and the packet's end: the verifier knows which pointer it is
        slices = [_slice(context, step, name) for name in names]
        roots = frozenset[object]().union(*(_roots(context, each) for each in slices))
        forgotten = any(_forgets(context, each) for each in slices)
        if roots or forgotten:  # what constants decide is no question
            yield _Branch(step, roots, frozenset[int]().union(*map(_followed, slices)), forgotten)


def _slice(context: Context, step: Step, register: str) -> Slice:
    return slice_of(context.trace, step, register, Budget.OBJECT)


def _compared(context: Context, branch: Step, register: str) -> RegState | None:
    """What a register of a comparison holds; up to 5.16 only the state after it says so."""
    newer = context.trace.newer(branch)
    before = held(context, branch, branch.frame, register)
    return before or (held(context, newer, branch.frame, register) if newer is not None else None)


def _points(state: RegState | None) -> bool:
    return state is not None and state.kind not in ("scalar", "?")


def _roots(context: Context, slice_: Slice) -> frozenset[object]:
    """Where the numbers of a value come from: the same place twice is taken for the same number."""
    return frozenset(
        _root(context, each)
        for each in slice_.numbers
        if each.how in _COMES_FROM and not _points(_made(context, each))
    )


def _root(context: Context, each: Origin) -> object:
    if each.how is How.LOAD:
        insn = each.step.insn
        return memory(context.trace, each) or (insn.off, insn.size)
    return (each.how, each.callee or each.place)


def _made(context: Context, each: Origin) -> RegState | None:
    """What the step left in its place."""
    newer = context.trace.newer(each.step)
    at = each.step if each.how in (How.ENTRY, How.UNKNOWN) else newer
    return held(context, at, each.frame, each.place) if at is not None else None


def _forgets(context: Context, slice_: Slice) -> bool:
    """Whether a number came back from the stack without what was known of it, as the parts of a slot do."""
    numbers = slice_.numbers
    stored = [each for each in numbers if each.how is How.SPILL]
    return any(
        _is_less_known(_made(context, fill), held(context, spill.step, spill.frame, spill.sources[0]))
        for fill in numbers
        if fill.how is How.FILL
        for spill in stored
        if spill.sources and spill.step.number < fill.step.number
    )


def _is_less_known(after: RegState | None, before: RegState | None) -> bool:
    if after is None or before is None or _points(after) or _points(before) or after.value is not None:
        return False
    if before.value is not None:
        return True
    return bounds(before).umax < bounds(after).umax


def _followed(slice_: Slice) -> frozenset[int]:
    """The comparisons of the number itself with a constant, by step: the verifier knows what they say."""
    return frozenset(
        each.step.number
        for each in slice_.numbers
        if each.how is How.REFINED and each.step.insn.imm is not None and each.step.insn.operator in _FOLLOWED
    )


def _leaves_all_but_one(step: Step) -> bool:
    """Whether all that is known after the comparison is that two numbers differ."""
    operator = step.insn.operator
    return (operator == "==" and step.taken is not True) or (operator == "!=" and step.taken is not False)


def _is_exact(context: Context, each: Origin) -> bool:
    """Whether the verifier knows of the step's result no less than can be known."""
    if each.how is not How.ARITHMETIC:
        return True
    insn = each.step.insn
    if insn.operator not in _EXACT:
        return False
    if insn.imm is not None:
        return True
    left, right = (held(context, each.step, each.frame, name or "") for name in (insn.dst, insn.src))
    if _points(left) or _points(right):
        return _points(left) is not _points(right)
    return right is not None and right.value is not None
