"""What is known of the number that a message complains about, and where that was last checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.bound_on_other_value import Limit
from bpfdoctor.analysis.lib.bound_outcome import OF_ACCESS, OF_LOOP, Outcome, of_limit
from bpfdoctor.analysis.lib.bounds_check import limit
from bpfdoctor.analysis.lib.chain import held, maker
from bpfdoctor.analysis.lib.element_count import CountsElements, element_count
from bpfdoctor.analysis.lib.pointer_sum import added, is_pointer, number_in
from bpfdoctor.analysis.lib.subjects import ARGUMENTS, named
from bpfdoctor.analysis.lib.words import span
from bpfdoctor.kernel.limits import VARIABLE_OFFSET
from bpfdoctor.machine.number import signed_limits
from bpfdoctor.model.diagnosis import Category, Fact, Layer, Loss, Place
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import CalleeKind, Op, RegState, Step
from bpfdoctor.trace.slice import How, Origin, checks, slice_of
from bpfdoctor.trace.unshown import Unshown

_MUST_BE_CONSTANT = ("not a known constant", "not a const")  # up to 7.2, and from 7.3 on


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarRange(CountsElements):
    """`state` is the number as the verifier knows it at the refused instruction, `least`/`most` its bounds as
    a signed 64-bit number (None: unbounded). `origin` made it, `check` compared it last,
    and `lost` is where that stopped to count; `elsewhere` is a comparison in the source that is not on this
    path. `argument` is the call's argument, counted from 1.
    """

    register: str
    name: str | None
    state: RegState | None
    least: int | None
    most: int | None
    origin: Step | None
    check: Step | None
    lost: Step | None
    elsewhere: Place | None
    callee: str | None
    argument: int | None

    @property
    def called(self) -> str:
        """The number's name, else its register."""
        return self.name or self.register.upper()

    @property
    def lies_in(self) -> str:
        """`8..4294967295`, `8`, `0 or more`, `any number`."""
        return span(self.least, self.most)

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "kind": self.state.kind if self.state else None,
            "least": self.least,
            "most": self.most,
            "origin": self.origin,
            "check": self.check,
            "lost": self.lost,
            "elsewhere": self.elsewhere,
            **self.counted(),
            "callee": self.callee,
            "argument": self.argument,
        }


FACTS = ScalarRange
# What comes out has limits, and the verifier, up to 7.0, does not know them.
_NOT_WORKED_OUT = ("/=", "s/=", "%=", "s%=")
OUTCOMES = tuple(each for each in Outcome if each not in (*OF_ACCESS, *OF_LOOP))


def collect(context: Context) -> Found | NotShown:
    step = context.step
    register = named(context) or (_operand(context, step) if step else None)
    if step is None or register is None:
        if step is not None and context.frame_before(step) is not None:
            return NotShown("neither the message nor the refused instruction says which number is meant")
        context.trace.lacks(Unshown.STATES)  # only states show which of the arguments is meant
        return NotShown("the log has too little state to show which number is meant")
    state = context.register(register)
    least, most = signed_limits(state) if state is not None else (None, None)
    summed = added(context, step, register) if is_pointer(context, step, register, state) else None
    at, number = summed or (step, register)
    chain = slice_of(context.trace, at, number).made
    if any(words in context.finding.block.lines[0] for words in _MUST_BE_CONSTANT):
        known = Limit()  # no comparison makes one of it
    elif _is_about_zero(context):
        known = _about_zero(context, step, register)
    else:
        known = limit(context, at, number, _room(context, step, register, state))
    if state is None and known.why is Loss.NEVER and not context.shows_checks:
        context.trace.lacks(Unshown.STATES)  # where a limit was lost, only the numbers in the states show
    made = maker(chain)
    if state is None and made is not None and made.how is How.CONSTANT:  # a kernel that prints no state there
        least = most = made.step.insn.imm
    call = step.insn.op is Op.CALL
    facts = ScalarRange(
        register=register,
        name=context.called(register),
        state=state,
        least=least,
        most=most,
        origin=made.step if made else None,
        check=known.check,
        lost=known.apart,
        elsewhere=known.elsewhere,
        callee=step.insn.callee if call else None,
        argument=int(register[1:]) if call and register in ARGUMENTS else None,
        cause=known.cause or step,
        why=known.why,
        registers=_operands(step) if step.insn.op is Op.ALU else (register,),
        layer=known.layer,
        layer_shown=known.shown,
        elements=element_count(context, at, number, known, _room(context, step, register, state)),
    )
    if known.check is None and (unlimited := _unlimited(context, at, number, chain)) is not None:
        facts = replace(facts, cause=unlimited)
    if step.insn.op is Op.ALU:
        # A number that may be anything is added to a pointer: 7.3 calls that a matter of the register.
        facts = replace(facts, category=Category.REGISTER)
    if summed is not None and _is_below_zero(step, state, least, most):
        room = _room(context, step, register, state)
        end = (state.off or 0) + (step.insn.off or 0) + (most or 0) + (step.insn.size or 0) if state else 0
        inside = room is not None and end <= room
        return Found(Outcome.BELOW_ZERO, replace(facts, layer=Layer.FALSE_POSITIVE) if inside else facts)
    outcome = of_limit(known, facts.elements)
    if outcome is Outcome.NEVER_COMPARED:
        outcome = _source(context, made)
    return Found(outcome, facts)


def _unlimited(context: Context, at: Step, number: str, chain: Iterable[Origin]) -> Step | None:
    """Where a number that nothing compares lost its limits on the way, or was written as a constant.

    None: it never had any.
    """
    root = written = None
    is_limited = _is_limited(held(context, at, at.frame, number))
    for each in chain:
        if each.how is How.ENTRY:
            continue
        if root is not None and not is_limited and _limits(each):
            return root
        before = held(context, each.step, each.frame, each.sources[0]) if each.sources else None
        if not is_limited and _is_limited(before):
            return each.step
        root = each.step
        if each.how is How.CONSTANT or each.step.insn.operator in _NOT_WORKED_OUT:
            written = each.step
    return written


def _limits(each: Origin) -> bool:
    """Whether the instruction itself limits what it makes, whatever the log shows of the state."""
    insn = each.step.insn
    if each.how is How.ARITHMETIC:
        return insn.operator == "&=" and insn.imm is not None and 0 <= insn.imm < VARIABLE_OFFSET
    return insn.op is Op.LOAD and (insn.size or 8) < 4


def _is_limited(state: RegState | None) -> bool:
    least, most = signed_limits(state) if state is not None and state.kind == "scalar" else (None, None)
    return least is not None and most is not None and least >= 0 and most < VARIABLE_OFFSET


def _room(context: Context, step: Step, register: str, state: RegState | None) -> int | None:
    """The size of the memory that the number is an index or a length of."""
    if step.insn.op is Op.ALU:
        state = context.register(step.insn.dst if register == step.insn.src else step.insn.src)
    elif (
        step.insn.op is Op.CALL
        and register in ARGUMENTS[1:]
        and not is_pointer(context, step, register, state)
    ):
        state = context.register(f"r{int(register[1:]) - 1}")
    return state.value_size or state.mem_size if state is not None else None


def _is_below_zero(step: Step, state: RegState | None, least: int | None, most: int | None) -> bool:
    """Whether a pointer's offset may be negative by itself, and is none with what is constant in the access.

    check_mem_region_access() then asks for its largest unsigned value, which is that of -1.
    """
    if state is None or least is None or most is None or step.insn.op in (Op.CALL, Op.ALU):
        return False
    fixed = (state.off or 0) + (step.insn.off or 0)
    return least < 0 <= least + fixed and 0 <= most < VARIABLE_OFFSET


def _about_zero(context: Context, step: Step, register: str) -> Limit:
    """Nothing but the smallest value is wrong: any comparison of the number itself is meant."""
    check = next(iter(checks(context.trace, step, register)), None)
    return Limit(check.step, Loss.TOO_SMALL) if check else Limit()


def _is_about_zero(context: Context) -> bool:
    return "zero-sized" in context.finding.block.lines[0] or context.captures.get("size") == 0


def _source(context: Context, made: Origin | None) -> Outcome:
    """Where no comparison can be looked for: inline assembly, a function that is verified on its own."""
    if made is not None and made.how is How.CALL and made.step.insn.callee_kind is CalleeKind.SUBPROG:
        return Outcome.FROM_FUNCTION
    asm = made is not None and "asm" in (context.source.comment(made.step) or "").split("(")[0]
    return Outcome.FROM_ASSEMBLY if asm else Outcome.NEVER_COMPARED


def _operand(context: Context, step: Step) -> str | None:
    """For messages without a register: the operand, or the length, that is a number and no constant."""
    if step.insn.op is not Op.CALL:  # a jump, which a cut log may end with, has no operand
        return number_in(context, step) if step.insn.src or step.insn.dst else None
    frame = context.frame_before(step)
    regs = frame.regs if frame else {}
    lengths = [
        length
        for memory, length in pairwise(ARGUMENTS)
        if memory in regs and length in regs and regs[memory].kind != "scalar"
        if regs[length].kind == "scalar" and regs[length].value is None
    ]
    return lengths[0] if len(lengths) == 1 else None


def _operands(step: Step) -> tuple[str, ...]:
    return tuple(name for name in (step.insn.dst, step.insn.src) if name)
