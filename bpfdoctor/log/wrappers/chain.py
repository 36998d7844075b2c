"""Splits what a loader says into its links: `outer step: inner step: the file it opened: the error`."""

from __future__ import annotations

import re
from typing import NamedTuple

from bpfdoctor.pattern import later

# A link ends at a colon with a space (kprobe:vfs_read has none), or where a word says that the error follows.
_ENDS = later(r": |:$|(?<=[)\]'\"\w]) - |[,;] (?=err(?:or)?[:=] )|;(?= )|=> ")
_OPENING, _CLOSING = "([{", ")]}"
# How Go names a system call that failed on a file: `open /sys/fs/bpf/x`; the step is that of the link before.
_FILE_CALL = later(
    r"(.{0,200}[ (,])?"
    r"(open|openat|stat|lstat|fstat|read|write|mkdir|readlink|access|chmod|rename|unlink|mount)"
    r" ['\"]?((?:[\w.@+-]{0,80}/\S{0,300}|[\w.@+-]{1,80}\.(?:o|elf|bpf)))$"
)
# How C libraries name it: `write(/sys/kernel/debug/tracing/kprobe_events, "p:x y") failed`.
_C_CALL = later(r"(open|openat|read|write|mkdir|mount)\((/[^\s,()]{1,300})(?:, .{0,400})?\)(?: failed)?$")
# What comes after the error: "(MEMLOCK may be too low, …)", ". Make sure your kernel supports …"
_HINT = later(
    r" ?\((?!\d|err|os error|-|E[A-Z]{2})[^()]{12,200}\)?$|(?<=[\w)])[.;] [A-Z]\w+ (?:\w|').{0,400}$"
)


class FileCall(NamedTuple):
    """A system call that failed on a file: `open`, and its path."""

    name: str
    path: str
    alone: bool  # the link says nothing else


class Link(NamedTuple):
    """One step of a chain, from the place `start` to `end` of the line."""

    start: int
    end: int
    file_call: FileCall | None = None


def links(line: str) -> list[Link]:
    """The links of a line, the outermost first."""
    outside = _outside(line)
    cuts = [match for match in _ENDS.finditer(line) if outside[match.start()]]
    starts = [0, *(match.end() for match in cuts)]
    ends = [*(match.start() for match in cuts), len(line)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        if text := line[start:end].strip():
            found.append(Link(start, end, _file_call(text)))
    return found


def _file_call(text: str) -> FileCall | None:
    if (in_c := _C_CALL.match(text)) is not None:
        return FileCall(in_c[1], in_c[2], alone=True)
    in_go = _FILE_CALL.match(text)
    return FileCall(in_go[2], in_go[3].strip("'\""), alone=not in_go[1]) if in_go else None


def without_hint(line: str, errors: re.Pattern[str]) -> str:
    """The line up to its error: what a loader advises after it names steps that nobody took."""
    error = errors.search(line)
    if error is None:
        return line
    hint = _HINT.search(line, error.end())
    return line[: hint.start()] if hint else line


def _outside(line: str) -> list[bool]:
    """For each character, whether it stands outside of brackets; what is never closed opens nothing."""
    outside = [True] * (len(line) + 1)
    opened: list[int] = []
    for at, char in enumerate(line):
        if char in _OPENING:
            opened.append(at)
        elif char in _CLOSING and opened:
            start = opened.pop()
            if not opened:
                outside[start:at] = [False] * (at - start)
    return outside
