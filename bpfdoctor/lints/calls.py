"""Calls of helpers that say too little of what they read, or whose result nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.lints.known import Found, Memory, Stack
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.lints.walk import HelperCall, Seen
from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.model.edits import renamed
from bpfdoctor.model.preflight import Cause
from bpfdoctor.pattern import later
from bpfdoctor.preflight.needs.reach import AS_IT_IS, reached
from bpfdoctor.source.layout import Block

AS_KERNEL, AS_USER = "user-memory-as-kernel", "kernel-memory-as-user"
EITHER, UNCHECKED, PRINTK = "probe-read-either", "probe-read-unchecked", "printk-left-in"
_EITHER = {"bpf_probe_read": "bpf_probe_read_{}", "bpf_probe_read_str": "bpf_probe_read_{}_str"}
_KERNEL = {
    "bpf_probe_read_kernel": "bpf_probe_read_user",
    "bpf_probe_read_kernel_str": "bpf_probe_read_user_str",
}
_USER = {right: wrong for wrong, right in _KERNEL.items()}
_READS = frozenset({*_EITHER, *_KERNEL, *_USER})
_PRINTS = frozenset({"bpf_trace_printk", "bpf_trace_vprintk"})
_CALL = later(r"\bbpf_probe_read\w*\s*\(")


def look(program: Linted) -> Iterator[Lint]:
    run = None
    for block, seen in program.walked():
        for call in seen.calls:
            name = call.helper.name
            if name in _READS:
                yield from _read(program, block, seen, call)
            elif name in _PRINTS:
                run = reached(program.code, program.block, AS_IT_IS) if run is None else run
                if call.insn.at in run:
                    yield Lint(Cause(PRINTK, {"helper": name}, program.place(block, call.insn.at)))


def _read(program: Linted, block: Block, seen: Seen, call: HelperCall) -> Iterator[Lint]:
    name = call.helper.name
    place = program.place(block, call.insn.at)
    source = call.argument(3)
    is_user = source.user if isinstance(source, Memory) else None
    what = source.what if isinstance(source, Memory) else ""
    if isinstance(source, (Stack, Found)):
        is_user, what = False, "memory of the program itself"
    if is_user and name in _KERNEL:
        values = {"helper": name, "what": what, "right": _KERNEL[name]}
        yield Lint(Cause(AS_KERNEL, values, place), _renamed(program, place, name, _KERNEL[name]))
    elif is_user is False and name in _USER:
        values = {"helper": name, "what": what, "right": _USER[name]}
        yield Lint(Cause(AS_USER, values, place), _renamed(program, place, name, _USER[name]))
    elif name in _EITHER and _is_written(program, place):
        right = _EITHER[name].format("user" if is_user else "kernel")
        either = right if is_user is not None else f"{_EITHER[name].format('user')} or {right}"
        edits = _renamed(program, place, name, right) if is_user is not None else ()
        yield Lint(Cause(EITHER, {"helper": name, "right": either}, place), edits)
    is_own = isinstance(source, (Stack, Found))  # such a read does not fail
    if not is_own and call.insn.at[1] not in seen.used and _is_written(program, place):
        yield Lint(Cause(UNCHECKED, {"helper": name}, place))


def _is_written(program: Linted, place: Place | None) -> bool:
    """Whether the call itself stands there; BPF_CORE_READ and its like have no result to look at."""
    text = program.line(place)
    if place is None or place.column is None:
        return len(_CALL.findall(text)) == 1 and "READ" not in text
    return _CALL.match(text, place.column - 1) is not None


def _renamed(program: Linted, place: Place | None, wrong: str, right: str) -> tuple[Edit, ...]:
    """The line with the other helper, where it names the wrong one exactly once.

    Only in the program's own function: others may be called with addresses of both kinds.
    """
    text = program.source.text(place.file) if place is not None else None
    if place is None or text is None or place.function != program.block.name:
        return ()
    return renamed(text, place, wrong, right)
