"""Which bytes of the packet are read, which are proved to be there, and which check proved them."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.trace import Op, RegState, Step

# Both names of what a packet pointer may be compared with.
_ENDS = {"pkt_end"}
_STARTS = {"pkt", "pkt_meta"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRange(Facts):
    """Bytes `first`..`last` are wanted, `proved` bytes are known to be there, from the pointer's base on.

    `variable` means that the pointer was moved by a number known at run time only, so that older checks no
    longer count. `pointer` and `end` are the user's names. Source: find_good_pkt_pointers() and
    check_packet_access() in kernel/bpf/verifier.c.
    """

    register: str
    pointer: str | None
    end: str | None
    first: int
    last: int
    size: int
    proved: int
    variable: bool
    check: Step | None
    moved: Step | None

    @property
    def missing(self) -> int:
        return max(self.last + 1 - self.proved, 1)


def collect(context: Context) -> PacketRange | None:
    """None when the log does not show which bytes are wanted."""
    m, step = context.captures, context.step
    register = m.get("reg") or (step.insn.src if step and step.insn.op is Op.LOAD else None)
    state = context.register(register)
    size = m.get("size") or (step.insn.size if step else None)
    if not register or not size:
        return None
    first = m.get("off", (step.insn.off or 0) + (state.off or 0) if step and state else None)
    if first is None:
        return None
    proved = m.get("proved", state.checked if state else 0) or 0
    check, end = _check(context)
    moved = _moved(context, register, state)
    why, cause = Loss.NEVER, step
    if moved is not None and (check is None or check.number < moved.number):
        why, cause = Loss.RECOMPUTED if check else Loss.NEVER, moved
    elif proved and check is not None:
        why = Loss.TOO_SMALL
    return PacketRange(
        register=register,
        pointer=context.called(register),
        end=end,
        first=first,
        last=first + size - 1,
        size=size,
        proved=proved,
        variable=moved is not None,
        check=check,
        moved=moved,
        cause=cause,
        why=why,
        registers=(register,),
    )


def _check(context: Context) -> tuple[Step | None, str | None]:
    """The newest comparison of a packet pointer with the packet's end, and what the user calls that end."""
    for step in context.trace.steps():
        if step.insn.op is not Op.BRANCH or step.insn.src is None or step.insn.dst is None:
            continue
        frame = context.frame_before(step)
        kinds = (
            {name: frame.regs[name].kind for name in (step.insn.dst, step.insn.src) if name in frame.regs}
            if frame
            else {}
        )
        ends = [name for name, kind in kinds.items() if kind in _ENDS]
        if ends and any(kind in _STARTS for kind in kinds.values()):
            return step, context.called(ends[0], step)
    return None, None


def _moved(context: Context, register: str, state: RegState | None) -> Step | None:
    """The addition of a number known at run time only that gave the pointer its identity."""
    if state is None or state.id is None:
        return None
    for step in context.trace.steps():
        if step.insn.op is not Op.ALU or step.insn.operator != "+=" or step.insn.src is None:
            continue
        after = {frame.frame: frame for frame in context.trace.state_after(step)}.get(step.frame)
        made = after.regs.get(step.insn.dst or "") if after else None
        if made is not None and made.kind == state.kind and made.id == state.id:
            return step
    return None
