"""Which comparison on the path was about a number, and where what it proved stopped to count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.bound_on_other_value import ROOTLESS, Limit, comparisons, other_number
from bpfdoctor.analysis.lib.chain import held, values_of
from bpfdoctor.analysis.lib.copy_limit import after as after_steps
from bpfdoctor.analysis.lib.copy_limit import fits, of_used
from bpfdoctor.analysis.lib.variables import compared_words, is_volatile, used_words
from bpfdoctor.kernel.comparisons import swapped
from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.number import bounds, bounds32
from bpfdoctor.model.diagnosis import Layer, Loss
from bpfdoctor.model.trace import Holder, Op, RegState, Step
from bpfdoctor.source.conditions import tests_order
from bpfdoctor.trace.memory import memory
from bpfdoctor.trace.slice import How, Origin, Role, Slice, slice_of

# `x >= a && x < b` becomes one comparison of x - a, and a 32-bit number is shifted up and down before it.
_REWRITES = ("<<=", ">>=", "s>>=", "&=", "+=", "-=")
_NARROWING = (">>=", "s>>=", "&=")
_SCALES = ("<<=", "*=")  # from an index to an offset in bytes
_BELOW, _ABOVE = ("<", "<=", "s<", "s<=", "=="), (">", ">=", "s>", "s>=")
_REGISTER = 8  # bytes
_WAITS = 1  # a limit of 0 or 1 is a question of its own: is there anything at all?


def limit(context: Context, at: Step, register: str, room: int | None = None) -> Limit:
    """What is known of the comparisons of the number that `register` holds before `at`.

    `room` is how large the memory is that the number is an index or a length of, in bytes.
    """
    slice_ = slice_of(context.trace, at, register)
    chain = slice_.made
    own = next((each for each in slice_.value if _compares(each)), None)
    if own is not None:
        return _of_itself(context, at, own, chain, room)
    if (forgotten := _mask_forgotten(context, chain, room)) is not None:
        return forgotten
    if (part := _of_a_part(slice_)) is not None:
        return part
    seen = {each.step.number for each in slice_.steps if each.how is How.REFINED}
    found = _of_another(context, at, chain, seen, room) or _tested_later(context, at, chain, room)
    return found or other_number(context, at, register, chain, room)


def _compares(found: Origin) -> bool:
    if found.how is not How.REFINED or found.relation is None:
        return False
    return tests_order(found.step.insn)


def _of_a_part(slice_: Slice) -> Limit | None:
    """A comparison of one of two numbers, of which the sum is used."""
    for each in slice_.numbers:
        if each.how is How.REFINED and each.role is Role.OPERAND and tests_order(each.step.insn):
            by = slice_.value_that_wanted(each)
            if by is not None and by.how is How.ARITHMETIC and by.step.insn.operator in ("+=", "-=", "*="):
                return Limit(each.step, Loss.CHANGED, by.step)
    return None


# The number itself was compared


def _of_itself(context: Context, at: Step, own: Origin, chain: Sequence[Origin], room: int | None) -> Limit:
    check = own.step
    newer = [each for each in reversed(chain) if each.step.number > check.number]  # oldest first
    if (spilled := _forgotten(context, newer)) is not None:
        return Limit(check, Loss.TRUNCATED, spilled, _forgets(spilled))
    if (changed := next((each.step for each in newer if _changes(each)), None)) is not None:
        return Limit(check, Loss.CHANGED, changed)
    if _passes_negative(context, own):
        return Limit(check, Loss.TOO_SMALL)
    if check.insn.width == 32 and _is_wide(context, own):
        would_fit = fits(context, of_used(context, check, own.place, (), newer[::-1]), room)
        if would_fit is False:
            return Limit(check, Loss.TOO_SMALL)
        return Limit(check, Loss.NARROWED, check, _compilers(context, check, at), shown=bool(would_fit))
    return Limit(check, Loss.OTHER_WAY if _bounds_the_other_way(context, own) else Loss.TOO_SMALL)


def _changes(each: Origin) -> bool:
    """Whether the number is another one after the step; a multiple for an index is none."""
    if each.how is not How.ARITHMETIC:
        return False
    insn = each.step.insn
    return not (insn.imm is not None and insn.operator in (*_SCALES, *_NARROWING))


def _narrows(context: Context, each: Origin) -> bool:
    """Whether the step drops bits that the number may have."""
    insn = each.step.insn
    shifts = each.how is How.ARITHMETIC and insn.operator in _NARROWING
    if not shifts and each.how is not How.CAST:
        return False
    before = held(context, each.step, each.frame, each.sources[0]) if each.sources else None
    half = each.how is How.CAST and insn.operator in ("=", "s32")
    return not half or before is None or bounds(before).umax > U32_MAX


def _forgotten(context: Context, newer: Sequence[Origin]) -> Step | None:
    """Where a number that was compared was read back from the stack without its limit; oldest first."""
    stored, fill = _stored(newer)
    if stored is None or fill is None:
        return None
    before, after = held(context, stored.step, stored.frame, stored.sources[0]), _behind(context, fill)
    if (before is None or bounds(before).umax <= U32_MAX) and (
        after is None or _is_unlimited(after, fill.step)
    ):
        return fill.step
    return None


def _stored(chain: Sequence[Origin]) -> tuple[Origin | None, Origin | None]:
    """Where a number was put on the stack, and where it was read back; oldest first."""
    stored = next((each for each in chain if each.how is How.SPILL), None)
    fill = next((each for each in chain if each.how is How.FILL), None)
    is_pair = stored is not None and fill is not None and stored.step.number < fill.step.number
    return (stored, fill) if is_pair else (None, None)


def _mask_forgotten(context: Context, chain: Sequence[Origin], room: int | None) -> Limit | None:
    """A number with a limit that nothing compares, as after a mask, and that comes back without it."""
    stored, fill = _stored(chain[::-1])
    if stored is None or fill is None:
        return None
    mask = next((each.step for each in chain if each.step.number < stored.step.number and _masks(each)), None)
    before = held(context, stored.step, stored.frame, stored.sources[0])
    if before is not None and before.kind == "scalar":
        limits = bounds(before).umin, bounds(before).umax
    elif mask is not None and mask.insn.operator == "&=" and mask.insn.imm is not None and mask.insn.imm >= 0:
        limits = 0, mask.insn.imm  # a kernel that prints no state there
    else:
        return None
    after = _behind(context, fill)
    if limits[1] >= _largest(fill.step) or (after is not None and not _is_unlimited(after, fill.step)):
        return None
    used = [each for each in chain if each.step.number > fill.step.number]
    if (would_fit := fits(context, after_steps(limits, used), room)) is False:
        return Limit(mask, Loss.TOO_SMALL)
    return Limit(mask, Loss.TRUNCATED, fill.step, _forgets(fill.step) if would_fit else None)


def _masks(each: Origin) -> bool:
    return each.how is How.ARITHMETIC and each.step.insn.operator in _NARROWING


def _forgets(fill: Step) -> Layer:
    """A whole register on the stack is the compiler's; what is smaller is a variable of the source's, and no
    verifier keeps the limit of each byte of eight."""
    return Layer.LOWERING if fill.insn.size == _REGISTER else Layer.FALSE_POSITIVE


def _behind(context: Context, each: Origin) -> RegState | None:
    states = {frame.frame: frame for frame in context.trace.state_after(each.step)}
    return states[each.frame].at(each.place) if each.frame in states else None


def _largest(load: Step) -> int:
    return (1 << (8 * (load.insn.size or 8))) - 1


def _is_unlimited(state: RegState, load: Step) -> bool:
    return state.kind == "scalar" and bounds(state).umax >= _largest(load)


def _passes_negative(context: Context, own: Origin) -> bool:
    """Whether the comparison is of signed numbers, and only from above: no half of it is safe then."""
    state = _behind(context, own)
    if state is None or state.kind != "scalar" or not (own.step.insn.operator or "").startswith("s"):
        return False
    return (bounds32(state) if own.step.insn.width == 32 else bounds(state)).smin < 0


def _is_wide(context: Context, own: Origin) -> bool:
    """Whether the comparison of 32 bits left the upper half open."""
    state = _behind(context, own)
    return state is None or bounds(state).umax > U32_MAX or bounds(state).smin < 0


def _bounds_the_other_way(context: Context, own: Origin) -> bool:
    """Whether this path is the one on which the number is larger than the limit it was compared with."""
    insn, taken = own.step.insn, own.step.taken
    if taken is None:
        return False
    register = own.sources[0] if own.sources else own.place
    operator = insn.operator or ""
    operator = operator if insn.dst == register else swapped(operator)
    larger = operator in _ABOVE if taken else operator in _BELOW
    value = insn.imm
    if value is None:
        other = insn.src if insn.dst == register else insn.dst
        state = held(context, own.step, own.step.frame, other or "")
        value = state.value if state else None
    return larger and value is not None and value > _WAITS


# Something else was compared


def _of_another(
    context: Context, at: Step, chain: Sequence[Origin], seen: set[int], room: int | None
) -> Limit | None:
    """The newest comparison of another copy, or of an earlier read of the same memory."""
    if not chain or chain[-1].how in ROOTLESS:
        return None
    root = chain[-1]
    place = memory(context.trace, root)
    for branch, name in _comparisons(context, at):
        if branch.number in seen:
            continue
        others = values_of(context, branch, name)
        if not others:
            continue
        other = others[-1]
        if (other.step.number, other.place) == (root.step.number, root.place):
            if tests_order(branch.insn) or any(_narrows(context, each) for each in _without(others, chain)):
                return _copy(context, at, branch, chain, others, room)
            continue
        if not tests_order(branch.insn):
            continue
        if (
            place is not None
            and other.step.number < root.step.number
            and memory(context.trace, other) == place
        ):
            layer = _rereads(context, root.step, other.step)
            return Limit(branch, Loss.REREAD, root.step, layer)
    return None


def _tested_later(context: Context, at: Step, chain: Sequence[Origin], room: int | None) -> Limit | None:
    """A comparison of another copy after the addition, which the compiler moved up: it would be enough."""
    if not chain or chain[-1].how in ROOTLESS or context.step is None:
        return None
    root = chain[-1]
    for branch, name in _comparisons(context, context.step):
        if branch.number <= at.number:
            return None
        others = values_of(context, branch, name) if tests_order(branch.insn) else ()
        if not others or (others[-1].step.number, others[-1].place) != (root.step.number, root.place):
            continue
        place = others[0].place
        limits = of_used(context, branch, place, _without(others, chain), _without(chain, others))
        if fits(context, limits, room):
            return Limit(branch, Loss.OTHER_COPY, branch, _compilers(context, branch, at))
    return None


def _comparisons(context: Context, at: Step) -> Iterator[tuple[Step, str]]:
    """The comparisons before `at`, newest first, also `(x & 0xf0) == 0`, and the registers compared."""
    for step in comparisons(context, at):
        for name in (step.insn.dst, step.insn.src):
            if name is not None:
                yield step, name


def _copy(
    context: Context,
    at: Step,
    check: Step,
    ours: Sequence[Origin],
    others: Sequence[Origin],
    room: int | None,
) -> Limit:
    """Both come from the same instruction; what lies between says how they differ."""
    again = next(
        (each.step for each in ours if each.how is How.FILL and each.step.number > check.number), None
    )
    if again is not None:
        return Limit(check, Loss.REREAD, again, None if is_volatile(context, again) else Layer.LOWERING)
    alone = _without(reversed(ours), others)  # oldest first
    changed = next((each.step for each in alone if _changes(each)), None)
    if changed is not None:
        return Limit(check, Loss.CHANGED if changed.number > check.number else Loss.OTHER_COPY, changed)
    rewritten = _without(others, ours)
    if not all(_is_rewrite(each) for each in rewritten if each.how is How.ARITHMETIC):
        return Limit(check, Loss.OTHER_COPY, check)
    would_fit = fits(context, of_used(context, check, others[0].place, rewritten, alone[::-1]), room)
    negative = _may_be_negative(context, at, ours[0].place) and _leaves_negative(
        context, check, others[0].place
    )
    if would_fit is False or (would_fit is None and negative):
        return Limit(check, Loss.TOO_SMALL)
    why = Loss.NARROWED if any(_narrows(context, each) for each in rewritten) else Loss.OTHER_COPY
    return Limit(check, why, check, _compilers(context, check, at), shown=bool(would_fit))


def _leaves_negative(context: Context, check: Step, place: Holder) -> bool:
    """Whether the comparison is of signed numbers, and only from above: then no copy is safe."""
    newer = context.trace.newer(check)
    state = held(context, newer, check.frame, place) if newer is not None else None
    signed = (check.insn.operator or "").startswith("s")
    return signed and state is not None and state.kind == "scalar" and bounds(state).smin < 0


def _may_be_negative(context: Context, at: Step, place: Holder) -> bool:
    state = held(context, at, at.frame, place)
    return state is None or bounds(state).smin < 0


def _without(chain: Iterable[Origin], other: Sequence[Origin]) -> Sequence[Origin]:
    common = {(each.step.number, each.place) for each in other}
    return [each for each in chain if (each.step.number, each.place) not in common]


def _is_rewrite(each: Origin) -> bool:
    return each.step.insn.operator in _REWRITES and each.step.insn.imm is not None


def _compilers(context: Context, check: Step, at: Step) -> Layer | None:
    """LOWERING, unless the source itself compares another variable than the one that is used."""
    compared, used = compared_words(context, check), used_words(context, at)
    return None if compared and used and not compared & used else Layer.LOWERING


def _rereads(context: Context, again: Step, first: Step) -> Layer | None:
    """LOWERING where nothing in between can have changed the memory: the source means one value then."""
    if is_volatile(context, again):
        return None
    step = context.trace.older(again)
    while step is not None and step.number > first.number:
        if step.insn.op in (Op.CALL, Op.STORE, Op.ATOMIC):
            return None
        step = context.trace.older(step)
    return Layer.LOWERING
