"""What made a register's value: its maker, its copies, where it stopped being what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel import calls, helpers
from bpfdoctor.machine.endings import LESSENED, Ending
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Holder, Op, RegState, StackPlace, Step
from bpfdoctor.trace.slice import How, Origin, slice_of
from bpfdoctor.trace.unshown import Unshown

_PASSED_ON = frozenset({How.COPY, How.FILL, How.SPILL, How.ARGUMENT, How.RETURNED})
_NOWHERE = frozenset({How.UNSET, How.UNKNOWN, How.ENTRY, How.CALLBACK})


@dataclass(frozen=True, slots=True)
class Chain:
    """`origin` made the value, after all `copies` (newest first); None when nothing on the path did.

    `root` is where it first came from, before all arithmetic. `clobbered` is the call that made the
    register unreadable, `invalidated` the step that took a pointer's meaning away and `ending` why, `turned`
    the instruction that made a number of a pointer. `lessened` is the step after which it was still a pointer
    that may be used for less, and `lessening` why: a list took the object over, or an RCU read section was
    left. `unset` is the read of a stack slot that nothing on the path wrote.
    """

    origin: Step | None = None
    how: How | None = None
    copies: tuple[Step, ...] = ()
    root: Step | None = None
    root_how: How | None = None
    clobbered: Step | None = None
    invalidated: Step | None = None
    ending: Ending | None = None
    lessened: Step | None = None
    lessening: Ending | None = None
    turned: Step | None = None
    unset: Step | None = None


def chain_of(context: Context, step: Step, register: str) -> Chain:
    """The chain of `register` before `step`."""
    slice_ = slice_of(context.trace, step, register)
    chain = slice_.made
    at, made = next(
        ((n, each) for n, each in enumerate(chain) if each.how not in _PASSED_ON), (len(chain), None)
    )
    root = chain[-1] if chain else None
    taken = [each for each in slice_.value if each.how is How.INVALIDATED]
    ended = next((each for each in taken if each.ending not in LESSENED), None)
    less = next((each for each in taken if each.ending in LESSENED), None)
    turned = next((each for each in chain if _turns(context, each)), None)
    reader = _reader(context, chain, turned) if turned is not None and ended is None else None
    return Chain(
        origin=_step(made),
        how=made.how if made else None,
        copies=tuple(each.step for each in chain[:at]),
        root=_step(root),
        root_how=root.how if root else None,
        clobbered=_first(each for each in chain if each.how is How.CLOBBERED),
        invalidated=ended.step if ended else reader,
        ending=ended.ending if ended else Ending.READ if reader else None,
        lessened=less.step if less else None,
        lessening=less.ending if less else None,
        turned=turned.step if turned and reader is None else None,
        unset=_unset(context, chain),
    )


def _unset(context: Context, chain: Sequence[Origin]) -> Step | None:
    """The read of a stack slot that nothing wrote; the state before it has no byte there."""
    if not chain or chain[-1].how is not How.UNSET:
        return None
    fill = next((each for each in reversed(chain) if each.how is How.FILL), None)
    if fill is None:
        return None
    place = fill.sources[0]
    for frame in context.trace.state_before(fill.step):
        if frame.frame == chain[-1].frame and isinstance(place, StackPlace):
            slot = frame.stack.get(place.offset - place.offset % 8)
            return fill.step if slot is None or set(slot.bytes) == {"?"} else None
    return None


def pointers_chain(context: Context, step: Step, register: str) -> Chain:
    """The chain of a value that is used as a pointer, before `step`.

    After a call only states tell whether it took the pointer's meaning away: where there are none, the trace
    is told that it lacks them.
    """
    chain = chain_of(context, step, register)
    if chain.invalidated is not None:
        return chain
    state = context.register(register)
    if chain.turned is None and (turned := _turned_unseen(context, step, register, state)) is not None:
        return replace(chain, turned=turned)
    if state is not None and (released := _released(context, step, chain, state)) is not None:
        return replace(chain, invalidated=released, ending=Ending.RELEASED)
    if state is None and next(calls_since(context, step, chain.root), None) is not None:
        context.trace.lacks(Unshown.STATES)
    return chain


def _turned_unseen(context: Context, step: Step, register: str, state: RegState | None) -> Step | None:
    """The arithmetic that ends the context's pointer in old verifiers, where no state says so."""
    if state is None or state.kind != "scalar" or state.value is not None:
        return None
    for each in values_of(context, step, register):
        before = held(context, each.step, each.frame, each.sources[0]) if each.sources else None
        if each.how is How.ARITHMETIC and before is not None and before.kind == "ctx":
            return each.step
        if each.how is not How.COPY:
            return None
    return None


def _released(context: Context, step: Step, chain: Chain, state: RegState) -> Step | None:
    """The newest call that releases something, after one that returned a pointer which is a number by now.

    Up to 5.16 no state between the two shows that the first was one.
    """
    made = chain.origin
    is_number = state.kind == "scalar" and state.value is None and chain.turned is None
    if made is None or chain.how is not How.CALL or not is_number:
        return None
    helper = helpers.every().get(made.insn.callee or "")
    if helper is None or not helper.returns.startswith("PTR_TO") or "MAP_VALUE" in helper.returns:
        return None
    released = (
        each for each in calls_since(context, step, made) if calls.released_argument(each.insn.callee or "")
    )
    return next(released, None)


def calls_since(context: Context, step: Step, made: Step | None) -> Iterator[Step]:
    """The calls between where a value came from and its use, newest first."""
    at = context.trace.older(step)
    while at is not None and made is not None and at.number > made.number:
        if at.insn.op is Op.CALL:
            yield at
        at = context.trace.older(at)


def _step(each: Origin | None) -> Step | None:
    """The step that made something; None where nothing on the path did."""
    return None if each is None or each.how in _NOWHERE or each.how is How.CLOBBERED else each.step


def _first(found: Iterator[Origin]) -> Step | None:
    each = next(found, None)
    return each.step if each else None


def values_of(context: Context, step: Step, register: str) -> tuple[Origin, ...]:
    """The steps that made the value of `register` before `step`, or passed it on, newest first."""
    return slice_of(context.trace, step, register).made


def held(context: Context, step: Step, frame: int, place: Holder) -> RegState | None:
    """What r1 or fp-8 of a frame held before the step."""
    state = next((each for each in context.trace.state_before(step) if each.frame == frame), None)
    return state.at(place) if state is not None else None


def _turns(context: Context, each: Origin) -> bool:
    """Whether a pointer went in and a number came out."""
    if each.how not in (How.CAST, How.ARITHMETIC, How.FILL) or not each.sources:
        return False
    before = held(context, each.step, each.frame, each.sources[0])
    if before is None or before.kind in ("scalar", "?"):
        return False
    if each.how is How.CAST:
        return True
    newer = context.trace.newer(each.step)
    after = held(context, newer, each.frame, each.place) if newer else None
    return after is not None and after.kind == "scalar"


def _reader(context: Context, chain: Sequence[Origin], fill: Origin) -> Step | None:
    """The call whose helper read a spilled pointer where it lay: up to 6.12 at least it is a number then.

    `fill` is the read, one of the chain, that got the number back.
    """
    place = fill.sources[0] if fill.how is How.FILL else None
    if not isinstance(place, StackPlace):
        return None
    older = chain[chain.index(fill) + 1 :]
    spill = next((each.step for each in older if each.how is How.SPILL), None)
    return next(
        (
            call
            for call in calls_since(context, fill.step, spill)
            if held(context, call, fill.frame, place) is not None
            and _points_at(context, call, fill.frame, place)
        ),
        None,
    )


def _points_at(context: Context, call: Step, frame: int, place: StackPlace) -> bool:
    """Whether the call is given the address of a stack slot."""
    running = context.frame_before(call)
    given = [running.regs.get(f"r{number}") for number in range(1, 6)] if running else []
    return running is not None and any(
        reg.kind == "fp" and reg.off == place.offset and of_frame(reg, running.frame) == frame
        for reg in given
        if reg is not None
    )


def maker(chain: Iterable[Origin]) -> Origin | None:
    """What made a number, after all copies, casts and arithmetic with constants (newest first)."""
    for each in chain:
        constant = each.how is How.ARITHMETIC and each.step.insn.imm is not None
        if each.how not in _PASSED_ON and each.how is not How.CAST and not constant:
            return None if each.how in _NOWHERE or each.how is How.CLOBBERED else each
    return None
