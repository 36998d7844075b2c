"""One walk back along the failing path, with a list of places whose values are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bpfdoctor.kernel import calls
from bpfdoctor.machine.endings import Ending, Held, ending, lessened
from bpfdoctor.machine.helper_memory import may_write
from bpfdoctor.machine.memory import stack_place
from bpfdoctor.machine.state import CALLER_SAVED
from bpfdoctor.machine.value import PACKET_POINTERS, is_pointer, of_frame, stack_offset
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import CalleeKind, FrameState, Holder, Insn, Op, RegState, StackPlace, Step
from bpfdoctor.trace.origins import AddressOrigin, How, Origin, Relation, Role
from bpfdoctor.trace.path import Trace
from bpfdoctor.trace.stack_writes import StackBytes, call_writes, may_hit
from bpfdoctor.trace.unshown import Unshown
from bpfdoctor.trace.visits import StateOrigin, Visit, enters

# How many steps of a slice before it is given up; the rest is UNKNOWN then.
_MOST = 200


@dataclass(slots=True)
class Want:
    """A place whose value is being traced: a register, or `size` bytes of the stack."""

    frame: int
    place: Holder
    size: int = 8
    role: Role | None = Role.VALUE  # None: it is part of an address
    wanted_by: int | None = None
    changed: bool = False  # between here and the register asked about the value was changed
    is_over: bool = False  # it is a number from here on, and a pointer before: what ended it is still wanted


# Which register of the caller a helper hands to its callback, under which name.
_HANDED_ON = {
    "bpf_loop": {"r2": "r3"},
    "bpf_for_each_map_elem": {"r4": "r3"},
    "bpf_user_ringbuf_drain": {"r2": "r3"},
    "bpf_find_vma": {"r3": "r4"},
}


class Back:
    """Walks back from `step` over at most `limit` steps; `found` is what made the values, newest first."""

    def __init__(self, trace: Trace, step: Step, limit: int) -> None:
        self._trace = trace
        self._start = -1 - step.number
        self._limit = limit
        self.found: list[Origin | AddressOrigin] = []

    def run(self, first: Want) -> list[Origin | AddressOrigin]:
        wants = [] if first.place == "r10" else [first]
        for at in range(self._start + 1, self._start + 1 + self._limit):
            newer, visit = self._trace.visit(at - 1), self._trace.visit(at)
            if not wants or newer is None or len(self.found) >= _MOST:
                return self.found
            if visit is None or newer.gap:
                if self._trace.is_hidden(at):
                    self._trace.lacks(Unshown.STEPS)
                self._end(wants, at - 1, complete=visit is None and not self._trace.holes)
                return self.found
            wants = [new for want in wants for new in self.before(want, at, visit, newer)]
        self._end(wants, self._start + self._limit, complete=False)
        return self.found

    def _note(self, how: How, at: int, want: Want, *sources: Holder, **more: Any) -> int:
        """Adds an origin and returns its index."""
        step = self._trace.step(at)
        assert step is not None  # `at` is a visit that was just looked at
        place, frame = more.pop("place", want.place), more.pop("frame", want.frame)
        fields = (how, step, place, frame, sources, want.wanted_by)
        if want.role is None:
            self.found.append(AddressOrigin(*fields, **more))
        else:
            self.found.append(Origin(*fields, **more, role=want.role))
        return len(self.found) - 1

    def _end(self, wants: list[Want], at: int, complete: bool) -> None:
        """The path begins at `at` (or is not known any further)."""
        for want in wants:
            arguments = ("r1",) if self._index(at) == 0 else CALLER_SAVED[1:]
            how = How.ENTRY if want.place in arguments else How.UNSET
            self._note(how if complete else How.UNKNOWN, at, want)

    def _index(self, at: int) -> int:
        visit = self._trace.visit(at)
        return visit.insn.index if visit is not None else -1

    # One instruction back

    def before(self, want: Want, at: int, visit: Visit, newer: Visit) -> Iterator[Want]:
        """The places that hold the wanted value before `visit`, given where it is before `newer`."""
        frame = self._trace.frame(at)
        if enters(visit, newer) > 0:
            if want.frame == self._trace.frame(at - 1):
                yield from self._into_caller(want, at, visit, frame)
            elif want.frame == frame and want.place in CALLER_SAVED:  # after the return nothing is in there
                how = How.CLOBBERED if want.place != "r0" else How.CALL
                self._note(how, at, want, callee=visit.insn.callee)
            else:
                yield self._kept(want, at, visit.insn, is_entered=True)
        elif visit.insn.op is Op.EXIT and want.frame == frame - 1 and isinstance(want.place, str):
            yield from self._into_callee(want, at, visit, newer, frame)
        elif isinstance(want.place, StackPlace):
            yield from self._slot(want, want.place.offset, at, visit.insn, frame)
        elif want.frame == frame:
            yield from self._register(want, at, visit.insn)
        else:
            yield self._kept(want, at, visit.insn)
            self._branch(want, at, visit.insn, frame)

    def _kept(self, want: Want, at: int, insn: Insn, *, is_entered: bool = False) -> Want:
        """The same place; what ended a pointer that was there (packet moved, reference released) is noted.

        States that are not printed hold what is sure to happen; where one that is, or the message, shows a
        number that nothing made of the pointer, the newest step is looked for that can have done it.
        """
        if want.role is not Role.VALUE:
            return want
        was, is_now = self._held(want, at), self._held(want, at - 1)
        if was is not None and not is_pointer(was):
            return want
        if not want.is_over:
            if was is None:
                return want
            if is_now is not None and is_now.kind == was.kind:
                why = lessened(insn, was, is_now) if insn.op is Op.CALL else None
                return want if why is None else self._ended(want, at, insn, why)
            if insn.op is Op.CALL and is_now is None:
                return self._ended(want, at, insn, self._ending(want, at, insn, was, is_entered))
            if is_now is None or is_now.kind != "scalar" or (insn.op is Op.BRANCH and is_now.value == 0):
                return want
            want = replace(want, is_over=True)
        why = self._ending(want, at, insn, was, is_entered)
        return want if why is None else self._ended(want, at, insn, why)

    def _ended(self, want: Want, at: int, insn: Insn, why: Ending | None) -> Want:
        index = self._note(How.INVALIDATED, at, want, callee=insn.callee, ending=why or Ending.RELEASED)
        return replace(want, wanted_by=index, is_over=False)

    def _ending(
        self, want: Want, at: int, insn: Insn, was: RegState | None, is_entered: bool
    ) -> Ending | None:
        if insn.op not in (Op.CALL, Op.STORE, Op.ATOMIC):
            return None
        step = self._trace.step(at)
        assert step is not None
        state = {each.frame: each for each in self._trace.state_before(step)}
        is_slice, dynptr = self._dynptr(want, at) if was is None or was.kind == "mem" else (False, None)
        held = Held(was, dynptr, is_slice)
        return ending(insn, held, state, self._trace.frame(at), is_entered=is_entered)

    def _dynptr(self, want: Want, at: int) -> tuple[bool, tuple[int, int] | None]:
        """Whether the pointer is memory of a dynptr, and (frame, offset) of that on the stack."""
        step = self._trace.step(at)
        assert step is not None
        for each in Back(self._trace, step, self._limit).run(Want(want.frame, want.place, want.size)):
            if each.how is How.CALL and calls.gives_slice(each.callee or ""):
                frame = self._frame(-1 - each.step.number, each.step.frame)
                reg = frame.regs.get("r1")
                off = stack_offset(reg)
                place = (of_frame(reg, frame.frame), off) if reg is not None and off is not None else None
                return True, place
        return False, None

    def _into_caller(self, want: Want, at: int, call: Visit, frame: int) -> Iterator[Want]:
        insn = call.insn
        if want.place not in CALLER_SAVED[1:]:
            self._note(How.UNSET, at, want)
        elif insn.callee_kind is CalleeKind.SUBPROG:
            index = self._note(How.ARGUMENT, at, want, want.place, callee=insn.callee)
            yield replace(want, frame=frame, wanted_by=index)
        else:
            handed = _HANDED_ON.get(insn.callee or "", {}).get(str(want.place))
            sources = (handed,) if handed else ()
            index = self._note(How.CALLBACK, at, want, *sources, callee=insn.callee)
            if handed:
                yield replace(want, frame=frame, place=handed, wanted_by=index)

    def _into_callee(self, want: Want, at: int, visit: Visit, newer: Visit, frame: int) -> Iterator[Want]:
        callback = any(
            told.origin is StateOrigin.RETURNING and "cb" in told.state.flags for told in newer.told(visit)
        )
        if want.place == "r0" and not callback:
            yield replace(want, frame=frame, wanted_by=self._note(How.RETURNED, at, want, "r0"))
        else:  # r1..r5: the call itself has emptied them
            yield want

    def _register(self, want: Want, at: int, insn: Insn) -> Iterator[Want]:
        if insn.written == want.place:
            yield from self._defined(want, at, insn)
        elif insn.clobbers and want.place in CALLER_SAVED:
            how = How.CALL if want.place == "r0" else How.CLOBBERED
            self._note(how, at, want, callee=insn.callee)
        else:
            yield self._kept(want, at, insn)
            self._branch(want, at, insn, want.frame)

    def _defined(self, want: Want, at: int, insn: Insn) -> Iterator[Want]:
        """The instruction wrote the wanted register."""
        if insn.op is Op.MOVE and insn.imm is not None:
            self._note(How.CONSTANT, at, want)
        elif insn.op is Op.MOVE:
            same = insn.operator == "=" and insn.width == 64
            yield from self._from_registers(How.COPY if same else How.CAST, want, at, insn.src)
        elif insn.op is Op.ALU:
            operand = insn.src if insn.src != insn.dst else None
            yield from self._from_registers(How.ARITHMETIC, want, at, insn.dst, operand)
        else:
            yield from self._loaded(want, at, insn)

    def _from_registers(
        self, how: How, want: Want, at: int, main: str | None, operand: str | None = None
    ) -> Iterator[Want]:
        index = self._note(how, at, want, *(name for name in (main, operand) if name))
        changed = want.changed or how is not How.COPY
        if main is not None and main != "r10":
            yield replace(want, place=main, wanted_by=index, changed=changed)
        if operand is not None and operand != "r10":
            role = _of_operand(want.role)
            yield replace(want, place=operand, role=role, wanted_by=index, changed=False)

    def _loaded(self, want: Want, at: int, insn: Insn) -> Iterator[Want]:
        base = insn.dst if insn.op is Op.ATOMIC else insn.src
        where = (
            stack_place(insn, base, self._frame(at, want.frame).regs, want.frame)
            if insn.op is Op.LOAD
            else None
        )
        if where is not None:
            owner, off = where
            index = self._note(How.FILL, at, want, StackPlace(off))
            yield replace(want, frame=owner, place=StackPlace(off), size=insn.size or 8, wanted_by=index)
            return
        index = self._note(How.LOAD, at, want, base or "")
        if base is not None and base != "r10":
            yield replace(want, place=base, role=None, wanted_by=index, changed=False)

    # Stack

    def _slot(self, want: Want, off: int, at: int, insn: Insn, frame: int) -> Iterator[Want]:
        if insn.op in (Op.STORE, Op.ATOMIC):
            where = stack_place(insn, insn.dst, self._frame(at, frame).regs, frame)
            size = insn.size or 0
            if (
                where is None
                or where[0] != want.frame
                or not (where[1] < off + want.size and off < where[1] + size)
            ):
                wanted = StackBytes(want.frame, off, want.size)
                is_hit = where is None and may_hit(insn, self._frame(at, frame), wanted)
                yield self._overwritten(want, at, insn) if is_hit else want
                return
            if (where[1], size) != (off, want.size) or insn.op is Op.ATOMIC or frame != want.frame:
                want = self._overwritten(want, at, insn)
            how = How.ARITHMETIC if insn.op is Op.ATOMIC else How.SPILL if insn.imm is None else How.CONSTANT
            sources = (insn.src,) if insn.src else ()
            index = self._note(how, at, want, *sources, place=StackPlace(where[1]))
            if insn.src is not None:
                role = _of_operand(want.role) if insn.op is Op.ATOMIC else want.role
                yield replace(want, frame=frame, place=insn.src, role=role, wanted_by=index)
            if insn.op is Op.ATOMIC:
                yield want
                return
            if where[1] > off:  # the other bytes are older
                yield replace(want, size=where[1] - off)
            if (behind := where[1] + size) < off + want.size:
                yield replace(want, place=StackPlace(behind), size=off + want.size - behind)
        elif insn.op is Op.CALL and self._fills(want, off, at, insn, frame):
            index = self._note(How.WRITTEN, at, want, callee=insn.callee)
            before = replace(want, wanted_by=index)
            if (kept := self._overwritten(before, at, insn)) is not before:
                yield kept
        else:
            yield self._kept(want, at, insn)
            self._branch(want, at, insn, frame)

    def _overwritten(self, want: Want, at: int, insn: Insn) -> Want:
        """The same bytes; that a pointer was kept there, and none is any more, is noted."""
        was, is_now = self._held(want, at), self._held(want, at - 1)
        if want.role is not Role.VALUE or was is None or not is_pointer(was):
            return want
        is_kept = is_now is not None and is_pointer(is_now)
        return want if is_kept else self._ended(want, at, insn, Ending.OVERWRITTEN)

    def _fills(self, want: Want, off: int, at: int, insn: Insn, frame: int) -> bool:
        """Whether the helper wrote the wanted bytes."""
        callee = insn.callee or ""
        told = call_writes(callee, self._frame(at, frame), StackBytes(want.frame, off, want.size))
        if told is not None:
            return told
        slot = off - off % 8
        before = self._frame(at, want.frame).stack.get(slot)
        step = self._trace.step(at)
        assert step is not None
        after = next(
            (f.stack.get(slot) for f in self._trace.state_after(step) if f.frame == want.frame), None
        )
        return before != after or may_write(callee)

    def _frame(self, at: int, number: int) -> FrameState:
        return frame_before(self._trace, at, number)

    # Branches

    def _branch(self, want: Want, at: int, insn: Insn, frame: int) -> None:
        """Notes a branch that compared the wanted value or a copy of it."""
        if insn.op is not Op.BRANCH:
            return
        if want.frame == frame and want.place in (insn.dst, insn.src):
            relation = Relation.ANCESTOR if want.changed else Relation.SAME
            self._note(How.REFINED, at, want, want.place, relation=relation)
            return
        if want.role is not Role.VALUE:
            return
        wanted, regs = self._held(want, at), self._frame(at, frame).regs
        if wanted is None:  # up to 5.16 states are printed after branches only
            wanted, regs = self._held(want, at - 1), self._frame(at - 1, frame).regs
        for name in (insn.dst, insn.src):
            found = _relation(wanted, regs.get(name or ""))
            if name is not None and found is not None:
                relation = Relation.ANCESTOR if want.changed and found is Relation.COPY else found
                self._note(How.REFINED, at, want, name, relation=relation)
                return

    def _held(self, want: Want, at: int) -> RegState | None:
        return self._frame(at, want.frame).at(want.place) if at >= 0 else None


def frame_before(trace: Trace, at: int, number: int) -> FrameState:
    """What is known of a frame before the step at place `at`, which the path has."""
    step = trace.step(at)
    assert step is not None
    return next((state for state in trace.state_before(step) if state.frame == number), FrameState(number))


def _of_operand(role: Role | None) -> Role | None:
    """What is added to an address is part of it."""
    return role and Role.OPERAND


def _relation(wanted: RegState | None, compared: RegState | None) -> Relation | None:
    """How the register a branch compares belongs to the wanted one, as far as ids tell."""
    if wanted is None or compared is None or wanted.kind != compared.kind:
        return None
    if wanted.kind in PACKET_POINTERS[:2] and wanted.id == compared.id:
        return Relation.COPY if wanted.off == compared.off else Relation.BASE
    if wanted.id is None or compared.id is None:
        return None
    if wanted.id == compared.id:
        return Relation.COPY
    return Relation.BASE if wanted.id.number == compared.id.number else None
