"""`bpfdoctor preflight --live`: what is loaded here, whether it is attached, and whether it runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bpfdoctor.cli import terminal
from bpfdoctor.cli.rc import RC
from bpfdoctor.render.words import plural

if TYPE_CHECKING:
    from bpfdoctor.preflight.live.judge import Seen
    from bpfdoctor.preflight.live.loaded import LoadedMap

_MOST = 8  # constants


def live(word: str | None, seconds: float, *, as_json: bool) -> RC:
    """Watches programs for some seconds; FOUND when one does not run, or has a full map. Raises Problem."""
    from bpfdoctor.preflight.live import judge

    programs = judge.chosen(word)
    if not programs and not as_json:
        terminal.write("No BPF program is loaded here.\n")
        return RC.OK
    if not as_json:
        watched = plural(len(programs), "program")
        terminal.say(f"Watching {watched} for {seconds:g} s; the kernel counts their runs meanwhile.")
    seen, why_uncounted = judge.watch(programs, seconds)
    if as_json:
        terminal.write(
            json.dumps({"schema": 1, "programs": [_as_dict(one) for one in seen]}, indent=2) + "\n", raw=True
        )
    else:
        if why_uncounted:
            terminal.say(f"How often programs run is not counted here: {why_uncounted}.")
        terminal.write("".join(f"{line}\n" for one in seen for line in _told(one, seconds)))
        if about := _run_cnt():
            terminal.say(about)
    return RC.FOUND if any(one.answer.is_fault for one in seen) else RC.OK


def _run_cnt() -> str:
    """What the count of runs stands for that other tools show; "" where nobody knows."""
    from bpfdoctor.preflight.system.host import Host

    match Host().setting("kernel.bpf_stats_enabled"):
        case "0":
            return (
                "The run_cnt that bpftool and others show says nothing: kernel.bpf_stats_enabled is 0, so it "
                "stands still unless a tool has the kernel count, as this one did meanwhile."
            )
        case "1":
            return (
                "kernel.bpf_stats_enabled is 1: run_cnt has the runs since it was set, or since the program "
                "was loaded, and each run of each program costs a little more."
            )
    return ""


def _told(one: Seen, seconds: float) -> Iterator[str]:
    from bpfdoctor.preflight.live.judge import Answer

    yield f"{one.program.name or '(no name)'} ({one.program.type}, id {one.program.id}): {one.answer}"
    where = ", ".join(place.said for place in one.places)
    yield f"  attached to   {where or 'nothing that can be seen from here'}"
    if not where and one.meant is not None:
        yield f"  loaded for    {one.meant.said}"
    yield f"  its hook      {_count(one.fired, 'fired', seconds) if one.fired is not None else _unseen(one)}"
    yield f"  the program   {_count(one.runs, 'ran', seconds)}"
    if one.answer is Answer.DOES_NOT_RUN:
        yield "  possible      it is attached for one process or one CPU, which did not come there"
    if one.missed:
        yield f"  missed        {one.missed} runs, because it interrupted itself"
    for place in one.places:
        if place.missed:
            yield f"  missed        {place.missed} times at {place.said} since it was attached"
    for each in one.changed or ():
        yield f"  changed       map {each.name} (id {each.id})" + _summed(each)
    for line in one.exits:
        yield f"  can leave at  line {line.number}: {line.text}"
    if one.constants:
        yield "  constants     " + ", ".join(f"{name} = {value}" for name, value in one.constants[:_MOST])
    for each in one.full:
        size = f"has all its {each.most} entries: new keys are refused"
        if each.is_ring:
            size = f"nobody reads its {each.most} bytes: new records are dropped"
        yield f"  full          map {each.name} (id {each.id}) {size}"
    for sentence in one.namesakes:
        yield f"  which map     {sentence}"


def _summed(one: LoadedMap) -> str:
    return "; it has a value for each CPU, which readers add up" if one.is_per_cpu else ""


def _count(count: int | None, verb: str, seconds: float) -> str:
    if count is None:
        return "was not counted"
    times = "once" if count == 1 else f"{count} times"
    return f"{verb} {times} in {seconds:g} s" if count else f"never {verb} in {seconds:g} s"


def _unseen(one: Seen) -> str:
    return one.why_not or "nothing here counts it"


def _as_dict(one: Seen) -> dict[str, object]:
    return {
        "id": one.program.id,
        "name": one.program.name,
        "type": one.program.type,
        "answer": one.answer.value,
        "attached": [place.said for place in one.places],
        "loaded_for": one.meant.said if one.meant else None,
        "hook_fired": one.fired,
        "runs": one.runs,
        "recursion_misses": one.missed,
        "full_maps": [each.name for each in one.full],
        "changed_maps": None if one.changed is None else [each.name for each in one.changed],
        "can_leave_at": [{"line": line.number, "text": line.text} for line in one.exits],
        "constants": dict(one.constants),
        "namesakes": list(one.namesakes),
    }
