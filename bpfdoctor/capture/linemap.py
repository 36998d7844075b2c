"""Aligns a rewritten text with the user's: which line came from which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

_WORD = re.compile(r"[A-Za-z_]\w*|\d+")
_MOST_LINES = 20_000  # beyond, difflib's worst case would be felt


def align(rewritten: Sequence[str], original: Sequence[str]) -> dict[int, int]:
    """Line of `rewritten` -> line of `original`, both from 1. Added lines belong to the line before.

    Lines in front of the first and behind the last common one (BCC's own preamble and footer) have none.
    """
    if max(len(rewritten), len(original)) > _MOST_LINES:
        return {}
    left, right = [_bare(line) for line in rewritten], [_bare(line) for line in original]
    result: dict[int, int] = {}
    last_common = 0
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            result.update({a + i + 1: c + i + 1 for i in range(b - a)})
            if any(left[a:b]):
                last_common = b
        elif tag == "replace":
            result.update(_similar(left, right, range(a, b), range(c, d)))
            last_common = b
    for line in range(min(result, default=last_common + 1), last_common + 1):
        if line not in result:
            result[line] = result[line - 1]
    return {line: result[line] for line in sorted(result)}


def _bare(line: str) -> str:
    return " ".join(line.split())


def _similar(left: list[str], right: list[str], a: range, b: range) -> dict[int, int]:
    """Pairs the changed lines `a` with `b`, in order, by the words they share."""
    result: dict[int, int] = {}
    words = [set(_WORD.findall(right[j])) for j in b]
    at = 0
    for i in a:
        mine = set(_WORD.findall(left[i]))
        best, score = None, 0.0
        for offset in range(at, min(at + 50, len(b))):
            theirs = words[offset]
            common = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
            if common > score:
                best, score = offset, common
        if best is not None and score >= 0.5:
            result[i + 1] = b[best] + 1
            at = best
    return result
