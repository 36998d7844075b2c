"""Cuts a log from the loader's line that it begins in."""

from __future__ import annotations

from bpfdoctor.log.events import Event, kind_of
from bpfdoctor.log.kinds import Kind
from bpfdoctor.pattern import later

# A log that begins in the middle of a loader's line. Rust: "Verifier output: 0: R1=ctx() R10=fp0".
_GLUED = later(
    rb"(?:Verifier output: |verifier_log: (?:VerifierLog\()?\"?|log_buf ?[=:] ?"
    rb"|load program: [A-Za-z' -]{3,60}: |VERIFIER LOG: ?)(?=[^\s(])"
)
# What cilium/ebpf ends such a line with.
_OMITTED = later(rb" ?\((?:truncated, )?\d{1,9} line\(s\) omitted\)")


def split(lines: list[Event]) -> list[Event]:
    """A loader's line that ends in the first line of a log becomes two lines."""
    found: list[Event] = []
    for line in lines:
        glued = _GLUED.search(line.data, 0, 2000) if line.kind is Kind.LOADER else None
        if glued is None:
            found.append(line)
            continue
        at = line.start + glued.end()
        rest = line.data[glued.end() :]
        found.append(Event(Kind.LOADER, line.start, at, line.data[: glued.end()].rstrip()))
        omitted = _OMITTED.search(rest)
        end = omitted.start() if omitted else len(rest)
        found.append(Event(kind_of(rest[:end]), at, at + end, rest[:end]))
        if omitted:
            found.append(Event(Kind.LOADER, at + end, line.end, omitted[0].strip()))
    return found
