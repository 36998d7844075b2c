"""kprobe and kretprobe: a function of the kernel, at any of its instructions."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if system.config("KPROBES") == "n":
        yield Cause("no-kprobes", {})
        return
    if not hook.target:
        yield NotKnown("nothing in the text says which function it is attached to")
        return
    if system.symbols is None:
        yield NotKnown(system.why_not(Of.SYMBOLS))
    elif not system.symbols.named(hook.target):
        yield Cause("kernel-function-missing", {"near": ", ".join(system.symbols.like(hook.target))})
