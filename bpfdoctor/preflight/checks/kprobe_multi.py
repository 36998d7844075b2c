"""kprobe.multi: every function that ftrace can trace and a pattern names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.checks import kernel_function
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if system.config("FPROBE") == "n":
        yield Cause("no-kprobe-multi", {})
        return
    pattern = hook.target
    if not pattern:
        yield NotKnown("nothing in the text says which functions it is attached to")
    elif not any(each in pattern for each in "*?"):
        absent = list(kernel_function.missing(pattern, system))
        yield from absent or kernel_function.not_traced(pattern, system)
    elif system.traceable is not None:
        wanted = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
        if not any(map(wanted.fullmatch, system.traceable)):
            yield _empty(pattern, system)
    elif system.symbols is None:
        yield NotKnown(system.why_not(Of.SYMBOLS))
    elif not system.symbols.fitting(pattern):
        yield _empty(pattern, system)


def _empty(pattern: str, system: System) -> Cause | NotKnown:
    if not system.shows_modules:
        return kernel_function.not_in_kernel(f"function like {pattern}", system)
    return Cause("kernel-pattern-empty", {"pattern": pattern, "kind": "function", "place": "this kernel"})
