"""A number that is used as an address: what made it, or what made a number of a pointer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.address_outcome import NOT_LOADED, TAKEN, Outcome, of_data, of_taken
from bpfdoctor.analysis.lib.chain import Chain, pointers_chain
from bpfdoctor.analysis.lib.data_address import data_address
from bpfdoctor.analysis.lib.lost_pointer import LostPointer
from bpfdoctor.analysis.lib.null_tests import wrong_way
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.kernel import calls
from bpfdoctor.machine.value import PACKET_POINTERS
from bpfdoctor.model.diagnosis import Fact, Layer, Loss, Place
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.slice import How


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOrigin(LostPointer):
    """`origin` is on another line than the use. `read_from` is what the user calls the memory that the number
    was read from.

    `constant` is the instruction that put a constant there, `narrow` a read of 32 bits where a pointer has
    64, `nulled` the comparison that leaves NULL on this path.
    """

    read_from: str
    constant: Step | None
    narrow: Step | None
    nulled: Step | None

    @property
    def origin_callee(self) -> str:
        """The function that returned the number."""
        return (self.origin.insn.callee if self.origin else None) or "the call"

    @property
    def constant_value(self) -> str:
        value = self.constant.insn.imm if self.constant else None
        return "a constant" if value is None else str(value) if value else "NULL"

    def public(self) -> Mapping[str, Fact]:
        return {
            **self.pointer(),
            "read_from": self.read_from or None,
            "constant": self.constant,
            "narrow": self.narrow,
            "nulled": self.nulled,
        }


FACTS = NumberOrigin
_MOVES = ("+=", "-=")
_CONSTANT = re.compile(r"\b(?:0[xX][0-9a-fA-F]+|\d+|NULL)\b")
# What a variable's register may hold that no other value is put into: the context's is used up, and free.
_VARIABLES = (*PACKET_POINTERS, "map_value", "mem", "sock", "sock_common", "tcp_sock")
OUTCOMES = (
    *NOT_LOADED,
    *TAKEN,
    Outcome.TURNED,
    Outcome.UNSET,
    Outcome.NULL,
    Outcome.NULL_GIVEN,
    Outcome.ITERATOR_END,
    Outcome.CONSTANT,
    Outcome.COMPILER_CONSTANT,
    Outcome.NARROW,
    Outcome.STORED,
    Outcome.COMPUTED,
    Outcome.LOADED,
    Outcome.LOADED_UNSEEN,
    Outcome.OTHER,
    Outcome.OTHER_UNSEEN,
)


def collect(context: Context) -> Found | NotShown:
    step, register = context.step, named(context)
    if register is None or step is None:
        return NotShown("the log does not show the access")
    chain = pointers_chain(context, step, register)
    made = chain.origin
    pointer, exact = _read_at(context, step, made)
    data = data_address(context, register)
    is_load = made is not None and made.insn.op is Op.LOAD
    facts = NumberOrigin(
        register=register,
        name=context.called(register) or pointer,
        refused_at=data.use if data is not None else exact,
        origin=made if _apart(context, made, step) else None,
        read_from=(context.called(made.insn.src, made) if made is not None and is_load else None) or "",
        invalidated=chain.invalidated,
        ended_by=context.source.called(chain.invalidated) if chain.invalidated else None,
        turned=chain.turned,
        unset=chain.unset,
        constant=_constant(context, register, chain),
        narrow=chain.root if _is_narrow(context, chain) else None,
        nulled=wrong_way(context, step, register, context.called(register)),
        data=data,
        cause=step,
        why=Loss.NEVER,
        registers=(register,),
    )
    return _with_cause(context, facts, chain)


def _with_cause(context: Context, facts: NumberOrigin, chain: Chain) -> Found:
    if facts.data is not None:
        return Found(of_data(facts.data), facts)
    if facts.invalidated is not None:
        return Found(of_taken(chain), replace(facts, cause=facts.invalidated, why=Loss.INVALIDATED))
    if facts.turned is not None:
        return Found(Outcome.TURNED, replace(facts, cause=facts.turned, why=Loss.TRUNCATED))
    if facts.nulled is not None:
        return Found(Outcome.NULL, replace(facts, cause=facts.nulled, why=Loss.OTHER_WAY))
    if facts.unset is not None:
        return Found(Outcome.UNSET, facts)
    if facts.constant is not None:
        return _of_constant(context, facts, facts.constant, chain)
    if facts.narrow is not None:
        return Found(Outcome.NARROW, replace(facts, cause=facts.narrow, why=Loss.TRUNCATED))
    if chain.root is not None and chain.root_how is How.CALL and calls.is_next(chain.root.insn.callee or ""):
        return Found(Outcome.ITERATOR_END, replace(facts, origin=chain.root))
    if _is_zero(context, facts.register):
        return Found(Outcome.NULL_GIVEN, facts)  # what put it there is not in the log
    return Found(_of_address(context, facts, chain), facts)


def _is_zero(context: Context, register: str) -> bool:
    state = context.register(register)
    return state is not None and state.kind == "scalar" and state.value == 0


def _of_constant(context: Context, facts: NumberOrigin, constant: Step, chain: Chain) -> Found:
    if _took_the_place(context, chain, constant):
        facts = replace(facts, cause=constant, why=Loss.OVERWRITTEN, layer=Layer.LOWERING)
        return Found(Outcome.COMPILER_CONSTANT, facts)
    if _is_another(context, facts.name):
        facts = replace(facts, name=None)
    return Found(Outcome.CONSTANT if constant.insn.imm else Outcome.NULL_GIVEN, facts)


def _is_another(context: Context, name: str | None) -> bool:
    """Whether the line names a variable that no constant is put into: the compiler folded what it reads."""
    place = context.source.place(context.step) if context.step is not None else None
    c = context.source.c(place.file) if place else None
    if c is None or place is None or not name or c.declaration_of(name, place.line) is None:
        return False
    return not any(_CONSTANT.search(each.value) for each in c.assignments(name))


def _of_address(context: Context, facts: NumberOrigin, chain: Chain) -> Outcome:
    """Where an address comes from that may be one of the kernel's or of a process."""
    unseen = context.raw.flavour.is_bcc
    step = context.step
    if step is not None and step.insn.op in (Op.STORE, Op.ATOMIC):
        return Outcome.STORED
    if chain.root_how is How.CONSTANT:
        return Outcome.COMPUTED
    if facts.read_from:
        return Outcome.LOADED_UNSEEN if unseen else Outcome.LOADED
    return Outcome.OTHER_UNSEEN if unseen else Outcome.OTHER


def _read_at(context: Context, step: Step, made: Step | None) -> tuple[str | None, Place | None]:
    """(what the address starts from, where it is followed) as the refused line is written."""
    place = context.source.place(step) if step.insn.base is not None else None
    c = context.source.c(place.file) if place else None
    if c is None or place is None:
        return None, None
    from bpfdoctor.source.kernel_reads import innermost, pointer_of, refused_reads

    read = innermost(refused_reads(c, place.line))
    if read is None:
        origin = context.source.place(made) if made is not None else None
        sets = c.assignments(None, origin.line, origin.line) if origin and origin.file == place.file else ()
        targets = {each.target for each in sets} & c.names_on(place.line)
        return (targets.pop() if len(targets) == 1 else None), None
    span = read.span
    exact = replace(place, column=span.column, end_column=span.end_column) if place.column is None else None
    return pointer_of(c, read), exact


def _constant(context: Context, register: str, chain: Chain) -> Step | None:
    """Where NULL, or an offset without its pointer, was put into what is used as a pointer."""
    made = chain.origin
    is_sum = made is None or made.insn.src is None or made.insn.operator in _MOVES
    if chain.how is How.ARITHMETIC and not is_sum:
        return None  # a calculation that the source asks for: no compiler moves a pointer so
    state = context.register(register)
    is_known = state is None or state.value is not None
    return chain.root if chain.root_how is How.CONSTANT and is_known else None


def _took_the_place(context: Context, chain: Chain, constant: Step) -> bool:
    """Whether the constant took the place of a pointer, or was moved as if it were one.

    Then it stands for a pointer on this path only: the code after it was made for another.
    """
    made = chain.origin
    if chain.how is How.ARITHMETIC and made is not None and made.insn.src is not None:
        return True
    frame = context.frame_before(constant)
    old = frame.regs.get(constant.insn.dst or "") if frame else None
    held = old is not None and old.kind in _VARIABLES and not old.nullable
    return held and _has_other_ways(context, constant)


def _has_other_ways(context: Context, constant: Step) -> bool:
    """Whether the use may also be reached without passing the constant: something jumps over it, or to it."""
    use = context.step
    if use is None:
        return False
    between = range(constant.insn.index + 1, use.insn.index + 1)
    for step in islice(context.trace.steps(), 1, Budget.PATH):
        if step.insn.op not in (Op.BRANCH, Op.GOTO):
            continue
        to_it = step.number == constant.number - 1 and step.insn.target == constant.insn.index
        if to_it or step.number > constant.number or step.insn.target in between:
            return True
    return False


def _apart(context: Context, made: Step | None, step: Step) -> bool:
    """Whether the value was made on another line than it is used, or at a column that is known."""
    origin, use = (context.source.place(each) if each is not None else None for each in (made, step))
    return origin is None or use is None or origin.column is not None or origin.line != use.line


def _is_narrow(context: Context, chain: Chain) -> bool:
    """Whether the number is a 32-bit field of the context: a packet pointer in programs of other types."""
    step = chain.root
    if step is None or step.insn.op is not Op.LOAD or step.insn.size != 4 or step.insn.src is None:
        return False
    frame = context.frame_before(step)
    base = frame.regs.get(step.insn.src) if frame else None
    return base is not None and base.kind == "ctx"
