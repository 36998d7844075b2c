"""Threads' numbers from other places: `task->pid`, a scheduler's record, the key of a look-up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.halves import Half, half_of
from bpfdoctor.preflight.lints.pids import OF_THREAD
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System
from bpfdoctor.source.cvalues import Function

_CALL = "bpf_get_current_pid_tgid"
_MEMBER = later(r"(\w+)\s*->\s*(pid|prev_pid|next_pid)|BPF_CORE_READ\(\s*(\w+)\s*,\s*(pid)\s*\)")
_TGID = later(r"(?i)tgid|process")  # who writes so does not mean a thread
_PIDS = later(r"(?i)(?:^|_)(?:pids?|tgids?|process(?:es)?)(?:_|$)")
_WRITES = r"(?:update_elem\s*\(\s*&\s*%s\b|\b%s\s*\.\s*(?:update|insert|increment|lookup_or))"


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    del hook, system
    for function, compared in text.comparisons():
        other = compared.right.strip()
        is_given = other.isidentifier() and _TGID.search(other) and not OF_THREAD.search(other)
        if is_given and _is_member(compared.left, text, function) and not _is_local(other, text, function):
            values = {"compared": compared.left, "other": other}
            yield Cause("thread-id-filter", values, text.place(compared.span, function))
    for function in text.functions:
        yield from _keys(text, function)


def _is_local(name: str, text: ProgramText, function: Function) -> bool:
    """Whether it may be the same task's own: `p->pid == tgid` asks for a process's first thread."""
    declared = text.declared(name, function)
    return declared is not None and declared.scope == "local"


def _is_member(value: str, text: ProgramText, function: Function, depth: int = 0) -> bool:
    """Whether it is the number that the kernel's scheduler knows a thread by."""
    plain = value.strip()
    if plain.isidentifier():
        given = None if depth or OF_THREAD.search(plain) else text.value_of(plain, function)
        return given is not None and _is_member(given, text, function, depth + 1)
    found = _MEMBER.fullmatch(plain)
    declared = text.declared(found[1] or found[3], function) if found is not None else None
    of = (declared.struct or "") if declared is not None else ""
    return of == "struct task_struct" or of.startswith("struct trace_event_raw_sched_")


def _keys(text: ProgramText, function: Function) -> Iterator[Cause]:
    """Look-ups by thread in a map of processes that the program itself does not fill."""
    for line in range(function.start, function.end + 1):
        for call in text.c.calls_on(line) if "bpf_map_lookup_elem" in text.c.line(line) else ():
            if call.name != "bpf_map_lookup_elem" or len(call.args) != 2 or call.span.line != line:
                continue
            of, key = (each.text.strip().removeprefix("&").strip() for each in call.args)
            if not _is_thread(key, text, function) or not _PIDS.search(of) or OF_THREAD.search(of):
                continue
            if re.search(_WRITES % (re.escape(of), re.escape(of)), "\n".join(text.c.lines)) is None:
                yield Cause(
                    "thread-id-filter", {"compared": key, "other": of}, text.place(call.span, function)
                )


def _is_thread(key: str, text: ProgramText, function: Function) -> bool:
    """Whether a variable whose address is a key was given the lower half, and nothing else."""
    given = text.c.assignments(key, function.start, function.end) if key.isidentifier() else ()
    if OF_THREAD.search(key) or len(given) != 1 or given[0].operator != "=":
        return False
    half = half_of(_CALL, given[0].value, text, function)
    return half is Half.LOWER or (half is Half.BOTH and text.size_of(key, function) == 4)
