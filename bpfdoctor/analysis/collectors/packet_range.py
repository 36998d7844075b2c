"""Which bytes of the packet are read, which are proved to be there, and which check proved them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import held
from bpfdoctor.analysis.lib.packet_checks import (
    compared,
    earlier_read,
    end_of,
    of_another_sum,
    of_length,
    sum_in,
    twin,
    with_end,
    with_old_end,
)
from bpfdoctor.analysis.lib.unreached_check import check_elsewhere
from bpfdoctor.kernel import calls, limits
from bpfdoctor.model.diagnosis import Fact, Facts, Layer, Loss, Place
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.conditions import compares_sizes
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.digits import spelled
from bpfdoctor.trace.slice import Check
from bpfdoctor.trace.unshown import Unshown


class Outcome(Outcomes):
    NEVER_CHECKED = "no comparison mentions this pointer"
    TOO_SHORT = "a comparison covers some of the bytes"
    COVERS_NOTHING = "this pointer is compared, and none of the bytes is covered"
    WRONG_BRANCH = "this path is the one on which the packet is too short"
    CALL_MOVED_PACKET = "a call after the check may have moved the packet"
    OLD_END = "the pointer is compared with an end of the packet that was read before a call moved it"
    CHECKED_ELSEWHERE = "the check is on another path"
    READ_AGAIN = "the pointer was read from the context again after the check"
    LENGTH_COMPARED = "the packet's length was compared, as a number"
    OTHER_POINTER = "another pointer was compared"
    MOVED_AFTER_CHECK = "a number known only at run time was added after the check"
    SUM_NEVER_CHECKED = "a number known only at run time was added, and nothing was compared"
    SUM_TOO_SHORT = "the check after the addition covers too little"
    COMPILER_COPY = "the compiler checks one sum and uses another"
    TOO_LONG = "a loop has gone on to where no check counts any more"
    TOO_FAR = "the pointer may have moved too far for any check to count"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRange(Facts):
    """Bytes `first`..`last` are wanted, `proved` bytes are known to be there, from the pointer's base on.

    `moved` is the addition of a number known at run time only (older checks no longer count), `check` the
    newest comparison with the packet's end, `moved_by` the call that moved the packet itself. `reach` is how
    far the addition may move the pointer, None where nothing limits it; beyond limits.PACKET_OFFSET no check
    helps.
    `twin` is the check of another pointer that is the sum of the same two values. `lost` is where the pointer
    was read again after `check`; `elsewhere` a check in the source that is not on this path; `length` a
    comparison of the packet's length as a number. `mover` is the function that `moved_by` calls. `pointer` is
    the user's name for it, None when unknown.
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
    mover: str | None = None

    @property
    def packet_end(self) -> str:
        return self.end or "data_end"

    @property
    def moved_with(self) -> str:
        return self.mover or "the call"

    @property
    def missing(self) -> int:
        return max(self.last + 1 - self.proved, 1)

    @property
    def end_of_access(self) -> int:
        """How many bytes a check must cover."""
        return self.last + 1

    @property
    def last_proved(self) -> int:
        return self.proved - 1

    @property
    def touched(self) -> str:
        """`byte 36`, `bytes 36..37`."""
        return f"byte {self.first}" if self.size == 1 else f"bytes {self.first}..{self.last}"

    @property
    def called(self) -> str:
        """The pointer's name, else its register."""
        return self.pointer or self.register.upper()

    @property
    def furthest(self) -> str:
        return "any number of" if self.reach is None else spelled(self.reach)

    @property
    def out_of_reach(self) -> bool:
        """The check is there, and the verifier cannot use it."""
        late = self.check is not None and self.moved is not None and self.check.number > self.moved.number
        return late and (self.reach is None or self.reach + self.last >= limits.PACKET_OFFSET)

    def public(self) -> Mapping[str, Fact]:
        return {
            "pointer": self.pointer,
            "end": self.end,
            "first": self.first,
            "last": self.last,
            "size": self.size,
            "proved": self.proved,
            "reach": self.reach,
            "check": self.check,
            "moved": self.moved,
            "twin": self.twin,
            "moved_by": self.moved_by,
            "lost": self.lost,
            "elsewhere": self.elsewhere,
            "length": self.length,
        }


FACTS = PacketRange


def collect(context: Context) -> Found | NotShown:
    m, step = context.captures, context.step
    register = m.get("reg") or (step.insn.src if step and step.insn.op is Op.LOAD else None)
    state = context.register(register)
    size = m.get("size") or (step.insn.size if step else None)
    first = m.get("off", (step.insn.off or 0) + (state.off or 0) if step and state else None)
    if not isinstance(register, str) or not size or first is None:
        return NotShown("the log does not show which bytes of the packet are wanted")
    found = compared(context, step, register) if step else None
    check = found.step if found else next((each for each, _ in with_end(context)), None)
    if state is None and check is None and not context.shows_checks:
        context.trace.lacks(Unshown.STATES)  # which pointers are the packet's, and so the checks
    moved = sum_in(context, step, register, state) if step and (state or m.get("id")) else None
    pointer = context.called(register)
    facts = PacketRange(
        register=register,
        pointer=pointer,
        end=end_of(context, check),
        first=first,
        last=first + size - 1,
        size=size,
        proved=max(m.get("proved", state.checked if state else 0) or 0, 0),  # r=-2: past the end
        check=check,
        moved=moved,
        twin=twin(context, moved) if moved else None,
        moved_by=_moved_by(context, check),
        reach=state.range.umax if state else None,
        cause=step,
        registers=(register,),
    )
    return _with_cause(context, facts, found)


def _is_too_long(context: Context) -> bool:
    """Whether the newest comparison is of a pointer that has come further than any comparison counts."""
    step, name = next(with_end(context), (None, ""))
    state = held(context, step, step.frame, name) if step is not None else None
    return state is not None and (state.off or 0) > limits.PACKET_OFFSET


def _with_cause(context: Context, facts: PacketRange, own: Check | None) -> Found:
    """Where the proof was lost. `own` compares this very pointer, or one into the same place."""
    if facts.out_of_reach:
        facts = replace(facts, cause=facts.check, why=Loss.TOO_SMALL, layer=Layer.FALSE_POSITIVE)
        return Found(Outcome.TOO_FAR, facts)
    if facts.moved is not None:
        return _of_a_sum(context, facts, own)
    if own is not None and not facts.proved and facts.moved_by is None:
        # This very pointer is compared with the packet's end, and the comparison proves nothing.
        why = _wrong_way(context, own)
        outcome = Outcome.WRONG_BRANCH if why is Loss.OTHER_WAY else Outcome.COVERS_NOTHING
        return Found(outcome, replace(facts, cause=facts.check, why=why))
    step = context.step
    if step is not None and not facts.proved and (old := with_old_end(context, step, facts.register)):
        check, moved_by, name = old
        facts = replace(facts, check=check, moved_by=moved_by, end=context.called(name, check))
        facts = replace(facts, mover=context.source.called(moved_by))
        return Found(Outcome.OLD_END, replace(facts, cause=moved_by, why=Loss.INVALIDATED))
    if facts.moved_by is not None and facts.check is not None and not facts.proved:
        return Found(Outcome.CALL_MOVED_PACKET, replace(facts, cause=facts.moved_by, why=Loss.INVALIDATED))
    if (
        step is not None
        and facts.pointer
        and (elsewhere := check_elsewhere(context, step, facts.pointer, compares_sizes, leaves=True))
    ):
        return Found(Outcome.CHECKED_ELSEWHERE, replace(facts, why=Loss.MERGED, elsewhere=elsewhere))
    if facts.proved and facts.check is None and (length := of_length(context)) is not None:
        return Found(
            Outcome.LENGTH_COMPARED, replace(facts, length=length, cause=length, why=Loss.WRONG_VALUE)
        )
    if facts.proved and _is_too_long(context):
        facts = replace(facts, cause=facts.check, why=Loss.TOO_SMALL, layer=Layer.LIMIT)
        return Found(Outcome.TOO_LONG, facts)
    if facts.proved:
        return Found(Outcome.TOO_SHORT, replace(facts, why=Loss.TOO_SMALL))
    if context.captures.get("proved", 0) < 0:
        return Found(Outcome.WRONG_BRANCH, replace(facts, why=Loss.OTHER_WAY))
    if step is None:
        return Found(Outcome.NEVER_CHECKED, replace(facts, why=Loss.NEVER))
    if (reread := earlier_read(context, step, facts.register)) is not None:
        check, again = reread
        return Found(
            Outcome.READ_AGAIN, replace(facts, check=check, lost=again, cause=again, why=Loss.REREAD)
        )
    if (length := of_length(context)) is not None:
        return Found(
            Outcome.LENGTH_COMPARED, replace(facts, length=length, cause=length, why=Loss.WRONG_VALUE)
        )
    return Found(Outcome.NEVER_CHECKED, replace(facts, cause=step, why=Loss.NEVER))


def _of_a_sum(context: Context, facts: PacketRange, own: Check | None) -> Found:
    """A pointer plus a number known at run time only: it keeps no proof of what it was before."""
    check, moved = facts.check, facts.moved
    if check is None or moved is None:
        return Found(Outcome.SUM_NEVER_CHECKED, replace(facts, why=Loss.NEVER))
    if own is not None and check.number > moved.number:
        return Found(Outcome.SUM_TOO_SHORT, replace(facts, cause=check, why=Loss.TOO_SMALL))
    if facts.twin is not None:
        # Two sums of the same values: the verifier takes them for two different pointers.
        return Found(
            Outcome.COMPILER_COPY, replace(facts, cause=moved, why=Loss.RECOMPUTED, layer=Layer.LOWERING)
        )
    if (other := of_another_sum(context, moved)) is not None:
        return Found(Outcome.OTHER_POINTER, replace(facts, check=other, cause=other, why=Loss.WRONG_VALUE))
    return Found(Outcome.MOVED_AFTER_CHECK, replace(facts, why=Loss.CHANGED))


def _wrong_way(context: Context, own: Check) -> Loss:
    """OTHER_WAY when this path is the one on which the pointer lies after the packet's end."""
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
    """The newest call after the check that may have moved the packet."""
    for step in islice(context.trace.steps(), Budget.OBJECT):
        if check is not None and step.number < check.number:
            return None
        if step.insn.op is Op.CALL and calls.moves_packet(step.insn.callee or ""):
            return step
    return None
