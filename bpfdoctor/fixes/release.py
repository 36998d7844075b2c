"""Gives back a reference in front of the return that leaks it."""

from __future__ import annotations

import re

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.trace import Step

# What acquires, what gives back. Source: KF_ACQUIRE and OBJ_RELEASE in kernel/bpf and net/core/filter.c.
RELEASES = {
    "bpf_ringbuf_reserve": "bpf_ringbuf_discard({var}, 0);",
    "ringbuf_reserve": "{map}.ringbuf_discard({var}, 0);",  # BCC
    "bpf_sk_lookup_tcp": "bpf_sk_release({var});",
    "bpf_sk_lookup_udp": "bpf_sk_release({var});",
    "bpf_skc_lookup_tcp": "bpf_sk_release({var});",
    "bpf_task_acquire": "bpf_task_release({var});",
    "bpf_task_from_pid": "bpf_task_release({var});",
    "bpf_cgroup_acquire": "bpf_cgroup_release({var});",
    "bpf_cgroup_from_id": "bpf_cgroup_release({var});",
    "bpf_cpumask_create": "bpf_cpumask_release({var});",
    "bpf_obj_new": "bpf_obj_drop({var});",
}
_ACQUIRED = re.compile(r"^(?:\([^()]*\)\s*)?(?:(?P<map>\w+)\.)?(?P<call>\w+)\s*\(")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `release` gives the reference back, `pointer` where it may be NULL there."""
    acquired = getattr(facts, "acquired", None)
    made = site(context, context.source.place(acquired)) if isinstance(acquired, Step) else None
    at = site(context)
    if made is None or at is None or made.function != at.function:
        return ()
    for assignment in made.c.assignments(None, made.line, made.line):
        call = _ACQUIRED.match(assignment.value)
        if call and (text := RELEASES.get(call["call"])):
            pointer = assignment.target.lstrip("*").strip()
            line = _leaving(at, pointer, made.line, getattr(facts, "branch", None), context)
            if line is None or _released_between(at, pointer, made.line, line):
                return ()  # under a condition: which one is right is the user's to say
            tested = any(each.span.line >= made.line for each in at.c.conditions_before(line, pointer))
            values = {
                "release": text.format(var=pointer, map=call["map"]),
                "pointer": None if tested else pointer,
            }
            return at.before(line, values)
    return ()


def _leaving(at: Site, pointer: str, acquired: int, branch: Step | None, context: Context) -> int | None:
    """The line of the return that this path takes: the first one behind its last branch.

    A return for the case that the pointer is NULL is not on it.
    """
    place = context.source.place(branch) if branch is not None else None
    behind = max(acquired, place.line if place else acquired)
    lines = [r.span.line for r in at.c.returns(at.function) if r.span.line >= behind]
    return min((line for line in lines if not _is_null_there(at, pointer, line)), default=None)


def _released_between(at: Site, pointer: str, first: int, last: int) -> bool:
    calls = (call for line in range(first + 1, last) for call in at.c.calls_on(line))
    ends = ("release", "submit", "discard", "drop")
    return any(
        call.name.endswith(ends) and call.args and call.args[0].text.strip() == pointer for call in calls
    )


def _is_null_there(at: Site, pointer: str, line: int) -> bool:
    tests = (f"!{pointer}", f"{pointer} == NULL", f"{pointer} == 0")
    return any(
        each.encloses and each.branch == "then" and each.text in tests
        for each in at.c.conditions_before(line, pointer)
    )
