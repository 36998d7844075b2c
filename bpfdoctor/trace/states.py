"""Register and stack state before and after each step, from what was printed and from what is certain."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

from bpfdoctor.machine.value import frame_pointer
from bpfdoctor.model.trace import FrameState, Insn, Op, RegState
from bpfdoctor.trace import effects
from bpfdoctor.trace.effects import INCOMPLETE, World
from bpfdoctor.trace.visits import ENTERED, Told, Visit, enters, told_behind
from bpfdoctor.transcript.events import Event

# How many steps back the search for a complete state goes; what was established before stays unknown. A
# complete state is printed whenever a branch is taken up, so this is reached in long straight runs only.
WINDOW = 512
_WHOLE_ROLES = ("from", "glued", "caller", "callee", "returning", "to_caller", "previous")
_OLD_DIALECT = re.compile(r"inv|.*\(id=0")
_MENTIONS_R10 = re.compile(r"\br10\b")


class Path(Protocol):
    """The failing path, as far as states need it. Places count from 0 at the newest visit."""

    @property
    def holes(self) -> tuple[str, ...]: ...
    def visit(self, at: int) -> Visit | None: ...
    def frame(self, at: int) -> int: ...
    def trailing(self) -> list[Event]: ...


class States:
    """Worlds along a path, cached; places count from 0 at the newest visit, as in Trace."""

    def __init__(self, trace: Path) -> None:
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
            if older is None or visit.gap:
                return place
            if self._trace.frame(place) == 0 and self._is_told(place, visit, older):
                return place
        return at + WINDOW - 1

    def _is_told(self, at: int, visit: Visit, older: Visit) -> bool:
        """Whether a complete state in front of the visit is printed."""
        if any(_is_whole(told, older.insn) for told in visit.told(older) if told.role in ENTERED):
            return True
        return visit.insn.op is not Op.BRANCH and self._told_behind(at) is not None

    def _start(self, at: int) -> World:
        """The world at a place of which the older history is not used."""
        visit, older = self._trace.visit(at), self._trace.visit(at + 1)
        if visit is None:
            return {}
        frame = self._trace.frame(at)
        first = older is None and not self._trace.holes
        flags = frozenset() if first else frozenset({INCOMPLETE})
        world = {number: replace(effects.empty(number), flags=flags) for number in range(frame + 1)}
        if first and visit.insn.index == 0:
            world[0] = replace(world[0], regs={**world[0].regs, "r1": RegState("ctx", "ctx()")})
        before = older.insn if older is not None and not visit.gap else None
        for told in visit.told(None if visit.gap else older):
            if told.role != "previous":
                world = _apply(world, told, before)
        return self._with_told_behind(world, at, visit)

    def _arrive(self, world: World, at: int, visit: Visit, older: Visit) -> World:
        """The world in front of `visit`, from the one behind the visit before it."""
        if visit.gap:
            return self._start(at)
        told = visit.told(older)
        frame = self._trace.frame(at)
        deeper = enters(older, visit)
        if deeper > 0 and not any(each.role == "callee" for each in told):
            world = effects.entered(world, frame, older.insn)
        elif deeper < 0:
            world = effects.left(world, frame)
        for each in told:
            if each.role in ("from", "glued") and older.insn.op is Op.BRANCH and frame in world:
                world = _taught(world, world[frame], each.state, older.insn)
            if each.role != "previous":
                world = _apply(world, each, older.insn)
        if frame not in world:
            world = {**world, frame: replace(effects.empty(frame), flags=frozenset({INCOMPLETE}))}
        return self._with_told_behind(world, at, visit)

    def _with_told_behind(self, world: World, at: int, visit: Visit) -> World:
        """5.10 prints the state that a memory access is checked with behind the instruction."""
        if visit.insn.op is Op.BRANCH or (behind := self._told_behind(at)) is None:
            return world
        return _apply(world, Told("previous", behind), visit.insn)

    def _effect(self, world: World, at: int, visit: Visit) -> World:
        """The world behind the instruction, before another branch is taken up or a frame entered."""
        newer = self._trace.visit(at - 1) if at > 0 else None
        if newer is not None and (newer.taken_up or enters(visit, newer) > 0):
            return world  # what is printed with it is about another way; _arrive has this one
        insn, number = visit.insn, self._trace.frame(at)
        behind = self._told_behind(at) if insn.op is Op.BRANCH else None
        printed = visit.line.printed or behind
        old = world.get(number, effects.empty(number))
        is_told = printed is not None or self._is_told_later(newer, visit)
        world = effects.executed(world, number, insn, is_told)
        if insn.op is Op.CALL:
            world = effects.called(world, insn, old)
        if printed is None:
            return world
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
        told = newer.told(visit) if newer is not None else ()
        return next((each.state for each in told if each.role == "previous"), None)


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
    old = world.get(number, replace(effects.empty(number), flags=frozenset({INCOMPLETE})))
    if _is_whole(told, before):
        new = state if "r10" in state.regs else replace(state, regs={**state.regs, "r10": frame_pointer()})
    else:
        if state.refs is not None and (gone := set(old.refs or ()) - set(state.refs)):
            world = effects.released({**world, number: old}, gone)
            old = world[number]
        flags = state.flags | (old.flags & {INCOMPLETE})
        new = FrameState(number, {**old.regs, **state.regs}, {**old.stack, **state.stack}, state.refs, flags)
    return {**{n: frame for n, frame in world.items() if n < number}, number: new}


def _taught(world: World, old: FrameState, new: FrameState, insn: Insn) -> World:
    """What a branch says about copies of the registers it compares, in all frames."""
    for name in (insn.dst, insn.src):
        if name and (was := old.regs.get(name)) and (now := new.regs.get(name)):
            world = effects.learned(world, was, now)
    return world
