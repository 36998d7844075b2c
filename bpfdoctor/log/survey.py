"""One cheap scan over a large text: where somebody speaks of a program, and where a log only goes on.

Every block of the text is looked through for a few words that loaders, compilers and the verifier's last line
cannot do without. What lies around them is read; between them a hole is left, inside a log or outside of any.
"""

from __future__ import annotations

import mmap
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from bpfdoctor.log.events import kind_of
from bpfdoctor.log.kinds import VERIFIER, Kind
from bpfdoctor.model.report import Buffer
from bpfdoctor.pattern import later

_BLOCK = 1 << 18  # bytes looked through at a time
_SAMPLES = 12  # lines of a block that tell whether it is the inside of a log
_BEFORE, _AFTER = 16 << 10, 8 << 10  # bytes read around what was found
_MOST = 8 << 20  # bytes read in all
LISTED = 1000  # programs that load, each with a report of its own

_STATS, _BEGIN = b" insns (limit ", b"-- BEGIN PROG LOAD LOG --"
# What begins every form of failure that is not a log with statistics; and statistics of old kernels. Each by
# a part of it that is found three times as fast, as bytes.find skips most where the last letters are rare.
_SPOKEN = {
    b"rror:": (b"rror:",),
    b"RROR:": (b"RROR:",),
    b"load": (b"load failed", b"ailed to load", b"load program: "),
    b"insns": (b" insns, stack depth ",),
    b"bbpf:": (b"libbpf: map ",),
}
_LAST_LINE = later(rb"processed \d{1,20} insns")
_BEFORE_STATS = (b"verification time ", b"stack depth ")


class Window(NamedTuple):
    """A part of the text to be read; `inside`: what lies before it is more of the same log."""

    start: int
    end: int
    inside: bool


class Survey(NamedTuple):
    """Where to read, how many programs that load were passed over, and whether anything else had to be."""

    windows: list[Window]
    loads: int
    unread: int  # bytes that the budget did not reach


class Seen(NamedTuple):
    """What was met in the text."""

    marks: list[tuple[int, bool]]  # (offset, whether it is a log's last line)
    walks: list[tuple[int, int]]  # blocks that are the inside of a log, joined


def windows(text: Buffer, seen: Seen, tail: int) -> Survey:
    """`tail`: the bytes read before a log's last line, for its message and the instruction it is about."""
    kept, passed_over = _without_fine(text, seen.marks)
    found = [(0, _BEFORE), (max(len(text) - tail, 0), len(text))]
    found += [(at - (tail if last else _BEFORE), at + _AFTER) for at, last in kept]
    merged = _between(_merged(sorted(found), len(text)), passed_over)
    affordable, unread = _affordable(merged)
    read = [_cut(text, start, end, seen.walks) for start, end in affordable]
    return Survey(read, len(passed_over), unread)


def look_through(text: Buffer) -> Seen:
    """One pass over the whole text."""
    marks: list[tuple[int, bool]] = []
    walks: list[tuple[int, int]] = []
    for start, block in _blocks(text):
        if _is_walk(block):
            if walks and walks[-1][1] == start:
                walks[-1] = (walks[-1][0], start + len(block))
            else:
                walks.append((start, start + len(block)))
            words: list[bytes] = []
        else:
            words = [word for part, words in _SPOKEN.items() if part in block for word in words]
        here = [(start + at, False) for word in (_BEGIN, *words) for at in _all(block, word)]
        if b"insns" in block:
            here += [(start + at, True) for at in _all(block, _STATS)]
        for at, last in sorted(here):  # the window around one mark has the others that are near
            if last or not marks or marks[-1][1] or at - marks[-1][0] > _AFTER // 2:
                marks.append((at, last))
    return Seen(marks, walks)


def _blocks(text: Buffer) -> Iterator[tuple[int, bytes]]:
    """(offset, whole lines) of about _BLOCK bytes; what was mapped for them need not stay in memory."""
    at, size = 0, len(text)
    while at < size:
        end = min(at + _BLOCK, size)
        block = bytes(text[at:end])
        if end < size and (cut := block.rfind(b"\n")) >= 0:
            block, end = block[: cut + 1], at + cut + 1
        if isinstance(text, mmap.mmap):
            text.madvise(mmap.MADV_DONTNEED, at - at % mmap.PAGESIZE, end - at)
        yield at, block
        at = end


def _all(block: bytes, word: bytes) -> Iterator[int]:
    at = block.find(word)
    while at >= 0:
        yield at
        at = block.find(word, at + len(word))


def _is_walk(block: bytes) -> bool:
    """Whether every line looked at is a verifier's."""
    step = max(len(block) // _SAMPLES, 1)
    for at in range(0, len(block), step):
        start = block.find(b"\n", at) + 1
        end = block.find(b"\n", start)
        if not 0 < start < end:
            continue
        kind = kind_of(block[start:end])
        if kind not in VERIFIER and kind not in (Kind.COMMENT, Kind.BLANK):
            return False
    return True


def _without_fine(
    text: Buffer, marks: list[tuple[int, bool]]
) -> tuple[list[tuple[int, bool]], list[tuple[int, int]]]:
    """The marks without those of programs that load, where nobody could read so many; and where these are.

    A program loads when nothing but the frame of its log, and no message, stands before its last line.
    """
    lasts = [number for number, (_, last) in enumerate(marks) if last]
    kept: list[tuple[int, bool]] = []
    passed_over: list[tuple[int, int]] = []
    if len(lasts) <= LISTED:
        return marks, passed_over
    listed = first = end = 0
    for number in lasts:
        group, first = marks[first : number + 1], number + 1
        at, before = group[-1][0], end
        end = text.find(b"\n", at) + 1 or len(text)
        framed = all(text[each : each + len(_BEGIN)] == _BEGIN for each, last in group if not last)
        if framed and len(group) <= 2 and _is_fine(text, at):
            listed += 1
            if listed > LISTED:
                start = text.rfind(b"\n", before, group[0][0]) + 1 if len(group) > 1 else before
                passed_over.append((max(start, before), end))
                continue
        kept += group
    return kept + marks[first:], passed_over


def _is_fine(text: Buffer, at: int) -> bool:
    """Whether the line before a log's last lines is no message."""
    start = text.rfind(b"\n", max(at - 200, 0), at) + 1
    if not _LAST_LINE.match(text[start : start + 60]):
        return False
    above = bytes(text[max(start - 2000, 0) : start]).split(b"\n")
    line = next((each for each in reversed(above) if each and not each.startswith(_BEFORE_STATS)), b"")
    return kind_of(line) in VERIFIER


def _between(windows: list[tuple[int, int]], passed_over: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The windows without what is counted and not read; both are in order."""
    if not passed_over:
        return windows
    left: list[tuple[int, int]] = []
    starts = [start for start, _ in passed_over]
    for start, end in windows:
        at = start
        first = max(bisect_right(starts, start) - 1, 0)
        for gone, back in passed_over[first:]:
            if gone >= end:
                break
            if gone > at:
                left.append((at, gone))
            at = max(at, back)
        if at < end:
            left.append((at, end))
    return left


def _merged(found: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in ((max(start, 0), min(end, size)) for start, end in found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _affordable(windows: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
    """The last of them, as far as _MOST goes: errors stand at the end."""
    kept: list[tuple[int, int]] = []
    left = _MOST
    for start, end in reversed(windows):
        if left <= 0:
            break
        kept.append((max(start, end - left), end))
        left -= end - kept[-1][0]
    kept.reverse()
    return kept, sum(end - start for start, end in windows) - sum(end - start for start, end in kept)


def _cut(text: Buffer, start: int, end: int, walks: list[tuple[int, int]]) -> Window:
    """The window in whole lines."""
    inside = any(first < start <= last for first, last in walks)
    if start and text[start - 1 : start] != b"\n":
        start = text.find(b"\n", start, end) + 1 or start
    if end < len(text):
        end = text.rfind(b"\n", start, end) + 1 or end
    return Window(start, end, inside)
