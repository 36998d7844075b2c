"""What each step makes of what: the slices of all values at once, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.limits import STACK
from bpfdoctor.machine.helper_memory import filled
from bpfdoctor.machine.memory import stack_place
from bpfdoctor.machine.state import CALLER_SAVED
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.trace import FrameState, Holder, Insn, Op, StackPlace
from bpfdoctor.model.walk import Made, Source, Spot
from bpfdoctor.trace.back import Back, Want, frame_before
from bpfdoctor.trace.origins import How, phrase
from bpfdoctor.trace.path import Trace
from bpfdoctor.trace.visits import enters


def made_at(trace: Trace, at: int) -> tuple[Made, ...]:
    """What the step at place `at` (0 is the newest) made: what a slice says of each place that it writes."""
    together: dict[tuple[str, tuple[Source, ...]], list[Spot]] = {}
    for want in _written(trace, at):
        words, sources = _made(trace, at, want)
        if words:
            spots = together.setdefault((words, sources), [])
            spots.append(_spot(want))
    return tuple(Made(words, tuple(spots), sources) for (words, sources), spots in together.items())


def checked_at(trace: Trace, at: int) -> tuple[Spot, ...]:
    """The registers and the slots of which a branch at place `at` tells something, as slices have it."""
    step, visit, newer = trace.step(at), trace.visit(at), trace.visit(at - 1)
    if step is None or visit is None or newer is None or newer.gap or visit.insn.op is not Op.BRANCH:
        return ()
    # Up to 5.16 states are printed after branches only.
    states = (*trace.state_before(step), *trace.state_after(step))
    places: dict[tuple[int, Holder], None] = {
        (step.frame, each): None for each in (visit.insn.dst, visit.insn.src) if each
    }
    places |= {(state.frame, name): None for state in states for name in state.regs if name != "r10"}
    places |= {(state.frame, StackPlace(off)): None for state in states for off in state.stack}
    wants = [Want(frame, place) for frame, place in places]
    return tuple(_spot(want) for want in wants if _is_checked(trace, at, want))


def _is_checked(trace: Trace, at: int, want: Want) -> bool:
    return any(each.how is How.REFINED for each in _once(trace, at, want)[0].found)


def _once(trace: Trace, at: int, want: Want) -> tuple[Back, list[Want]]:
    """A walk back over the step at place `at` alone, and what is wanted before it."""
    visit, newer, step = trace.visit(at), trace.visit(at - 1), trace.step(at - 1)
    assert visit is not None and newer is not None and step is not None  # who asks has looked
    back = Back(trace, step, 1)
    return back, list(back.before(want, at, visit, newer))


def _made(trace: Trace, at: int, want: Want) -> tuple[str, tuple[Source, ...]]:
    back, older = _once(trace, at, want)
    origins = [each for each in back.found if each.how not in (How.REFINED, How.INVALIDATED)]
    if not origins:
        return "", ()
    return phrase(origins[0]), tuple(Source(_spot(each), str(each.role or "address")) for each in older)


def _spot(want: Want) -> Spot:
    return Spot(want.frame, str(want.place), want.size if isinstance(want.place, StackPlace) else 0)


def _written(trace: Trace, at: int) -> Iterator[Want]:
    """The places that the step can have written."""
    visit, newer, frame = trace.visit(at), trace.visit(at - 1), trace.frame(at)
    if visit is None or newer is None or newer.gap:
        return
    insn = visit.insn
    deeper = enters(visit, newer)
    if deeper > 0:
        yield from (Want(trace.frame(at - 1), name) for name in CALLER_SAVED[1:])
    elif insn.op is Op.EXIT:
        yield Want(frame - 1, "r0")
        return
    if insn.written is not None:
        yield Want(frame, insn.written)
    if insn.clobbers:
        yield from (Want(frame, name) for name in CALLER_SAVED if name != insn.written)
    if insn.op in (Op.STORE, Op.ATOMIC):
        where = stack_place(insn, insn.dst, frame_before(trace, at, frame).regs, frame)
        if where is not None and insn.size:
            yield Want(where[0], StackPlace(where[1]), insn.size)
    elif insn.op is Op.CALL and deeper <= 0:
        yield from _pointed(insn, frame_before(trace, at, frame))


def _pointed(insn: Insn, running: FrameState) -> Iterator[Want]:
    """The stack from where a call's arguments point, in slots; as many bytes as a helper is known to fill."""
    known = filled(insn.callee or "", running.regs)
    met = set()
    for name in CALLER_SAVED[1:] if known is None else (known[0],):
        reg = running.regs.get(name)
        if reg is None or reg.kind != "fp" or reg.off is None or reg.off < -STACK:
            continue
        end = 0 if known is None or known[1] is None else min(reg.off + known[1], 0)
        for start in (reg.off, *range(reg.off // 8 * 8 + 8, end, 8)):
            size = min(start // 8 * 8 + 8, end) - start
            frame = of_frame(reg, running.frame)
            if size > 0 and (frame, start, size) not in met:
                met.add((frame, start, size))
                yield Want(frame, StackPlace(start), size)
