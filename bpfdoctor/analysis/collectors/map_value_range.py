"""Which bytes of a map value are touched, how large it is, and which number moves the pointer too far."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from itertools import islice

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.bound_on_other_value import Limit
from bpfdoctor.analysis.lib.bound_outcome import OF_LOOP, OF_NUMBER, Outcome, of_limit
from bpfdoctor.analysis.lib.bounds_check import limit
from bpfdoctor.analysis.lib.chain import chain_of
from bpfdoctor.analysis.lib.element_count import CountsElements, element_count
from bpfdoctor.analysis.lib.pointer_sum import added
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.analysis.lib.words import span
from bpfdoctor.machine.number import signed_limits
from bpfdoctor.model.diagnosis import Fact, Layer, Loss, Place
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Holder, Op, RegState, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.slice import How, slice_of

_MOST_BRANCHES = 10
_OF_NUMBERS = (1, 2, 4, 8)  # bytes


class MemoryKind(Enum):
    """What is accessed, by the kernel's word for the pointer."""

    MAP_VALUE = "map_value"
    MAP_KEY = "map_key"
    STACK = "fp"
    MEMORY = "mem"
    BUFFER = "buf"
    OTHER = "?"

    @classmethod
    def of(cls, state: RegState | None) -> MemoryKind:
        """What the register points to."""
        return next((each for each in cls if state is not None and each.value == state.kind), cls.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRange(CountsElements):
    """An access of `size` bytes to an object of `object_size` bytes (a map value, a ring buffer record …).

    It starts `least`..`most` bytes into the object; None where the verifier knows no bound. `index` is the
    number that was added to the pointer at `added`, as it was then; `limit` the largest start that would fit.
    `check` compared the index, or the length, last; `lost` is where that stopped to count, `elsewhere` a
    comparison in the source that is not on this path, `sum_check` where only the sum of index and length was
    compared.
    """

    register: str
    pointer: str | None
    object: MemoryKind
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
    lost: Step | None
    elsewhere: Place | None
    sum_check: Step | None

    @property
    def value_size(self) -> int | None:
        return self.object_size

    @property
    def limit(self) -> int | None:
        if self.object_size is None or self.size is None:
            return None
        return max(self.object_size - self.size, 0)

    @property
    def lies_in(self) -> str:
        """Where the access may begin: `0..1008`, `-1 or more`."""
        return span(self.least, self.most)

    @property
    def index_called(self) -> str:
        return self.index_name or "a number known only at run time"

    @property
    def too_low(self) -> bool:
        return self.least is None or self.least < 0

    @property
    def too_high(self) -> bool:
        return self.most is None or self.limit is None or self.most > self.limit

    def public(self) -> Mapping[str, Fact]:
        return {
            "pointer": self.pointer,
            "object": self.object,
            "map": self.map_name,
            "object_size": self.object_size,
            "size": self.size,
            "least": self.least,
            "most": self.most,
            "limit": self.limit,
            "index": self.index,
            "index_name": self.index_name,
            "added": self.added,
            "check": self.check,
            "lost": self.lost,
            "elsewhere": self.elsewhere,
            **self.counted(),
            "sum_check": self.sum_check,
        }


FACTS = ObjectRange
OUTCOMES = tuple(each for each in Outcome if each not in (*OF_NUMBER, *OF_LOOP))


def collect(context: Context) -> Found | NotShown:
    m, step = context.captures, context.step
    register = named(context) or _base(step)
    state = context.register(register)
    object_size = m.get("value_size") or (state and (state.value_size or state.mem_size)) or m.get("mem_size")
    size = m.get("size") or (step.insn.size if step else None)
    if register is None or (state is None and object_size is None):
        return NotShown("the log does not show the pointer")
    summed = added(context, step, register)
    addition, index_register = summed or (None, None)
    least, most = _start(state, m.get("off"))
    length = _length(context, register)
    known, count = Limit(), None
    if addition is not None and index_register is not None:
        known = limit(context, addition, index_register, object_size)
        count = element_count(context, addition, index_register, known, object_size)
    if known.check is None and step is not None and length is not None and size:
        room = object_size - (state.off or 0) if object_size and state else object_size
        known = limit(context, step, length, object_size)
        count = element_count(context, step, length, known, room)
    facts = ObjectRange(
        register=register,
        pointer=context.called(register),
        object=MemoryKind.of(state),
        map_name=state.map_name if state else None,
        object_size=object_size,
        size=size,
        least=least,
        most=most,
        index=_held(context, addition, index_register),
        index_register=index_register,
        index_name=context.called(index_register, addition) if addition else None,
        added=addition,
        check=known.check,
        lost=known.apart,
        elsewhere=known.elsewhere,
        sum_check=_sum_check(context, addition, index_register, length) if size else None,
        cause=known.cause or step,
        why=known.why,
        layer=known.layer,
        layer_shown=known.shown,
        elements=count,
        registers=tuple(name for name in (register, length) if name),
    )
    if facts.sum_check is not None:
        facts = replace(facts, cause=facts.sum_check, why=Loss.TOO_SMALL, layer=Layer.FALSE_POSITIVE)
        return Found(Outcome.SUM_COMPARED, facts)
    if _is_given(context, facts):
        return Found(Outcome.GIVEN, _of_caller(facts, step))
    # "max value is outside": it is a sum, at worst.
    if addition is None and (m.get("bound") == "max" or facts.least != facts.most):
        return NotShown("the log does not show what was added to the pointer")
    if known == Limit() and facts.index is None and facts.most is not None:
        return Found(Outcome.TOO_LARGE, facts)
    return Found(of_limit(known, count), facts)


def _is_given(context: Context, facts: ObjectRange) -> bool:
    """Whether a pointer to one number is used as one to several, and a global function got it as argument.

    Only such functions begin with a pointer to memory: programs begin with their context.
    """
    if facts.object is not MemoryKind.MEMORY or facts.object_size not in _OF_NUMBERS or facts.too_low:
        return False
    if context.step is None or facts.most is None:
        return False
    return chain_of(context, context.step, facts.register).root_how is How.ENTRY


def _of_caller(facts: ObjectRange, use: Step | None) -> ObjectRange:
    """No comparison is to blame: how much the callers give is not looked at."""
    return replace(
        facts,
        check=None,
        lost=None,
        elsewhere=None,
        cause=use,
        why=Loss.NEVER,
        layer=Layer.FALSE_POSITIVE,
        layer_shown=False,
    )


def _held(context: Context, addition: Step | None, register: str | None) -> RegState | None:
    frame = context.frame_before(addition) if addition is not None else None
    return frame.regs.get(register) if frame is not None and register is not None else None


def _base(step: Step | None) -> str | None:
    """The register with the address; for a call the message would have said which."""
    if step is None or step.insn.op is Op.CALL:
        return None
    return step.insn.src if step.insn.op is Op.LOAD else step.insn.dst


def _length(context: Context, register: str) -> str | None:
    """The register with the length of the memory at `register`, where a call gets one that is no constant."""
    if context.step is None or context.step.insn.op is not Op.CALL or not register[1:].isdigit():
        return None
    frame = context.frame_before(context.step)
    for name in (f"r{int(register[1:]) + 1}", f"r{int(register[1:]) - 1}"):  # bpf_snprintf and others turn it
        reg = frame.regs.get(name) if frame else None
        if reg is not None and reg.kind == "scalar":
            return name if reg.value is None else None
    return None


def _start(state: RegState | None, off: int | None) -> tuple[int | None, int | None]:
    """Least and most distance of the access from the object's start, in bytes."""
    if state is None:
        return off, off
    base = state.off or 0
    if state.value is not None or state.range.var_off is None:
        return base if off is None else off, base if off is None else off
    least, most = signed_limits(replace(state, value=None))
    return (None if least is None else base + least), (None if most is None else base + most)


def _sum_check(context: Context, added: Step | None, index: str | None, length: str | None) -> Step | None:
    """Where the sum of index and length was compared with a number: each of them keeps its own limit only."""
    if context.step is None or added is None or index is None or length is None:
        return None
    parts = (_roots(context, added, index), _roots(context, context.step, length))
    seen: set[int] = set()
    for step in islice(context.trace.steps(), 1, Budget.COMPARISONS):
        insn = step.insn
        if insn.op is not Op.BRANCH or insn.imm is None or insn.dst is None or insn.index in seen:
            continue
        seen.add(insn.index)
        if len(seen) > _MOST_BRANCHES:
            return None
        made = _roots(context, step, insn.dst)
        if all(part & made for part in parts) and not (parts[0] & parts[1]):
            return step
    return None


def _roots(context: Context, step: Step, register: str) -> set[tuple[int, Holder]]:
    """Where the parts of a number first came from: calls and loads, as (step number, place)."""
    kinds = (How.LOAD, How.CALL, How.ENTRY, How.RETURNED)
    return {
        (each.step.number, each.place)
        for each in slice_of(context.trace, step, register).numbers
        if each.how in kinds
    }
