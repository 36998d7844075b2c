"""Finds lines of a buffer by how they begin, touching only the bytes that are asked for."""

from __future__ import annotations

from bpfdoctor.model.report import Buffer


def find_line_before(text: Buffer, beginning: bytes, low: int, end: int) -> int:
    """The offset of the last line in text[low:end] that starts with `beginning`; -1 when there is none."""
    at = text.rfind(b"\n" + beginning, low, end)
    if at >= 0:
        return at + 1
    return low if text[low : min(end, low + len(beginning))] == beginning else -1


def count_lines(text: Buffer, beginning: bytes, followed_by: bytes, low: int, end: int) -> int:
    """How many lines in text[low:end] start with `beginning` and one of the bytes in `followed_by`."""
    count = 0
    at = text.find(b"\n" + beginning, low, end)
    while at >= 0:
        behind = at + 1 + len(beginning)
        count += behind < end and text[behind] in followed_by
        at = text.find(b"\n" + beginning, behind, end)
    return count
