"""A number that nothing on the path compares: what was limited in its stead, and where the source does so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import held, values_of
from bpfdoctor.analysis.lib.unreached_check import number_elsewhere
from bpfdoctor.machine.bits import S32_MAX
from bpfdoctor.machine.number import bounds
from bpfdoctor.model.diagnosis import Layer, Loss, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.conditions import tests_order
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.slice import How, Origin

ROOTLESS = (How.UNSET, How.UNKNOWN, How.CLOBBERED, How.CONSTANT)
_MOST_BRANCHES = 12  # of them looked at closely
_MOST_MASKS = 8
_SCALES = ("<<=", "*=", ">>=", "s>>=")
_LEAVES_LESS = ("&=", "%=", ">>=", "/=")
# Masks that only say how wide a number is.
_WIDTHS = (0xFF, 0xFFFF, 0xFFFFFFFF)


_COMPARED_WRONG = (Loss.OTHER_WAY, Loss.TOO_SMALL, Loss.WRONG_VALUE)


@dataclass(frozen=True, slots=True)
class Limit:
    """`check` compared the number, or what the user takes for it; None: nothing on the path did.

    `why` says why that is not enough, `lost` is the step at which it stopped to count, where there is one:
    a change, another read, a spill. `constant` is where a number was written that is out of range itself.
    `layer` is LOWERING where the compiled code lost what the source says; `shown`: the limit that it lost
    would be enough.
    """

    check: Step | None = None
    why: Loss = Loss.NEVER
    lost: Step | None = None
    layer: Layer | None = None
    elsewhere: Place | None = None
    shown: bool = True
    constant: Step | None = None

    @property
    def cause(self) -> Step | None:
        """Where the limit was lost; the comparison, where that is of the wrong limit, way or number."""
        return self.lost or self.constant or (self.check if self.why in _COMPARED_WRONG else None)

    @property
    def apart(self) -> Step | None:
        """`lost`, where that is another place than the comparison."""
        return self.lost if self.lost != self.check else None


def comparisons(context: Context, at: Step) -> Iterator[Step]:
    """The comparisons before `at`, newest first."""
    seen: set[int] = set()
    for step in islice(context.trace.steps(), -at.number, -at.number + Budget.COMPARISONS):
        if step.insn.op is Op.BRANCH and step.insn.index not in seen:
            seen.add(step.insn.index)  # in a loop the last round is the one that counts
            if len(seen) > _MOST_BRANCHES:
                return
            yield step


def other_number(
    context: Context, at: Step, register: str, chain: Sequence[Origin], room: int | None
) -> Limit:
    """Nothing compares the number in `register`: how it got its limit, or what is limited in its stead."""
    if chain and chain[-1].how is How.CONSTANT:
        return Limit(why=Loss.TOO_SMALL, constant=chain[-1].step if _is_only_scaled(chain) else None)
    if (computed := _computed(context, at, register, chain)) is not None:
        return Limit(computed, Loss.TOO_SMALL)
    if chain and chain[-1].how not in ROOTLESS:
        if (found := _masked(context, at, chain)) is not None:
            return found
        if (elsewhere := number_elsewhere(context, at, register)) is not None:
            return Limit(why=Loss.MERGED, elsewhere=elsewhere)
        if room is not None and (check := _fitting(context, at, chain, room)) is not None:
            return Limit(check, Loss.WRONG_VALUE, check)
    return Limit()


def _is_only_scaled(chain: Sequence[Origin]) -> bool:
    """Whether the number is used as it was written, or a multiple of it: a loop's counter is not."""
    computed = [each.step.insn for each in chain if each.how is How.ARITHMETIC]
    return all(insn.imm is not None and insn.operator in _SCALES for insn in computed)


def _computed(context: Context, at: Step, register: str, chain: Sequence[Origin]) -> Step | None:
    """The mask, the remainder or the shift that left less of the number; None when it has no limit."""
    state = held(context, at, at.frame, register)
    if state is not None and (bounds(state).smin < 0 or bounds(state).umax > S32_MAX):
        return None
    for step in (each.step for each in chain if each.how is How.ARITHMETIC):
        operator, by = step.insn.operator, step.insn.imm
        if by is not None and operator in _LEAVES_LESS:
            # Where no state is printed: what a mask leaves is certain all the same.
            return step if state is not None or (operator in ("&=", "%=") and by > 0) else None
        if state is None and (by is None or operator not in ("<<=", "*=")):
            return None
    return None


def _masked(context: Context, at: Step, chain: Sequence[Origin]) -> Limit | None:
    """Another copy of the number was masked; in the same register, where this path put the number back."""
    root, own = chain[-1], {each.step.number for each in chain}
    masks = 0
    for step in islice(context.trace.steps(), -at.number, -at.number + Budget.COMPARISONS):
        insn = step.insn
        if step.number <= root.step.number or masks > _MOST_MASKS:
            return None
        if insn.operator != "&=" or insn.dst is None or not _is_limit(insn.imm) or step.number in own:
            continue
        masks += 1
        others = values_of(context, step, insn.dst)
        if others and (others[-1].step.number, others[-1].place) == (root.step.number, root.place):
            back = next((o.step for o in chain if o.how is How.COPY and o.place == insn.dst), None)
            if back is not None and back.number > step.number:
                return Limit(step, Loss.MERGED, back)
            return Limit(step, Loss.OTHER_COPY)
    return None


def _is_limit(mask: int | None) -> bool:
    """Whether it is all of the lowest bits, and not only a type's width."""
    return mask is not None and mask > 2 and mask & (mask + 1) == 0 and mask not in _WIDTHS


def _fitting(context: Context, at: Step, chain: Sequence[Origin], room: int) -> Step | None:
    """The only comparison on the path with a limit that would be the right one, of another number."""
    scale = 1
    for each in chain:
        insn = each.step.insn
        if each.how is How.ARITHMETIC:
            if insn.imm is None or insn.operator not in ("<<=", "*=") or insn.imm < 1:
                break  # from here on it is no index that becomes an offset
            scale *= insn.imm if insn.operator == "*=" else 1 << insn.imm
    found = []
    for step in comparisons(context, at):
        value = _against(context, step) if tests_order(step.insn) else None
        if value is not None and value > 1 and room < 2 * value * scale <= 2 * room:
            found.append(step)
    return found[0] if len(found) == 1 else None


def _against(context: Context, check: Step) -> int | None:
    """The constant of a comparison."""
    if check.insn.imm is not None:
        return check.insn.imm
    states = [held(context, check, check.frame, name) for name in (check.insn.src, check.insn.dst) if name]
    return next((state.value for state in states if state is not None and state.value is not None), None)
