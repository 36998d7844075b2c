"""What a helper or kfunc gets in an argument register, and where that value came from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.address_outcome import NOT_LOADED, TAKEN, Outcome, of_data, of_taken
from bpfdoctor.analysis.lib.argument import argument_of
from bpfdoctor.analysis.lib.chain import Chain, pointers_chain
from bpfdoctor.analysis.lib.data_address import data_address
from bpfdoctor.analysis.lib.lost_pointer import LostPointer
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.machine.endings import Ending
from bpfdoctor.model.diagnosis import Fact, Layer, Loss
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import How

_ALONE = ("fp", "map_ptr", "ctx")  # kinds that a call wants alone, so that two exchanged arguments show


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperArgs(LostPointer):
    """`argument` counts from 1. `given` is the user's expression for it; `swapped` is the other argument that
    holds what is wanted here, 0 for none. `clobbered` is the call that left the register empty; `origin` is
    on another line than the call.
    """

    callee: str | None
    argument: int
    given: str | None
    swapped: int
    clobbered: Step | None

    @property
    def passed(self) -> str:
        """`&key (R2)`, `R2`."""
        register = self.register.upper()
        return f"{self.given} ({register})" if self.given else register

    @property
    def both(self) -> tuple[int, int]:
        """The two arguments that are exchanged, in order."""
        return min(self.argument, self.swapped), max(self.argument, self.swapped)

    @property
    def by(self) -> str:
        """The function that is called."""
        return self.callee or "the call"

    @property
    def clobbered_by(self) -> str:
        return (self.clobbered.insn.callee if self.clobbered else None) or "the call"

    def public(self) -> Mapping[str, Fact]:
        return {
            **self.pointer(),
            "callee": self.callee,
            "argument": self.argument,
            "given": self.given,
            "swapped": self.swapped or None,
            "clobbered": self.clobbered,
        }


FACTS = HelperArgs
OUTCOMES = (
    *NOT_LOADED,
    *TAKEN,
    Outcome.GIVEN_AWAY,
    Outcome.RCU_ENDED,
    Outcome.CLOBBERED,
    Outcome.SWAPPED,
    Outcome.SWAPPED_READ,
    Outcome.MAP_NOT_LOADED,
    Outcome.TURNED,
    Outcome.UNSET,
    Outcome.OTHER,
)


def collect(context: Context) -> Found | NotShown:
    step, register = context.step, named(context)
    if step is None or step.insn.op is not Op.CALL or register is None:
        return NotShown("the log does not show the call")
    number = int(register[1:])
    chain, state = pointers_chain(context, step, register), context.register(register)
    scalar = state is None or state.kind == "scalar"
    lessened = _lessened(context, chain, state)
    invalidated = chain.invalidated if scalar else chain.lessened if lessened else None
    facts = HelperArgs(
        callee=step.insn.callee,
        argument=number,
        register=register,
        name=context.called(register),
        given=argument.text if (argument := argument_of(context)) else None,
        swapped=_swapped(context, step, number, state),
        origin=chain.origin if _apart(chain, step) else None,
        clobbered=chain.clobbered,
        invalidated=invalidated,
        ended_by=context.source.called(invalidated) if invalidated is not None else None,
        turned=chain.turned if scalar else None,
        unset=chain.unset if scalar else None,
        data=data_address(context, register) if scalar else None,
        cause=step,
        why=Loss.NEVER,
        registers=(register,),
    )
    return _with_cause(facts, chain, lessened, unset_map=_unset_map(context, chain, state))


def _lessened(context: Context, chain: Chain, state: RegState | None) -> Outcome | None:
    """What left less of the pointer, where the call takes what it was before."""
    if state is None or chain.lessening is None:
        return None
    if chain.lessening is Ending.GIVEN:
        return Outcome.GIVEN_AWAY if ("non_own_ref", "") in state.attributes else None
    expected = re.findall(r"\w+", str(context.captures.get("expected", "")))
    return Outcome.RCU_ENDED if "rcu_ptr_" in expected and "untrusted" in state.flags else None


def _with_cause(facts: HelperArgs, chain: Chain, lessened: Outcome | None, unset_map: bool) -> Found:
    if facts.data is not None:
        return Found(of_data(facts.data), facts)
    if facts.invalidated is not None:
        facts = replace(facts, cause=facts.invalidated, why=Loss.INVALIDATED)
        return Found(lessened or of_taken(chain), facts)
    if facts.clobbered is not None:
        return Found(Outcome.CLOBBERED, replace(facts, cause=facts.clobbered, why=Loss.INVALIDATED))
    if facts.swapped:
        outcome = Outcome.SWAPPED_READ if "probe_read" in facts.by else Outcome.SWAPPED
        turned = facts.turned
        return Found(outcome, replace(facts, cause=turned, why=Loss.TRUNCATED) if turned else facts)
    if facts.turned is not None:
        return Found(Outcome.TURNED, replace(facts, cause=facts.turned, why=Loss.TRUNCATED))
    if facts.unset is not None:
        return Found(Outcome.UNSET, facts)
    if unset_map:
        facts = replace(facts, layer=Layer.ENVIRONMENT)
    return Found(Outcome.MAP_NOT_LOADED if unset_map and not facts.given else Outcome.OTHER, facts)


def _unset_map(context: Context, chain: Chain, state: RegState | None) -> bool:
    """A constant, or the leftover of one, where a map is expected: the loader did not fill it in."""
    expected = str(context.captures.get("expected", "")).strip()
    number = state is not None and state.kind == "scalar"
    return number and expected == "map_ptr" and chain.root_how is How.CONSTANT


def _apart(chain: Chain, step: Step) -> bool:
    made = chain.origin
    computed = made is not None and (made.insn.op in (Op.CALL, Op.LOAD) or made.insn.src not in (None, "r10"))
    return made is not None and computed and made.comment != step.comment


def _swapped(context: Context, step: Step, number: int, state: RegState | None) -> int:
    """The other argument that holds what is wanted here: `bpf_map_lookup_elem(&key, &map)`; 0: none."""
    if "probe_read" in (step.insn.callee or ""):  # (destination, size, source): a number may be the source
        wanted = "fp" if number == 1 and (state is None or state.kind == "scalar") else None
    else:
        wanted = str(context.captures.get("expected", "")).strip()
    held = {at: context.register(f"r{at}") for at in range(1, 6) if at != number}
    return next((at for at, reg in held.items() if reg and reg.kind == wanted and wanted in _ALONE), 0)
