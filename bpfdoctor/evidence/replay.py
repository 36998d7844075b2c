"""Walks the failing path again with what newer verifiers have learnt, one skill at a time.

What the kernel printed stays true; a skill adds what follows from the instructions besides. Which kernels
have which skill was found out by loading the same programs on all kernels of the lab (rules/newer.toml).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.numbers import FULL, Limits, arithmetic, compared, meet
from bpfdoctor.kernel.comparisons import swapped
from bpfdoctor.kernel.instructions import LD_IMM64
from bpfdoctor.machine.bits import U32_MAX, unsigned
from bpfdoctor.machine.number import bounds
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.effects import CALLER_SAVED
from bpfdoctor.trace.semantics import stack_place
from bpfdoctor.transcript.insn import written

# What later kernels can do and earlier ones can't. Each has a table of this name in rules/newer.toml.
SKILLS = (
    "copy-of-32-bits",  # w1 = w0: what is learnt of one is known of the other
    "division",
    "modulo",
    "negation",
    "negative-factor",
    "not-equal",  # `!= 0` takes the end off a range
    "number-on-stack",  # spilled and read back in 32 bits, or checked after it was spilled
    "other-variable",  # compared with a number that is no constant
    "register-operand",  # |=, ^=, *= with a number that is no constant
    "same-address",  # p == q, and q is not NULL
    "sum",  # r2 = r1; r2 += 4: a comparison of r2 limits r1
    "sum-of-32-bits",
    "swapped-bytes",
)

_MOST_STEPS = 200  # of the path, newest first
_SIZES = {"be16": 2, "bswap16": 2, "be32": 4, "bswap32": 4}


class Impossible(Exception):
    """A branch of the path goes a way that it can never go."""


class Astray(Exception):
    """The walk contradicts what the kernel printed: the log is not what it seems to be."""


@dataclass(slots=True)
class _Number:
    """A number somewhere on the path, or how far a pointer is from its object's start.

    `low` is another number of 32 bits that this one is, plus `more`, cut off at 32 bits.
    """

    limits: Limits
    never_null: bool = False
    low: tuple[_Value, int] | None = None


@dataclass(frozen=True, slots=True)
class _Value:
    """A number plus a constant: what a register holds."""

    number: _Number
    plus: int = 0

    @property
    def limits(self) -> Limits:
        return self.number.limits[0] + self.plus, self.number.limits[1] + self.plus


@dataclass(slots=True)
class Replay:
    """The path up to the refused step. Raises Impossible where it can't be walked at all."""

    context: Context
    skills: frozenset[str]
    used: dict[str, Step] = field(default_factory=dict)  # where each skill told something last
    _values: dict[tuple[int, str | int], _Value] = field(default_factory=dict)
    _sizes: dict[tuple[int, int], int] = field(default_factory=dict)

    def run(self) -> Replay:
        refused = self.context.step
        steps: list[Step] = []
        for step in self.context.trace.steps():
            if len(steps) > _MOST_STEPS:
                break
            steps.append(step)
            if self.context.trace.is_hidden(-step.number):
                break  # what ran in front of it is not shown
        for step, newer in zip(steps[:0:-1], steps[-2::-1], strict=True):
            if step is not refused:
                self._walk(step, newer)
        return self

    def limits(self, step: Step, register: str) -> Limits:
        """Of a number; or of a pointer's distance from the start of its object."""
        return self._value(step, register).limits

    def never_null(self, step: Step, register: str) -> bool:
        return self._value(step, register).number.never_null

    # What a place holds

    def _value(self, step: Step, register: str) -> _Value:
        """In front of the step."""
        value = self._values.setdefault((step.frame, register), _unknown())
        self._believe(value, _printed(self._state(step, register)))
        return value

    def _state(self, step: Step, register: str) -> RegState | None:
        frame = self.context.frame_before(step)
        return frame.regs.get(register) if frame else None

    def _is_number(self, step: Step, register: str) -> bool:
        state = self._state(step, register)
        return state is not None and state.kind == "scalar"

    def _can(self, skill: str, step: Step) -> bool:
        if skill in self.skills:
            self.used[skill] = step
        return skill in self.skills

    # One step

    def _walk(self, step: Step, newer: Step) -> None:
        insn = step.insn
        if newer.frame != step.frame:
            self._change_frame(step, newer)
            return
        if insn.op is Op.BRANCH:
            self._branch(step, newer)
        elif insn.op is Op.CALL:
            self._values = {
                (frame, place): value
                for (frame, place), value in self._values.items()
                if not isinstance(place, int) and (frame != step.frame or place not in CALLER_SAVED)
            }  # a call may write what it is given: the stack's values are not kept
        elif insn.op in (Op.STORE, Op.ATOMIC):
            self._store(step)
        elif (register := written(insn)) is not None:
            value = self._made(step)
            self._values[step.frame, register] = value
            self._believe(value, _printed(self._state(newer, register)))

    def _change_frame(self, step: Step, newer: Step) -> None:
        """Into a function and back; callbacks and what else there is forget everything."""
        if step.insn.op is Op.CALL and newer.frame == step.frame + 1 and step.insn.callee_kind == "subprog":
            for register in CALLER_SAVED[1:]:
                if (step.frame, register) in self._values:
                    self._values[newer.frame, register] = self._values[step.frame, register]
            return
        returned = self._values.get((step.frame, "r0"))
        self._values = {
            key: value
            for key, value in self._values.items()
            if key[0] <= newer.frame and (key[0] != newer.frame or key[1] not in CALLER_SAVED)
        }
        if returned is not None and step.insn.op is Op.EXIT:
            self._values[newer.frame, "r0"] = returned

    def _made(self, step: Step) -> _Value:
        """What the instruction puts into the register it writes."""
        insn = step.insn
        if insn.op is Op.MOVE and insn.imm is not None:
            imm = unsigned(insn.imm, insn.width) if insn.width == 32 else insn.imm
            return _Value(_Number((imm, imm))) if insn.opcode != LD_IMM64 else _unknown()
        if insn.op is Op.MOVE and insn.src is not None:
            return self._moved(step, insn.src)
        if insn.op is Op.LOAD:
            return self._filled(step)
        if insn.op is Op.ALU and insn.dst is not None:
            return self._computed(step, insn.dst)
        return _unknown()

    def _moved(self, step: Step, source: str) -> _Value:
        insn, value = step.insn, self._value(step, source)
        if insn.operator == "=" and insn.width == 64:
            return value
        least, most = value.limits
        if insn.operator != "=":
            return _unknown()
        if not (least >= 0 and most <= U32_MAX):
            return _Value(_Number((0, U32_MAX)))
        return value if self._can("copy-of-32-bits", step) else _Value(_Number(value.limits))

    def _computed(self, step: Step, register: str) -> _Value:
        insn, value, operator = step.insn, self._value(step, register), step.insn.operator or ""
        if operator in _SIZES:
            return _Value(_Number(self._swapped(step, register, _SIZES[operator])))
        if operator == "-":
            able = self._can("negation", step)
            return _Value(_Number(arithmetic("-", value.limits, (0, 0), insn.width))) if able else _unknown()
        if insn.imm is not None:
            turned = insn.width == 32 and operator not in ("+=", "-=")
            imm = unsigned(insn.imm, 32) if turned else insn.imm
            operand: Limits = (imm, imm)
        elif insn.src is not None:
            operand = self._value(step, insn.src).limits
        else:
            return _unknown()
        if not self._knows(step, operator, operand):
            return _unknown()
        found = arithmetic(operator, value.limits, operand, insn.width)
        if operator in ("+=", "-=") and insn.imm is not None:
            return self._plus(step, value, insn.imm if operator == "+=" else -insn.imm, found)
        return _Value(_Number(found))

    def _knows(self, step: Step, operator: str, operand: Limits) -> bool:
        if operator == "%=":
            return self._can("modulo", step)
        if operator == "/=":
            return self._can("division", step)
        if operator == "*=" and operand[0] < 0:
            return self._can("negative-factor", step)
        constant = operand[0] == operand[1]
        return operator not in ("|=", "^=", "*=") or constant or self._can("register-operand", step)

    def _plus(self, step: Step, value: _Value, more: int, found: Limits) -> _Value:
        exact = (value.limits[0] + more, value.limits[1] + more)
        if found == exact and self._can("sum", step):
            return _Value(value.number, value.plus + more)
        small = value.limits[0] >= 0 and value.limits[1] <= U32_MAX
        linked = step.insn.width == 32 and small and self._can("sum-of-32-bits", step)
        return _Value(_Number(found, low=(value, more) if linked else None))

    def _swapped(self, step: Step, register: str, size: int) -> Limits:
        """The bytes that may be other than 0, in their new places."""
        if not self._can("swapped-bytes", step):
            return FULL
        state = self._state(step, register)
        known = state.range.var_off if state is not None and state.value is None else None
        most = (known.value | known.mask) if known else (1 << 64) - 1
        return 0, int.from_bytes((most & ((1 << 8 * size) - 1)).to_bytes(size, "little"), "big")

    # Stack

    def _store(self, step: Step) -> None:
        insn = step.insn
        where = self._stack_place(step, insn.dst)
        if where is None:
            state = self._state(step, insn.dst or "")
            if state is None or state.kind == "fp":  # somewhere on the stack
                self._values = {key: value for key, value in self._values.items() if isinstance(key[1], str)}
            return
        frame, off = where
        size = insn.size or 8
        for key in [key for key in self._values if key[0] == frame and isinstance(key[1], int)]:
            if isinstance(key[1], int) and key[1] < off + size and off < key[1] + self._sizes[frame, key[1]]:
                del self._values[key]
        # No kernel yet knows what it stored in one or two bytes.
        if insn.op is Op.STORE and insn.src is not None and size >= 4 and self._can("number-on-stack", step):
            value = self._value(step, insn.src)
            if size == 8 or (value.limits[0] >= 0 and value.limits[1] < 1 << 8 * size):
                self._values[frame, off] = value
                self._sizes[frame, off] = size

    def _filled(self, step: Step) -> _Value:
        insn = step.insn
        size = insn.size or 8
        most = (1 << 8 * size) - 1 if size < 8 and insn.operator is None else None
        where = self._stack_place(step, insn.src)
        value = self._values.get(where) if where is not None else None
        kept = where is not None and insn.operator is None and self._sizes.get(where, 0) >= size
        if (
            value is not None
            and kept
            and (most is None or (value.limits[0] >= 0 and value.limits[1] <= most))
        ):
            return value
        return _Value(_Number((0, most))) if most is not None else _unknown()

    def _stack_place(self, step: Step, base: str | None) -> tuple[int, int] | None:
        frame = self.context.frame_before(step)
        return stack_place(step.insn, base, frame.regs if frame else {}, step.frame)

    # Branches

    def _branch(self, step: Step, newer: Step) -> None:
        insn, taken = step.insn, step.taken
        if taken is None or insn.dst is None or insn.operator is None:
            return
        left = self._value(step, insn.dst)
        # Up to 5.15 states are printed behind branches only, and a branch changes no number into a pointer.
        names = [name for name in (insn.dst, insn.src) if name]
        number = {name: self._is_number(step, name) or self._is_number(newer, name) for name in names}
        if not number[insn.dst]:
            if insn.src is not None and insn.imm is None:
                self._same_address(step, taken, insn.dst, insn.src)
            return
        if insn.imm is not None:
            right = _Value(_Number((insn.imm, insn.imm)))
        elif insn.src is not None and number[insn.src]:
            right = self._value(step, insn.src)
        else:
            return
        if insn.width == 32 and not all(v.limits[0] >= 0 and v.limits[1] <= U32_MAX for v in (left, right)):
            return
        if insn.width == 32 and insn.operator.startswith("s"):
            return
        self._compare(step, taken, left, right)

    def _compare(self, step: Step, taken: bool, left: _Value, right: _Value) -> None:
        operator = step.insn.operator or ""
        variables = right.limits[0] != right.limits[1] and left.limits[0] != left.limits[1]
        if variables and not self._can("other-variable", step):
            return
        differ = operator in ("==", "!=") and (operator == "==") != taken
        if differ and not self._can("not-equal", step):
            return
        before = left.limits
        self._learn(left, compared(operator, taken, before, right.limits))
        self._learn(right, compared(swapped(operator), taken, right.limits, before))

    def _same_address(self, step: Step, taken: bool, left: str, right: str) -> None:
        equal = step.insn.operator in ("==", "!=") and taken == (step.insn.operator == "==")
        if not equal or not self._can("same-address", step):
            return
        states = [self._state(step, name) for name in (left, right)]
        if any(state is not None and state.kind == "map_value" and not state.nullable for state in states):
            self._value(step, left).number.never_null = True
            self._value(step, right).number.never_null = True

    def _believe(self, value: _Value, printed: Limits) -> None:
        """What the kernel printed of a value is true as well."""
        found = meet(value.limits, printed)
        if found[0] > found[1]:
            raise Astray
        self._learn(value, found)

    def _learn(self, value: _Value, limits: Limits) -> None:
        number = value.number
        number.limits = meet(number.limits, (limits[0] - value.plus, limits[1] - value.plus))
        if number.limits[0] > number.limits[1]:
            raise Impossible
        if number.low is not None:
            parent, more = number.low
            least, most = number.limits[0] - more, number.limits[1] - more
            if least >= 0 and most <= U32_MAX:  # no number of 32 bits comes here by wrapping around
                self._learn(parent, (least, most))


def _unknown() -> _Value:
    return _Value(_Number(FULL))


def _printed(state: RegState | None) -> Limits:
    """What the kernel printed of a number, or of a pointer's distance from the start of its object."""
    if state is None:
        return FULL
    if state.kind == "scalar":
        known = bounds(state)
        return known.smin, known.smax
    base = state.off or 0
    if state.value is not None or state.range.var_off is None:
        fixed = state.range.umax is None and state.range.smax is None
        return (base, base) if fixed else FULL
    known = bounds(state.range)
    return base + known.smin, base + known.smax
