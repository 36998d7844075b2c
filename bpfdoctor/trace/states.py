"""Register and stack state before and after each step, from what was printed and from what is certain."""

from __future__ import annotations

from typing import Protocol

from bpfdoctor.log.events import Event
from bpfdoctor.machine.calls import called, released
from bpfdoctor.machine.state import INCOMPLETE, State, empty, entered, left, with_register
from bpfdoctor.machine.step import Machine, learned
from bpfdoctor.machine.value import frame_pointer, is_pointer
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import FrameState, Insn, Op, RegState, StackPlace, StackSlot
from bpfdoctor.pattern import later
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.visits import ENTERED, PrintedState, StateOrigin, Visit, enters, told_behind

# All registers are shown wherever a path or a frame is entered or left.
_WHOLE = (
    StateOrigin.TAKEN_UP,
    StateOrigin.GLUED,
    StateOrigin.CALLER,
    StateOrigin.CALLEE,
    StateOrigin.RETURNING,
    StateOrigin.TO_CALLER,
    StateOrigin.PREVIOUS,
)
# What 5.10 prints behind these is what they led to, behind others what they were checked with: a branch, a
# pointer's sum of which an ordinary user is not sure to stay inside the object.
_ITS_RESULT = (Op.BRANCH, Op.ALU)
_MACHINE = Machine()
_MENTIONS_R10 = later(r"\br10\b")


class Path(Protocol):
    """The failing path, as far as states need it. Places count from 0 at the newest visit."""

    @property
    def holes(self) -> tuple[str, ...]: ...
    @property
    def number(self) -> str | None: ...
    def visit(self, at: int) -> Visit | None: ...
    def frame(self, at: int) -> int: ...
    def trailing(self) -> list[Event]: ...


class States:
    """States along a path, cached; places count from 0 at the newest visit, as in Trace."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace
        self._before: dict[int, State] = {}

    def before(self, at: int) -> tuple[FrameState, ...]:
        state = self._state_before(at)
        return _frames(state if at else self._as_refused(state))

    def _as_refused(self, state: State) -> State:
        """The state before the newest step: what the message calls a number is none of our pointers."""
        frame = state.get(self._trace.frame(0))
        reg = frame.regs.get(self._trace.number or "") if frame is not None else None
        if frame is None or reg is None or not is_pointer(reg) or self._trace.number is None:
            return state
        return {**state, frame.frame: with_register(frame, self._trace.number, RegState("scalar"))}

    def after(self, at: int) -> tuple[FrameState, ...]:
        if at > 0 and (newer := self._trace.visit(at - 1)) is not None and not newer.gap:
            return self.before(at - 1)
        visit = self._trace.visit(at)
        return _frames(self._effect(self._state_before(at), at, visit)) if visit is not None else ()

    def told_with(self, at: int) -> tuple[FrameState | None, FrameState | None]:
        """What was printed before the visit, and with it."""
        visit, older = self._trace.visit(at), self._trace.visit(at + 1)
        if visit is None:
            return None, None
        before = next((told.state for told in reversed(visit.told(older)) if told.origin in ENTERED), None)
        printed = None if self._is_of_another_way(at, visit) else visit.line.printed
        if (behind := self._told_behind(at)) is not None:
            if visit.insn.op in _ITS_RESULT:
                printed = printed or behind
            else:
                before = behind
        return before, printed

    def _is_of_another_way(self, at: int, visit: Visit) -> bool:
        """Whether what is printed with the visit holds on the way that was explored before this path's."""
        newer = self._trace.visit(at - 1) if at > 0 else None
        if newer is None:  # a loop is found where the branch back is taken
            return visit.insn.op is Op.BRANCH
        return newer.taken_up or enters(visit, newer) > 0

    # States

    def _state_before(self, at: int) -> State:
        if at in self._before:
            return self._before[at]
        oldest = self._anchor(at)
        state = self._before.get(oldest)
        if state is None:
            state = self._before[oldest] = self._start(oldest)
        for place in range(oldest, at, -1):
            visit, newer = self._trace.visit(place), self._trace.visit(place - 1)
            if visit is None or newer is None:
                break
            state = self._arrive(self._effect(state, place, visit), place - 1, newer, visit)
            self._before[place - 1] = state
        return state

    def _anchor(self, at: int) -> int:
        """The nearest older place where a complete state is known, or as far back as we look."""
        for place in range(at, at + Budget.STATE):
            if place in self._before:
                return place
            visit, older = self._trace.visit(place), self._trace.visit(place + 1)
            if visit is None:
                return place - 1
            if older is None or visit.gap:
                return place
            if self._trace.frame(place) == 0 and self._is_told(place, visit, older):
                return place
        return at + Budget.STATE - 1

    def _is_told(self, at: int, visit: Visit, older: Visit) -> bool:
        """Whether a complete state before the visit is printed."""
        if any(_is_whole(told, older.insn) for told in visit.told(older) if told.origin in ENTERED):
            return True
        return visit.insn.op not in _ITS_RESULT and self._told_behind(at) is not None

    def _start(self, at: int) -> State:
        """The state at a place of which the older history is not used."""
        visit, older = self._trace.visit(at), self._trace.visit(at + 1)
        if visit is None:
            return {}
        frame = self._trace.frame(at)
        first = older is None and not self._trace.holes
        flags = frozenset() if first else frozenset({INCOMPLETE})
        state = {number: replace(empty(number), flags=flags) for number in range(frame + 1)}
        if first and visit.insn.index == 0:
            state[0] = with_register(state[0], "r1", RegState("ctx"))
        before = older.insn if older is not None and not visit.gap else None
        for told in visit.told(None if visit.gap else older):
            if told.origin is not StateOrigin.PREVIOUS:
                state = _apply(state, told, before)
        return self._with_told_behind(state, at, visit)

    def _arrive(self, state: State, at: int, visit: Visit, older: Visit) -> State:
        """The state before `visit`, from the one after the visit before it."""
        if visit.gap:
            return self._start(at)
        told = visit.told(older)
        frame = self._trace.frame(at)
        deeper = enters(older, visit)
        if deeper > 0 and not any(each.origin is StateOrigin.CALLEE for each in told):
            state = entered(state, frame, older.insn)
        elif deeper < 0:
            state = left(state, frame)
        for each in told:
            if (
                each.origin in (StateOrigin.TAKEN_UP, StateOrigin.GLUED)
                and older.insn.op is Op.BRANCH
                and frame in state
            ):
                state = _taught(state, state[frame], each.state, older.insn)
            if each.origin is not StateOrigin.PREVIOUS:
                state = _apply(state, each, older.insn)
        if frame not in state:
            state = {**state, frame: replace(empty(frame), flags=frozenset({INCOMPLETE}))}
        return self._with_told_behind(state, at, visit)

    def _with_told_behind(self, state: State, at: int, visit: Visit) -> State:
        """5.10 prints the state that a memory access is checked with after the instruction."""
        if visit.insn.op in _ITS_RESULT or (behind := self._told_behind(at)) is None:
            return state
        return _apply(state, PrintedState(StateOrigin.PREVIOUS, behind), visit.insn)

    def _effect(self, state: State, at: int, visit: Visit) -> State:
        """The state after the instruction, before another branch is taken up or a frame entered."""
        newer = self._trace.visit(at - 1) if at > 0 else None
        if newer is not None and self._is_of_another_way(at, visit):
            return state  # _arrive has this one
        insn, number = visit.insn, self._trace.frame(at)
        behind = self._told_behind(at) if insn.op in _ITS_RESULT else None
        printed = visit.line.printed or behind
        old = state.get(number, empty(number))
        is_told = printed is not None or self._is_told_later(newer, visit)
        state = _MACHINE.executed(state, number, insn, is_printed=is_told)
        if insn.op is Op.CALL:
            state = called(state, insn, old)
        if printed is None:
            return state
        if insn.op is Op.BRANCH:
            state = _taught(state, old, printed, insn)
        origin = StateOrigin.PREVIOUS if printed is behind else StateOrigin.PRINTED
        return _apply(state, PrintedState(origin, printed), insn)

    def _is_told_later(self, newer: Visit | None, visit: Visit) -> bool:
        """Precision marks push the state after an instruction to a line of its own."""
        return newer is not None and any(told.origin is StateOrigin.HERE for told in newer.told(visit))

    def _told_behind(self, at: int) -> FrameState | None:
        """5.10's state on a line of its own after the instruction."""
        visit = self._trace.visit(at)
        if visit is None:
            return None
        if at == 0:
            return told_behind(self._trace.trailing())
        newer = self._trace.visit(at - 1)
        told = newer.told(visit) if newer is not None else ()
        return next((each.state for each in told if each.origin is StateOrigin.PREVIOUS), None)


def _frames(state: State) -> tuple[FrameState, ...]:
    return tuple(state[number] for number in sorted(state))


def _is_whole(told: PrintedState, before: Insn | None) -> bool:
    """Whether a state shows everything: up to 5.16 all do; later r10 shows, though nothing used it."""
    if told.origin in _WHOLE:
        return True
    if "r10" not in told.state.regs:
        return False
    if told.origin is StateOrigin.HERE and told.state.whole:
        return True
    return before is None or not _MENTIONS_R10.search(before.text)


def _apply(state: State, told: PrintedState, before: Insn | None) -> State:
    """The state after a printed one. `before` is the instruction before it."""
    shown = told.state
    number = shown.frame
    old = state.get(number, replace(empty(number), flags=frozenset({INCOMPLETE})))
    shown = replace(
        shown,
        regs=_of_frames(shown, old, is_entered=told.origin is StateOrigin.CALLEE),
        stack=_with_limits(shown, old),
    )
    if _is_whole(told, before):
        new = shown if "r10" in shown.regs else with_register(shown, "r10", frame_pointer())
    else:
        if shown.refs is not None and (gone := set(old.refs or ()) - set(shown.refs)):
            state = released({**state, number: old}, gone)
            old = state[number]
        flags = shown.flags | (old.flags & {INCOMPLETE})
        new = FrameState(number, {**old.regs, **shown.regs}, {**old.stack, **shown.stack}, shown.refs, flags)
    return {**{n: frame for n, frame in state.items() if n < number}, number: new}


def _of_frames(shown: FrameState, old: FrameState, *, is_entered: bool) -> dict[str, RegState]:
    """The registers; up to 6.1 a pointer to the stack of a caller is printed like one to the function's own.

    6.1.192: "callee:", " frame1: R1=scalar() R2_w=fp-16 R10=fp0 cb", 6.12.118: "frame1: … R2_w=fp[0]-16"
    """
    regs = dict(shown.regs)
    for name, reg in shown.regs.items():
        if reg.kind != "fp" or name == "r10" or any(key == "frame" for key, _ in reg.attributes):
            continue
        before = old.regs.get(name)
        known = [each for each in before.attributes if each[0] == "frame"] if before is not None else []
        if is_entered:
            regs[name] = replace(reg, attributes=(*reg.attributes, ("frame", str(shown.frame - 1))))
        elif known and before is not None and before.kind == "fp":
            regs[name] = replace(reg, attributes=(*reg.attributes, *known))
    return regs


def _with_limits(shown: FrameState, old: FrameState) -> dict[int, StackSlot]:
    """The stack; up to 6.1 the kind of a spilled register is printed alone: fp-8=inv, fp-8=pkt, fp-16_w=."""
    stack = dict(shown.stack)
    for offset, slot in shown.stack.items():
        known = old.at(StackPlace(offset))
        if known is not None and slot.reg == RegState(known.kind, known.nullable, known.flags):
            stack[offset] = replace(slot, reg=known)
    return stack


def _taught(state: State, old: FrameState, new: FrameState, insn: Insn) -> State:
    """What a branch says about copies of the registers it compares, in all frames."""
    for name in (insn.dst, insn.src):
        if name and (was := old.regs.get(name)) and (now := new.regs.get(name)):
            state = learned(state, was, now)
    return state
