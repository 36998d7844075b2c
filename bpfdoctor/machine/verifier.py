"""A verifier with given skills: the interpreter that computes with numbers, too, and knows equal ones."""

from __future__ import annotations

from collections.abc import Collection

from bpfdoctor.machine.arithmetic import arithmetic, extended, lower_half, negated, swapped
from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.calls import may_write_unseen
from bpfdoctor.machine.capabilities_since import Skill
from bpfdoctor.machine.comparison import compared
from bpfdoctor.machine.distance import moved_by, number, with_number
from bpfdoctor.machine.memory import Stack, filled
from bpfdoctor.machine.number import Number, between, meet, of_size
from bpfdoctor.machine.state import State, everywhere, with_register, without_stack
from bpfdoctor.machine.step import Machine
from bpfdoctor.machine.value import constant, is_pointer, never_null
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import FrameState, Id, Insn, RegState

# How many bytes they put in opposite order.
_SWAPS = {"be16": 2, "bswap16": 2, "be32": 4, "bswap32": 4, "be64": 8, "bswap64": 8}
_NUMBER = RegState("scalar")
_ANYTHING = RegState("?", nullable=True)


class Verifier(Machine):
    """`used` collects the skills that were asked for, whether they told something or not.

    Every value has an id: values with the same one are the same number, plus a constant each. Those that the
    verifier of the log gave are positive.
    """

    def __init__(self, skills: Collection[Skill]) -> None:
        self.skills = frozenset(skills)
        self.used: set[Skill] = set()
        self._newest_id = 0

    def _can(self, skill: Skill) -> bool:
        if skill in self.skills:
            self.used.add(skill)
        return skill in self.skills

    def _new_id(self) -> Id:
        self._newest_id -= 1
        return Id(self._newest_id)

    # What is told

    def told(self, state: State, at: int, name: str, printed: RegState | None, kind: str = "?") -> State:
        """With what is printed of a register: all of it is true, besides what was known.

        `kind` is that of a register of which nothing is. Raises Impossible where it can't be.
        """
        frame = state.get(at, FrameState(at))
        own = frame.regs.get(name)
        if printed is None and kind != "?" and (own is None or own.kind == "?"):
            printed = RegState(kind)
        if own is None:
            own = printed or _ANYTHING
            if own.id is None or own.id.plus:  # 7.0 links sums of 32 bits, too, and prints them alike
                own = replace(own, id=self._new_id())
            return {**state, at: with_register(frame, name, own)}
        if printed is None:
            return state
        new = replace(printed, id=own.id)
        if is_pointer(own) == is_pointer(printed) or own.kind == "?":
            new = replace(new, nullable=printed.nullable and own.nullable)
        if is_pointer(own) != is_pointer(printed):
            return {**state, at: with_register(frame, name, new)}
        known, said = number(own), number(printed)
        if known != said:
            said = meet(known, said)
            new = with_number(new, said)
        state = {**state, at: with_register(frame, name, new)}
        return state if said == known else self._learnt(state, new, said)

    def _learnt(self, state: State, reg: RegState, found: Number) -> State:
        """With what was learnt of a number known of all that are equal to it but for a constant."""
        if is_pointer(reg) or reg.id is None:
            return state
        id, base = reg.id, _base(reg.id, found)

        def change(other: RegState) -> RegState:
            if other.id is None or other.id.number != id.number or is_pointer(other):
                return other
            if other.id == id:
                known = found
            elif base is not None and other.id.width == 64:
                known = _plus(base, other.id.plus)
            else:
                return other
            old = number(other)
            return other if old == known else with_number(other, meet(old, known))

        return everywhere(state, change)

    # Branches

    def branched(self, state: State, at: int, insn: Insn, taken: bool) -> State:
        """What the outcome of a comparison says. Raises Impossible where it can't come out like this."""
        regs = state[at].regs if at in state else {}
        left = regs.get(insn.dst or "")
        right = constant(insn.imm) if insn.imm is not None else regs.get(insn.src or "")
        if left is None or right is None or insn.operator is None:
            return state
        if left.kind == right.kind == "scalar":
            return self._compared(state, insn, taken, left, right)
        if insn.imm is None and not {left.kind, right.kind} & {"scalar"}:
            return self._same_address(state, insn, taken, left, right)
        return state

    def _compared(self, state: State, insn: Insn, taken: bool, left: RegState, right: RegState) -> State:
        a, b, operator = number(left), number(right), insn.operator or ""
        if a.constant is None and b.constant is None and not self._can(Skill.OTHER_VARIABLE):
            return state
        differ = operator in ("==", "!=") and (operator == "==") != taken
        if differ and not self._can(Skill.NOT_EQUAL):
            return state
        new_left, new_right = compared(operator, taken, a, b, insn.width)
        state = self._learnt(state, left, new_left)
        return self._learnt(state, right, new_right)

    def _same_address(self, state: State, insn: Insn, taken: bool, left: RegState, right: RegState) -> State:
        equal = insn.operator in ("==", "!=") and taken == (insn.operator == "==")
        if not equal or not self._can(Skill.SAME_ADDRESS):
            return state
        if not any(reg.kind == "map_value" and never_null(reg) for reg in (left, right)):
            return state
        ids = (left.id, right.id)
        return everywhere(
            state, lambda reg: replace(reg, nullable=False) if reg.nullable and reg.id in ids else reg
        )

    # Instructions

    def _made(self, state: State, at: int, insn: Insn) -> RegState | None:
        new = super()._made(state, at, insn)
        return new if new is None or new.id is not None else replace(new, id=self._new_id())

    def _call_writes(self, state: State, at: int, callee: str) -> State:
        if may_write_unseen(state, at, callee):
            return {each: without_stack(frame) for each, frame in state.items()}
        return super()._call_writes(state, at, callee)

    def _cast(self, insn: Insn, source: RegState) -> RegState | None:
        known = number(source)
        if insn.operator in ("s8", "s16", "s32"):
            return with_number(_NUMBER, extended(known, int(insn.operator[1:]), insn.width))
        if insn.operator != "=":
            return None
        if known.is_small and not is_pointer(source) and self._can(Skill.COPY_OF_32_BITS):
            return replace(source, kind="scalar")
        return with_number(_NUMBER, lower_half(known))

    def _computed(self, insn: Insn, old: RegState, operand: RegState | None) -> RegState | None:
        operator, a, b = insn.operator or "", number(old), number(operand)
        if operator in _SWAPS:
            found = swapped(a, _SWAPS[operator])
            return with_number(_NUMBER, found) if self._can(Skill.SWAPPED_BYTES) else None
        if operator == "-":
            return with_number(_NUMBER, negated(a, insn.width)) if self._can(Skill.NEGATION) else None
        if operand is not None and is_pointer(operand):
            return self._pointer_moved(insn, operand, old) if operator == "+=" else None
        if is_pointer(old):
            return self._pointer_moved(insn, old, operand or _ANYTHING)
        if not self._knows(operator, a, b):
            return None
        found = arithmetic(operator, a, b, insn.width)
        if operator in ("+=", "-=") and b.constant is not None and insn.imm is not None:
            more = b.constant if operator == "+=" else -b.constant
            return replace(with_number(old, found), id=self._sum(old, a, more, found, insn.width))
        kind = old.kind if operator in ("+=", "-=") and insn.width == 64 else "scalar"
        return with_number(replace(old, id=None) if kind == "?" else _NUMBER, found)

    def _pointer_moved(self, insn: Insn, pointer: RegState, by: RegState) -> RegState | None:
        if by.value is not None or pointer.nullable or insn.width != 64 or insn.operator not in ("+=", "-="):
            return super()._pointer_moved(insn, pointer, by)
        return moved_by(pointer, insn.operator, number(by))

    def _knows(self, operator: str, a: Number, b: Number) -> bool:
        if operator == "%=":
            return self._can(Skill.MODULO)
        if operator == "/=":
            return self._can(Skill.DIVISION)
        if operator == "*=" and min(a.whole.smin, b.whole.smin) < 0:
            return self._can(Skill.NEGATIVE_FACTOR)
        known = b.constant is not None
        return operator not in ("|=", "^=", "*=") or known or self._can(Skill.REGISTER_OPERAND)

    def _sum(self, old: RegState, a: Number, more: int, found: Number, width: int) -> Id | None:
        """The id of `old` plus a constant; None where that is a number of its own."""
        if old.id is None or old.id.width != 64:
            return None
        plus = old.id.plus + more
        exact = (found.whole.smin, found.whole.smax) == (a.whole.smin + more, a.whole.smax + more)
        if width == 64:
            return Id(old.id.number, plus) if exact and self._can(Skill.SUM) else None
        base = _base(old.id, a)
        small = a.is_small and base is not None and base.is_small
        return Id(old.id.number, plus, 32) if small and self._can(Skill.SUM_OF_32_BITS) else None

    # Memory

    def _loaded(self, insn: Insn, stack: Stack, place: tuple[int, int] | None) -> RegState | None:
        size = insn.size or 8
        kept = filled(stack, place[1], size) if place is not None and insn.operator is None else None
        if kept is not None and (size == 8 or _fits(number(kept), size)):
            return kept
        return with_number(_ANYTHING, of_size(size, is_signed=insn.operator in ("s8", "s16", "s32")))

    def _keeps(self, source: RegState, size: int) -> bool:
        if is_pointer(source):
            return size == 8
        # No kernel yet knows what it stored in one or two bytes.
        fits = size == 8 or (size >= 4 and _fits(number(source), size))
        return fits and self._can(Skill.NUMBER_ON_STACK)


def _fits(known: Number, size: int) -> bool:
    return known.whole.umax < 1 << 8 * size


def _plus(known: Number, by: int) -> Number:
    return between(known.whole.smin + by, known.whole.smax + by)


def _base(id: Id, known: Number) -> Number | None:
    """What is known of the number itself that the id names, where this is known of it plus a constant."""
    found = _plus(known, -id.plus)
    if id.width == 64:
        return found
    # No number of 32 bits comes here by wrapping around.
    return found if found.whole.smin >= 0 and found.whole.smax <= U32_MAX else None
