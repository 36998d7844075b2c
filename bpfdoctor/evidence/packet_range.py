"""Which bytes of the packet are read, which are proved to be there, and which check proved them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.diagnosis import Layer
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import Check, How, checks, origin

_LOOKED_AT = 2000  # steps, newest first
_MOST_BRANCHES = 10  # comparisons looked at for a twin of the pointer
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
    `twin` is the check of another pointer that is the sum of the same two values.
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
    if state is None:
        context.trace.ran_out = True  # only states show which pointers are the packet's, and so the checks
    size = m.get("size") or (step.insn.size if step else None)
    first = m.get("off", (step.insn.off or 0) + (state.off or 0) if step and state else None)
    if not isinstance(register, str) or not size or first is None:
        return None
    compared = _compared(context, step, register) if step else None
    check = compared.step if compared else _any_check(context)
    moved = _moved(context, register, state)
    facts = PacketRange(
        register=register,
        pointer=context.called(register),
        end=_end(context, check),
        first=first,
        last=first + size - 1,
        size=size,
        proved=m.get("proved", state.checked if state else 0) or 0,
        check=check,
        moved=moved,
        twin=_twin(context, moved) if moved else None,
        moved_by=_moved_by(context, check),
        reach=state.range.umax if state else None,
        registers=(register,),
    )
    return _with_cause(facts, step, compared is not None)


def _with_cause(facts: PacketRange, step: Step | None, compared: bool) -> PacketRange:
    from dataclasses import replace

    if facts.out_of_reach:
        return replace(facts, cause=facts.check, why=Loss.TOO_SMALL, layer=Layer.FALSE_POSITIVE)
    if facts.moved is not None:
        late = compared and facts.check is not None and facts.check.number > facts.moved.number
        if late:
            return replace(facts, cause=facts.check, why=Loss.TOO_SMALL)
        if facts.twin is not None:
            # Two sums of the same values: the verifier takes them for two different pointers.
            return replace(facts, cause=facts.moved, why=Loss.RECOMPUTED, layer=Layer.LOWERING)
        return replace(facts, cause=step, why=Loss.RECOMPUTED if facts.check else Loss.NEVER)
    if compared and not facts.proved and facts.moved_by is None:
        # This very pointer is compared with the packet's end, and the comparison proves nothing.
        return replace(facts, cause=facts.check, why=Loss.TOO_SMALL)
    if facts.moved_by is not None and not facts.proved:
        return replace(facts, cause=facts.moved_by, why=Loss.INVALIDATED)
    return replace(facts, cause=step, why=Loss.TOO_SMALL if facts.proved else Loss.NEVER)


def _compared(context: Context, step: Step, register: str) -> Check | None:
    """The newest comparison of this pointer, or another into the same place, with the packet's end."""
    for check in checks(context.trace, step, register):
        frame = context.frame_before(check.step)
        regs = frame.regs if frame else {}
        insn = check.step.insn
        kinds = {regs[name].kind for name in (insn.dst, insn.src) if name and name in regs}
        if "pkt_end" in kinds or not kinds:
            return check
    return None


def _any_check(context: Context) -> Step | None:
    """The newest comparison of any packet pointer with the packet's end."""
    for step in islice(context.trace.steps(), _LOOKED_AT):
        if step.insn.op is Op.BRANCH and step.insn.src and step.insn.dst:
            frame = context.frame_before(step)
            names = (step.insn.dst, step.insn.src)
            kinds = {frame.regs[name].kind for name in names if name in frame.regs} if frame else set()
            if "pkt_end" in kinds and kinds & {"pkt", "pkt_meta"}:
                return step
    return None


def _end(context: Context, check: Step | None) -> str | None:
    """What the user calls the packet's end in that comparison."""
    frame = context.frame_before(check) if check else None
    if check is None or frame is None:
        return None
    names = (check.insn.dst, check.insn.src)
    ends = [name for name in names if name and name in frame.regs and frame.regs[name].kind == "pkt_end"]
    return context.called(ends[0], check) if ends else None


def _moved(context: Context, register: str, state: RegState | None) -> Step | None:
    """The addition of a number known at run time only that gave the pointer its identity."""
    return _sum(context, context.step, register, state) if context.step else None


def _sum(context: Context, step: Step, register: str, state: RegState | None) -> Step | None:
    if state is None or state.id is None:
        return None
    for found in origin(context.trace, step, register):
        if found.how is not How.ARITHMETIC or len(found.sources) < 2:
            continue
        after = {frame.frame: frame for frame in context.trace.state_after(found.step)}.get(found.frame)
        made = after.regs.get(found.place) if after else None
        if made is not None and made.kind == state.kind and made.id == state.id:
            return found.step
    return None


def _twin(context: Context, moved: Step) -> Step | None:
    """A comparison with the packet's end of another pointer to which the same number was added."""
    number = _added(context, moved)
    if number is None:
        return None
    seen: set[int] = set()
    for step in islice(context.trace.steps(), 1, _LOOKED_AT):
        if step.insn.op is not Op.BRANCH or not step.insn.src or not step.insn.dst or step.insn.index in seen:
            continue
        seen.add(step.insn.index)  # in a loop the last round is the one that counts
        if len(seen) > _MOST_BRANCHES:
            return None
        frame = context.frame_before(step)
        regs = {name: frame.regs.get(name) for name in (step.insn.dst, step.insn.src)} if frame else {}
        if not any(reg and reg.kind == "pkt_end" for reg in regs.values()):
            continue
        for name, reg in regs.items():
            other = _sum(context, step, name, reg) if reg and reg.kind in ("pkt", "pkt_meta") else None
            if other is not None and other != moved and _added(context, other) == number:
                return step
    return None


def _added(context: Context, moved: Step) -> tuple[int, str] | None:
    """Where the number that the addition adds was made: (step number, place)."""
    frame = context.frame_before(moved)
    for name in (moved.insn.src, moved.insn.dst):
        reg = frame.regs.get(name) if frame and name else None
        if name is not None and reg is not None and reg.kind == "scalar":
            made = next(
                (o for o in origin(context.trace, moved, name) if o.how not in (How.COPY, How.REFINED)), None
            )
            return (made.step.number, made.place) if made else None
    return None


def _moved_by(context: Context, check: Step | None) -> Step | None:
    """The newest call behind the check that may have moved the packet."""
    for step in islice(context.trace.steps(), _LOOKED_AT):
        if check is not None and step.number < check.number:
            return None
        if step.insn.op is Op.CALL and any(part in (step.insn.callee or "") for part in _MOVES):
            return step
    return None
