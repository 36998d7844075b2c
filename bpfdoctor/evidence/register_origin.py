"""What a register holds, which instruction put it there, and where it stopped being a pointer."""

from __future__ import annotations

from dataclasses import replace

from bpfdoctor.evidence.chain import Chain, chain_of, may_be_stale
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.data_address import WithData, data_address
from bpfdoctor.evidence.facts import Loss
from bpfdoctor.evidence.subjects import named
from bpfdoctor.model.diagnosis import Layer, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import How


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrigin(WithData):
    """`origin` is the step that made the value, behind all copies; None when nothing on the path wrote it.

    `copies` are the moves in between, newest first; `base` is what was dereferenced when it was loaded.
    `clobbered` is the call that left the register empty, `invalidated` the one that took the meaning of the
    pointer away (packet moved, object released; `was` is what it held before), `turned` the instruction
    that made a number of a pointer, `constant` the one that put a constant there, `narrow` a read of 32
    bits where a pointer has 64. `merged` says that the constant stands for a pointer on this path only: the
    code behind it was made for another. `apart`: the value was not made where it is used.
    """

    register: str
    name: str | None
    state: RegState | None
    origin: Step | None
    copies: tuple[Step, ...]
    base: RegState | None
    base_name: str | None
    clobbered: Step | None
    invalidated: Step | None
    was: RegState | None
    turned: Step | None
    constant: Step | None
    merged: bool
    apart: bool
    narrow: Step | None


def collect(context: Context) -> RegisterOrigin | None:
    step, register = context.step, named(context)
    if register is None or step is None:
        return None
    chain, state = chain_of(context, step, register), context.register(register)
    made = chain.origin
    base = None
    base_register = made.insn.src if made is not None and made.insn.op is Op.LOAD else None
    if made is not None and base_register is not None and (frame := context.frame_before(made)):
        base = frame.regs.get(base_register)
    # Without a state the message's own word counts: R1 invalid mem access 'pkt_end'.
    said = context.captures.get("kind", "ptr" if "type" in context.captures else "scalar")
    kind = state.kind if state is not None else said
    number = kind in ("scalar", "inv")
    if state is None and number and chain.invalidated is None and may_be_stale(context, step, chain.root):
        context.trace.ran_out = True
    pointer, exact = _read_at(context, step, made)
    data = data_address(context, register) if number else None
    return _with_cause(
        RegisterOrigin(
            register=register,
            name=context.called(register) or pointer,
            refused_at=data.use if data is not None else exact if number else None,
            state=state,
            origin=made,
            copies=chain.copies,
            base=base,
            base_name=context.called(base_register, made) if made else None,
            clobbered=chain.clobbered,
            invalidated=chain.invalidated if number else None,
            was=chain.was if number else None,
            turned=chain.turned if number else None,
            constant=_constant(chain) if number else None,
            merged=_merged(context, chain),
            apart=_apart(context, made, step),
            narrow=chain.root if number and _narrow(context, chain) else None,
            data=data,
            cause=step,
            why=Loss.NEVER,
            registers=(register,),
        ),
        step,
    )


def _with_cause(facts: RegisterOrigin, step: Step) -> RegisterOrigin:
    if facts.clobbered is not None:
        return replace(facts, cause=facts.clobbered, why=Loss.INVALIDATED)
    if facts.origin is None and step.insn.op is Op.STORE and step.insn.src == facts.register:
        # No line of C stores what was never set: the compiler keeps one slot for two ways through.
        return replace(facts, layer=Layer.LOWERING)
    if facts.invalidated is not None:
        return replace(facts, cause=facts.invalidated, why=Loss.INVALIDATED)
    if step.insn.op not in (Op.LOAD, Op.STORE, Op.ATOMIC) or facts.data is not None:
        return facts
    if facts.turned is not None:
        return replace(facts, cause=facts.turned, why=Loss.TRUNCATED)
    if facts.constant is not None:
        layer = Layer.LOWERING if facts.merged else None
        return replace(facts, cause=facts.constant, why=Loss.OVERWRITTEN, layer=layer)
    if facts.narrow is not None:
        return replace(facts, cause=facts.narrow, why=Loss.TRUNCATED)
    return facts


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


def _constant(chain: Chain) -> Step | None:
    """Where NULL, or an offset without its pointer, was put into what is used as a pointer."""
    return chain.root if chain.root_how is How.CONSTANT else None


def _merged(context: Context, chain: Chain) -> bool:
    """Whether the constant took the place of a pointer, or was moved as if it were one."""
    at = _constant(chain)
    if at is None or chain.how is How.ARITHMETIC:
        return at is not None
    frame = context.frame_before(at)
    old = frame.regs.get(at.insn.dst or "") if frame else None
    return old is not None and old.kind not in ("scalar", "?") and not old.nullable


def _apart(context: Context, made: Step | None, step: Step) -> bool:
    """Whether the value was made on another line than it is used, or at a column that is known."""
    origin, use = (context.source.place(each) if each is not None else None for each in (made, step))
    return origin is None or use is None or origin.column is not None or origin.line != use.line


def _narrow(context: Context, chain: Chain) -> bool:
    """Whether the number is a 32-bit field of the context: a packet pointer in programs of other types."""
    step = chain.root
    if step is None or step.insn.op is not Op.LOAD or step.insn.size != 4 or step.insn.src is None:
        return False
    frame = context.frame_before(step)
    base = frame.regs.get(step.insn.src) if frame else None
    return base is not None and base.kind == "ctx"
