"""What made a register's value: its maker, its copies, where it stopped being what it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import How, Origin, Role, origin

_PASSED_ON = frozenset({How.COPY, How.FILL, How.SPILL, How.ARGUMENT, How.RETURNED})
_NOWHERE = frozenset({How.UNSET, How.UNKNOWN, How.ENTRY, How.CALLBACK})
# Branches looked at for a comparison of another copy.
_MOST_BRANCHES = 10
# Arithmetic that compilers put between a variable and a copy of it.
_REWRITES = ("<<=", ">>=", "s>>=", "&=")


@dataclass(frozen=True, slots=True)
class Chain:
    """`origin` made the value, behind all `copies` (newest first); None when nothing on the path did.

    `root` is where it first came from, in front of all arithmetic. `clobbered` is the call that made the
    register unreadable, `invalidated` the one that took a pointer's meaning away, `turned` the instruction
    that made a number of a pointer.
    """

    origin: Step | None = None
    how: How | None = None
    copies: tuple[Step, ...] = ()
    root: Step | None = None
    root_how: How | None = None
    clobbered: Step | None = None
    invalidated: Step | None = None
    turned: Step | None = None


def chain_of(context: Context, step: Step, register: str) -> Chain:
    """The chain of `register` in front of `step`."""
    slice_ = origin(context.trace, step, register)
    chain = [each for each in slice_ if _is_value(each)]
    at, made = next(
        ((n, each) for n, each in enumerate(chain) if each.how not in _PASSED_ON), (len(chain), None)
    )
    root = chain[-1] if chain else None
    return Chain(
        origin=_step(made),
        how=made.how if made else None,
        copies=tuple(each.step for each in chain[:at]),
        root=_step(root),
        root_how=root.how if root else None,
        clobbered=_first(each for each in chain if each.how is How.CLOBBERED),
        invalidated=_first(
            each for each in slice_ if each.how is How.INVALIDATED and each.role is Role.VALUE
        ),
        turned=_first(each for each in chain if _turns(context, each)),
    )


def _step(each: Origin | None) -> Step | None:
    """The step that made something; None where nothing on the path did."""
    return None if each is None or each.how in _NOWHERE or each.how is How.CLOBBERED else each.step


def _first(found: Iterator[Origin]) -> Step | None:
    each = next(found, None)
    return each.step if each else None


def _is_value(each: Origin) -> bool:
    return each.role is Role.VALUE and each.how not in (How.REFINED, How.INVALIDATED)


def held(context: Context, step: Step, frame: int, place: str) -> RegState | None:
    """What "r1" or "fp-8" of a frame held in front of the step."""
    state = next((each for each in context.trace.state_before(step) if each.frame == frame), None)
    if state is None:
        return None
    if place.startswith("fp"):
        slot = state.stack.get(int(place[2:]) // 8 * 8)
        return slot.reg if slot else None
    return state.regs.get(place)


def _turns(context: Context, each: Origin) -> bool:
    """Whether a pointer went in and a number came out."""
    if each.how not in (How.CAST, How.ARITHMETIC, How.FILL) or not each.sources:
        return False
    before = held(context, each.step, each.frame, each.sources[0])
    if before is None or before.kind in ("scalar", "?"):
        return False
    newer = context.trace.newer(each.step)
    after = held(context, newer, each.frame, each.place) if newer else None
    return after is not None and after.kind == "scalar"


def other_copy(context: Context, step: Step, register: str) -> tuple[Step | None, bool]:
    """The newest comparison of another copy: of a value that comes from where `register` comes from.

    Also whether only moves, masks and shifts lie between the two: then the program means one variable.
    """
    slice_ = origin(context.trace, step, register)
    chain = [each for each in slice_ if _is_value(each)]
    if not chain or chain[-1].how in _NOWHERE:
        return None, False
    seen, root = {each.step.number for each in slice_}, chain[-1]
    for branch in _branches(context, step, root.step):
        if branch.number in seen:
            continue
        for name in (branch.insn.dst, branch.insn.src):
            others = [each for each in origin(context.trace, branch, name) if _is_value(each)] if name else []
            if others and (others[-1].step, others[-1].place) == (root.step, root.place):
                return branch, all(_keeps(each) for each in (*chain, *others))
    return None, False


def _keeps(each: Origin) -> bool:
    if each.how is not How.ARITHMETIC:
        return True
    return each.step.insn.operator in _REWRITES and each.step.insn.imm is not None


def _branches(context: Context, newest: Step, oldest: Step) -> Iterator[Step]:
    """The comparisons between two steps, newest first."""
    seen: set[int] = set()
    step = context.trace.older(newest)
    while step is not None and step.number > oldest.number and len(seen) < _MOST_BRANCHES:
        if step.insn.op is Op.BRANCH and step.insn.index not in seen:
            seen.add(step.insn.index)  # in a loop the last round is the one that counts
            yield step
        step = context.trace.older(step)
