"""Register and stack state before and after each step, from what was printed and from what is certain."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bpfdoctor.model.trace import FrameState, Insn, Op, RegState
from bpfdoctor.trace import effects
from bpfdoctor.trace.effects import INCOMPLETE, World
from bpfdoctor.trace.semantics import frame_pointer
from bpfdoctor.trace.visits import ENTERED, Told, Visit, enters, told_behind

if TYPE_CHECKING:
    from bpfdoctor.trace.path import Trace

# How many steps back the search for a complete state goes; what was established before stays unknown. A
# complete state is printed whenever a branch is taken up, so this is reached in long straight runs only.
WINDOW = 512
_WHOLE_ROLES = ("from", "glued", "caller", "callee", "returning", "to_caller", "previous")
_OLD_DIALECT = re.compile(r"inv|.*\(id=0")
_MENTIONS_R10 = re.compile(r"\br10\b")


class States:
    """Worlds along a path, cached; places count from 0 at the newest visit, as in Trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._before: dict[int, World] = {}

    def before(self, at: int) -> tuple[FrameState, ...]:
        return _frames(self._world_before(at))

    def after(self, at: int) -> tuple[FrameState, ...]:
        if at > 0 and (newer := self._trace.visit(at - 1)) is not None and not newer.gap:
            return self.before(at - 1)
        visit = self._trace.visit(at)
        return _frames(self._effect(self._world_before(at), at, visit)) if visit is not None else ()

    def told_with(self, at: int) -> tuple[FrameState | None, FrameState | None]:
        """What was printed in front of the visit, and with it."""
        visit, older = self._trace.visit(at), self._trace.visit(at + 1)
        if visit is None:
            return None, None
        before = next((told.state for told in reversed(visit.told(older)) if told.role in ENTERED), None)
        printed = visit.line.printed
        if (behind := self._told_behind(at)) is not None:
            if visit.insn.op is Op.BRANCH:
                printed = printed or behind
            else:
                before = behind
        return before, printed

    # Worlds

    def _world_before(self, at: int) -> World:
        if at in self._before:
            return self._before[at]
        oldest = self._anchor(at)
        world = self._before.get(oldest)
        if world is None:
            world = self._before[oldest] = self._start(oldest)
        for place in range(oldest, at, -1):
            visit, newer = self._trace.visit(place), self._trace.visit(place - 1)
            if visit is None or newer is None:
                break
            world = self._arrive(self._effect(world, place, visit), place - 1, newer, visit)
            self._before[place - 1] = world
        return world

    def _anchor(self, at: int) -> int:
        """The nearest older place where a complete state is known, or as far back as we look."""
        for place in range(at, at + WINDOW):
            if place in self._before:
                return place
            visit, older = self._trace.visit(place), self._trace.visit(place + 1)
            if visit is None:
                return place - 1
            if (
                older is None
                or visit.gap
                or (self._trace.frame(place) == 0 and self._told_whole(visit, older))
            ):
                return place
        return at + WINDOW - 1

    def _told_whole(self, visit: Visit, older: Visit) -> bool:
        return any(_is_whole(told, older.insn) for told in visit.told(older) if told.role in ENTERED)

    def _start(self, at: int) -> World:
        """The world at a place of which the older history is not used."""
        visit, older = self._trace.visit(at), self._trace.visit(at + 1)
        if visit is None:
            return {}
        frame = self._trace.frame(at)
        first = older is None and not self._trace.holes
        regs = {"r10": frame_pointer()}
        if first and visit.insn.index == 0:
            regs["r1"] = RegState("ctx", "ctx()")
        flags = frozenset() if first else frozenset({INCOMPLETE})
        world = {number: FrameState(number, {"r10": frame_pointer()}, flags=flags) for number in range(frame)}
        world[frame] = FrameState(frame, regs, flags=flags)
        before = None if visit.gap else older
        for told in visit.told(before):
            world = _apply(world, told, before.insn if before is not None else None)
        return world

    def _arrive(self, world: World, at: int, visit: Visit, older: Visit) -> World:
        """The world in front of `visit`, from the one behind the visit before it."""
        if visit.gap:
            return self._start(at)
        told = visit.told(older)
        deeper = enters(older, visit)
        frame = self._trace.frame(at)
        if deeper > 0 and not any(each.role == "callee" for each in told):
            caller = world.get(frame - 1, FrameState())
            passed = {
                name: reg for name in effects.CALLER_SAVED[1:] if (reg := caller.regs.get(name)) is not None
            }
            if older.insn.callee_kind != "subprog":
                passed = {}  # a callback gets what the helper gives it
            world = {
                **world,
                frame - 1: effects.without(caller, effects.CALLER_SAVED),
                frame: FrameState(frame, {"r10": frame_pointer(), **passed}),
            }
        elif deeper < 0:
            r0 = world[frame + 1].regs.get("r0") if frame + 1 in world else None
            world = {number: state for number, state in world.items() if number <= frame}
            if frame in world and r0 is not None:
                world[frame] = replace(world[frame], regs={**world[frame].regs, "r0": r0})
        for each in told:
            if each.role in ("from", "glued") and older.insn.op is Op.BRANCH and frame in world:
                world = _taught(world, world[frame], each.state, older.insn)
            if each.role != "previous":
                world = _apply(world, each, older.insn)
        if frame not in world:
            world = {
                **world,
                frame: FrameState(frame, {"r10": frame_pointer()}, flags=frozenset({INCOMPLETE})),
            }
        return world

    def _effect(self, world: World, at: int, visit: Visit) -> World:
        """The world behind the instruction, before another branch is taken up or a frame entered."""
        newer = self._trace.visit(at - 1) if at > 0 else None
        if newer is not None and newer.taken_up:
            return world  # what is printed with it is about the other way; _arrive has what was taken up
        insn = visit.insn
        number = self._trace.frame(at)
        behind = self._told_behind(at)
        if behind is not None and insn.op is not Op.BRANCH:
            world, behind = _apply(world, Told("previous", behind), insn), None
        printed = visit.line.printed or behind
        old = world.get(number, FrameState(number))
        world = effects.executed(
            world, number, insn, printed is not None or self._is_told_later(newer, visit)
        )
        if insn.op is Op.CALL and (newer is None or enters(visit, newer) == 0):
            world = effects.called(world, insn)
        if printed is None:
            return world
        if printed.refs is not None and (gone := set(old.refs or ()) - set(printed.refs)):
            world = effects.released(world, gone)
        if insn.op is Op.BRANCH:
            world = _taught(world, old, printed, insn)
        return _apply(world, Told("previous" if printed is behind else "printed", printed), insn)

    def _is_told_later(self, newer: Visit | None, visit: Visit) -> bool:
        """Precision marks push the state behind an instruction to a line of its own."""
        return newer is not None and any(told.role == "here" for told in newer.told(visit))

    def _told_behind(self, at: int) -> FrameState | None:
        """5.10's state on a line of its own behind the instruction."""
        visit = self._trace.visit(at)
        if visit is None:
            return None
        if at == 0:
            return told_behind(self._trace.trailing())
        newer = self._trace.visit(at - 1)
        return (
            None
            if newer is None
            else next((t.state for t in newer.told(visit) if t.role == "previous"), None)
        )


def _frames(world: World) -> tuple[FrameState, ...]:
    return tuple(world[number] for number in sorted(world))


def _is_whole(told: Told, before: Insn | None) -> bool:
    """Whether a state shows everything: up to 5.16 all do; later r10 shows, though nothing used it."""
    if told.role in _WHOLE_ROLES:
        return True
    if "r10" not in told.state.regs:
        return False
    if told.role == "here" and any(_OLD_DIALECT.match(reg.text) for reg in told.state.regs.values()):
        return True
    return before is None or not _MENTIONS_R10.search(before.text)


def _apply(world: World, told: Told, before: Insn | None) -> World:
    """The world after a printed state. `before` is the instruction in front of it."""
    state = told.state
    number = state.frame
    if _is_whole(told, before):
        new = state if "r10" in state.regs else replace(state, regs={**state.regs, "r10": frame_pointer()})
    else:
        old = world.get(number, FrameState(number, {"r10": frame_pointer()}, flags=frozenset({INCOMPLETE})))
        flags = state.flags | (old.flags & {INCOMPLETE})
        new = FrameState(number, {**old.regs, **state.regs}, {**old.stack, **state.stack}, state.refs, flags)
    return {**{n: frame for n, frame in world.items() if n < number}, number: new}


def _taught(world: World, old: FrameState, new: FrameState, insn: Insn) -> World:
    """What a branch says about copies of the registers it compares, in all frames."""
    for name in (insn.dst, insn.src):
        if name and (was := old.regs.get(name)) and (now := new.regs.get(name)):
            world = effects.learned(world, was, now)
    return world
