"""Reads a buffer line by line from its end, touching only the bytes that are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.report import Buffer

# A line of the kernel's is a few KiB at the most; of a longer one the beginning is enough.
_LONGEST = 1 << 16


def line_start(text: Buffer, low: int, end: int) -> int:
    """Where the line that ends at `end` (exclusive, its newline not counted) begins; never before `low`."""
    return max(text.rfind(b"\n", low, end) + 1, low)


def line_end(text: Buffer, start: int, high: int) -> int:
    """The end of the line that begins at `start`, without its newline."""
    end = text.find(b"\n", start, high)
    return high if end < 0 else end


def decode(text: Buffer, start: int, end: int) -> str:
    """The line as text; bytes that are no UTF-8 become U+FFFD."""
    return text[start : min(end, start + _LONGEST)].decode("utf-8", "replace").rstrip("\r")


def lines_before(text: Buffer, low: int, end: int) -> Iterator[tuple[int, str]]:
    """(offset, line) of every line in text[low:end], last one first. A final newline makes no empty line."""
    if end > low and text[end - 1 : end] == b"\n":
        end -= 1
    while end > low:
        start = line_start(text, low, end)
        yield start, decode(text, start, end)
        end = start - 1


def lines_after(text: Buffer, start: int, high: int) -> Iterator[tuple[int, str]]:
    """(offset, line) of every line in text[start:high], in order."""
    while start < high:
        end = line_end(text, start, high)
        yield start, decode(text, start, end)
        start = end + 1


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
        count += text[behind : behind + 1] in followed_by
        at = text.find(b"\n" + beginning, behind, end)
    return count
