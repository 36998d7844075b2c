"""What a helper or kfunc gets in an argument register, and where that value came from."""

from __future__ import annotations

from dataclasses import replace

from bpfdoctor.evidence.argument import argument_of
from bpfdoctor.evidence.chain import Chain, chain_of, may_be_stale
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.data_address import WithData, data_address
from bpfdoctor.evidence.facts import Loss
from bpfdoctor.evidence.subjects import named
from bpfdoctor.model.diagnosis import Layer
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import How

_ALONE = ("fp", "map_ptr", "ctx")  # kinds that a call wants alone, so that two exchanged arguments show


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperArgs(WithData):
    """`argument` counts from 1. `given` is the user's expression for it, `name` the variable, if known.

    `clobbered`, `invalidated`, `was` and `turned` as in RegisterOrigin. `unset_map` says that a number stands
    where the loader should have put a map.
    """

    callee: str | None
    argument: int | None
    register: str
    state: RegState | None
    name: str | None
    given: str | None
    swapped: int | None
    origin: Step | None
    clobbered: Step | None
    invalidated: Step | None
    was: RegState | None
    turned: Step | None
    unset_map: bool
    apart: bool  # the value was made on another source line than the call's


def collect(context: Context) -> HelperArgs | None:
    step, register = context.step, named(context)
    if step is None or step.insn.op is not Op.CALL or register is None:
        return None
    number = int(register[1:])
    chain, state = chain_of(context, step, register), context.register(register)
    if state is None and chain.invalidated is None and may_be_stale(context, step, chain.root):
        context.trace.ran_out = True
    scalar = state is None or state.kind == "scalar"
    given_away = state is not None and ("non_own_ref", "") in state.attributes  # a list or tree has it now
    facts = HelperArgs(
        callee=step.insn.callee,
        argument=number,
        register=register,
        state=state,
        name=context.called(register),
        given=argument.text if (argument := argument_of(context)) else None,
        swapped=_swapped(context, step, number, state),
        origin=chain.origin,
        clobbered=chain.clobbered,
        invalidated=chain.invalidated if scalar or given_away else None,
        was=chain.was if scalar else None,
        turned=chain.turned if scalar else None,
        unset_map=_unset_map(context, chain, state),
        apart=_apart(chain, step),
        data=data_address(context, register) if scalar else None,
        cause=step,
        why=Loss.NEVER,
        registers=(register,),
    )
    return _with_cause(facts)


def _with_cause(facts: HelperArgs) -> HelperArgs:
    if facts.clobbered is not None:
        return replace(facts, cause=facts.clobbered, why=Loss.INVALIDATED)
    if facts.invalidated is not None:
        return replace(facts, cause=facts.invalidated, why=Loss.INVALIDATED)
    if facts.turned is not None:
        return replace(facts, cause=facts.turned, why=Loss.TRUNCATED)
    if facts.unset_map:
        return replace(facts, layer=Layer.ENVIRONMENT)
    return facts


def _unset_map(context: Context, chain: Chain, state: RegState | None) -> bool:
    """A constant, or the leftover of one, where a map is expected: the loader did not fill it in."""
    expected = str(context.captures.get("expected", "")).strip()
    number = state is not None and state.kind == "scalar"
    return number and expected == "map_ptr" and chain.root_how is How.CONSTANT


def _apart(chain: Chain, step: Step) -> bool:
    made = chain.origin
    computed = made is not None and (made.insn.op in (Op.CALL, Op.LOAD) or made.insn.src not in (None, "r10"))
    return made is not None and computed and made.comment != step.comment


def _swapped(context: Context, step: Step, number: int, state: RegState | None) -> int | None:
    """The other argument that holds what is wanted here: `bpf_map_lookup_elem(&key, &map)`."""
    if "probe_read" in (step.insn.callee or ""):  # (destination, size, source): a number may be the source
        wanted = "fp" if number == 1 and (state is None or state.kind == "scalar") else None
    else:
        wanted = str(context.captures.get("expected", "")).strip()
    held = {at: context.register(f"r{at}") for at in range(1, 6) if at != number}
    return next((at for at, reg in held.items() if reg and reg.kind == wanted and wanted in _ALONE), None)
