"""Which bytes of the packet are read, which are proved to be there, and which check proved them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.elsewhere import check_elsewhere
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.packet_checks import (
    compared,
    earlier_read,
    end_of,
    of_another_sum,
    of_length,
    sum_in,
    twin,
    with_end,
)
from bpfdoctor.model.diagnosis import Layer, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.conditions import compares_sizes
from bpfdoctor.trace.slice import Check

_LOOKED_AT = 2000  # steps, newest first
# A pointer that may have moved further than this gets no proof from any comparison.
# Source: MAX_PACKET_OFF, kernel/bpf/verifier.c.
FURTHEST = 0xFFFF
# Calls that may move the packet, so that every pointer into it is forgotten.
# Source: bpf_helper_changes_pkt_data(), net/core/filter.c.
_MOVES = (
    "skb_change", "skb_vlan", "skb_store_bytes", "skb_pull_data", "skb_adjust_room", "skb_set_tunnel_key",
    "xdp_adjust", "l3_csum_replace", "l4_csum_replace", "clone_redirect", "msg_pull_data", "msg_push_data",
    "msg_pop_data", "lwt_push_encap", "lwt_seg6", "store_hdr_opt", "reserve_hdr_opt", "tail_call",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRange(Facts):
    """Bytes `first`..`last` are wanted, `proved` bytes are known to be there, from the pointer's base on.

    `moved` is the addition of a number known at run time only (older checks no longer count), `check` the
    newest comparison with the packet's end, `moved_by` the call that moved the packet itself. `reach` is how
    far the addition may move the pointer, None where nothing limits it; beyond FURTHEST no check helps.
    `twin` is the check of another pointer that is the sum of the same two values. `lost` is where the pointer
    was read again after `check`; `elsewhere` a check in the source that is not on this path; `length` a
    comparison of the packet's length as a number.
    """

    register: str
    pointer: str | None
    end: str | None
    first: int
    last: int
    size: int
    proved: int
    check: Step | None
    moved: Step | None
    twin: Step | None
    moved_by: Step | None
    reach: int | None
    lost: Step | None = None
    elsewhere: Place | None = None
    length: Step | None = None

    @property
    def missing(self) -> int:
        return max(self.last + 1 - self.proved, 1)

    @property
    def variable(self) -> bool:
        return self.moved is not None

    @property
    def out_of_reach(self) -> bool:
        """The check is there, and the verifier cannot use it."""
        late = self.check is not None and self.moved is not None and self.check.number > self.moved.number
        return late and (self.reach is None or self.reach + self.last >= FURTHEST)


def collect(context: Context) -> PacketRange | None:
    """None when the log does not show which bytes are wanted."""
    m, step = context.captures, context.step
    register = m.get("reg") or (step.insn.src if step and step.insn.op is Op.LOAD else None)
    state = context.register(register)
    size = m.get("size") or (step.insn.size if step else None)
    first = m.get("off", (step.insn.off or 0) + (state.off or 0) if step and state else None)
    if not isinstance(register, str) or not size or first is None:
        return None
    found = compared(context, step, register) if step else None
    check = found.step if found else next((each for each, _ in with_end(context)), None)
    if state is None and check is None and not context.shows_checks:
        context.trace.ran_out = True  # only states show which pointers are the packet's, and so the checks
    moved = sum_in(context, step, register, state) if step and (state or m.get("id")) else None
    pointer = context.called(register)
    facts = PacketRange(
        register=register,
        pointer=pointer,
        end=end_of(context, check),
        first=first,
        last=first + size - 1,
        size=size,
        proved=m.get("proved", state.checked if state else 0) or 0,
        check=check,
        moved=moved,
        twin=twin(context, moved) if moved else None,
        moved_by=_moved_by(context, check),
        reach=state.range.umax if state else None,
        cause=step,
        registers=(register,),
    )
    return _with_cause(context, facts, found)


def _with_cause(context: Context, facts: PacketRange, own: Check | None) -> PacketRange:
    """Where the proof was lost. `own` compares this very pointer, or one into the same place."""
    if facts.out_of_reach:
        return replace(facts, cause=facts.check, why=Loss.TOO_SMALL, layer=Layer.FALSE_POSITIVE)
    if facts.moved is not None:
        return _of_a_sum(context, facts, own)
    if own is not None and not facts.proved and facts.moved_by is None:
        # This very pointer is compared with the packet's end, and the comparison proves nothing.
        return replace(facts, cause=facts.check, why=_wrong_way(context, own))
    if facts.moved_by is not None and not facts.proved:
        return replace(facts, cause=facts.moved_by, why=Loss.INVALIDATED)
    step = context.step
    if (
        step is not None
        and facts.pointer
        and (elsewhere := check_elsewhere(context, step, facts.pointer, compares_sizes, leaves=True))
    ):
        return replace(facts, why=Loss.MERGED, elsewhere=elsewhere)
    if facts.proved or step is None:
        return replace(facts, why=Loss.TOO_SMALL if facts.proved else Loss.NEVER)
    if (reread := earlier_read(context, step, facts.register)) is not None:
        check, again = reread
        return replace(facts, check=check, lost=again, cause=again, why=Loss.REREAD)
    length = of_length(context)
    return replace(facts, length=length, cause=length or step, why=Loss.WRONG_VALUE if length else Loss.NEVER)


def _of_a_sum(context: Context, facts: PacketRange, own: Check | None) -> PacketRange:
    """A pointer plus a number known at run time only: it keeps no proof of what it was before."""
    check, moved = facts.check, facts.moved
    if check is None or moved is None:
        return replace(facts, why=Loss.NEVER)
    if own is not None and check.number > moved.number:
        return replace(facts, cause=check, why=Loss.TOO_SMALL)
    if facts.twin is not None:
        # Two sums of the same values: the verifier takes them for two different pointers.
        return replace(facts, cause=moved, why=Loss.RECOMPUTED, layer=Layer.LOWERING)
    if (other := of_another_sum(context, moved)) is not None:
        return replace(facts, check=other, cause=other, why=Loss.WRONG_VALUE)
    return replace(facts, why=Loss.CHANGED)


def _wrong_way(context: Context, own: Check) -> Loss:
    """OTHER_WAY when this path is the one on which the pointer lies behind the packet's end."""
    step, taken = own.step, own.step.taken
    frames = context.trace.state_after(step)
    end_is_left = any(
        reg.kind == "pkt_end"
        for frame in frames
        if frame.frame == step.frame
        for name, reg in frame.regs.items()
        if name == step.insn.dst
    )
    if taken is None:
        return Loss.TOO_SMALL
    larger = (step.insn.operator or "") in (">", ">=")
    return Loss.OTHER_WAY if (larger == taken) != end_is_left else Loss.TOO_SMALL


def _moved_by(context: Context, check: Step | None) -> Step | None:
    """The newest call behind the check that may have moved the packet."""
    for step in islice(context.trace.steps(), _LOOKED_AT):
        if check is not None and step.number < check.number:
            return None
        if step.insn.op is Op.CALL and any(part in (step.insn.callee or "") for part in _MOVES):
            return step
    return None
