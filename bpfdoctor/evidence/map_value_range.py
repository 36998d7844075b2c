"""Which bytes of a map value are touched, how large it is, and which number moves the pointer too far."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.trace import Op, RegState, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRange(Facts):
    """An access of `size` bytes to an object of `object_size` bytes (a map value, a ring buffer record …).

    It starts `least`..`most` bytes into the object; None where the verifier knows no bound. `index` is the
    number that was added to the pointer at `added`, as it was then; `limit` the largest start that would fit.
    """

    register: str
    pointer: str | None
    object: str  # map value | memory | stack | buffer
    map_name: str | None
    object_size: int | None
    size: int | None
    least: int | None
    most: int | None
    index: RegState | None
    index_register: str | None
    index_name: str | None
    added: Step | None
    check: Step | None

    @property
    def value_size(self) -> int | None:
        return self.object_size

    @property
    def limit(self) -> int | None:
        if self.object_size is None or self.size is None:
            return None
        return max(self.object_size - self.size, 0)

    @property
    def too_low(self) -> bool:
        return self.least is None or self.least < 0

    @property
    def too_high(self) -> bool:
        return self.most is None or self.limit is None or self.most > self.limit


_WORDS = {"map_value": "map value", "map_key": "map key", "fp": "stack", "mem": "memory", "buf": "buffer"}


def collect(context: Context) -> ObjectRange | None:
    """None when the log does not show the pointer."""
    m, step = context.captures, context.step
    register = m.get("reg") or _base(step)
    state = context.register(register)
    object_size = m.get("value_size") or (state and (state.value_size or state.mem_size)) or m.get("mem_size")
    size = m.get("size") or (step.insn.size if step else None)
    if register is None or (state is None and object_size is None):
        return None
    added, index_register, index = _added(context, register, state)
    least, most = _start(state, m.get("off"))
    check = _check(context, added, index_register)
    return ObjectRange(
        register=register,
        pointer=context.called(register),
        object=_WORDS.get(state.kind, state.kind) if state else "object",
        map_name=state.map_name if state else None,
        object_size=object_size,
        size=size,
        least=least,
        most=most,
        index=index,
        index_register=index_register,
        index_name=context.called(index_register, added) if added else None,
        added=added,
        check=check,
        cause=step,
        why=Loss.TOO_SMALL if check else Loss.NEVER,
        registers=tuple(r for r in (register,) if r),
    )


def _base(step: Step | None) -> str | None:
    if step is None:
        return None
    return step.insn.src if step.insn.op is Op.LOAD else step.insn.dst


def _start(state: RegState | None, off: int | None) -> tuple[int | None, int | None]:
    """Least and most distance of the access from the object's start, in bytes."""
    if state is None:
        return off, off
    base, known = state.off or 0, state.range
    if state.value is not None or known.var_off is None:
        return base if off is None else off, base if off is None else off
    low = known.smin if known.smin is not None else (0 if known.umax is not None else None)
    high = known.smax if known.smax is not None else known.umax
    return (None if low is None else base + low), (None if high is None else base + high)


def _added(
    context: Context, register: str, state: RegState | None
) -> tuple[Step | None, str | None, RegState | None]:
    """The newest addition of a number to this pointer: (step, the number's register, its state then)."""
    name = register
    for step in context.trace.steps():
        insn = step.insn
        if context.step is None or step.frame != context.step.frame or insn.dst != name:
            continue
        if insn.op is Op.MOVE and insn.src is not None:
            name = insn.src
        elif insn.op is Op.ALU and insn.operator in ("+=", "-=") and insn.src is not None:
            frame = context.frame_before(step)
            regs = frame.regs if frame else {}
            kinds = {reg: regs[reg].kind for reg in (insn.dst, insn.src) if reg and reg in regs}
            number = next((reg for reg, kind in kinds.items() if kind == "scalar"), insn.src)
            return step, number, regs.get(number)
        elif insn.op in (Op.LOAD, Op.CALL):
            return None, None, None
    return None, None, None


def _check(context: Context, added: Step | None, index_register: str | None) -> Step | None:
    """The newest comparison of the number in front of the addition."""
    name = index_register
    if added is None or name is None:
        return None
    step = context.trace.older(added)
    while step is not None:
        insn = step.insn
        if step.frame == added.frame:
            if insn.op is Op.BRANCH and name in (insn.dst, insn.src):
                return step
            if insn.dst == name and insn.op is Op.MOVE and insn.src is not None:
                name = insn.src
            elif insn.dst == name and insn.op in (Op.LOAD, Op.CALL, Op.MOVE):
                return None
        step = context.trace.older(step)
    return None
