"""Aligns a rewritten text with the user's: which line came from which."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[A-Za-z_]\w*|\d+")
_MOST_PAIRS = 10_000  # lines times lines of a stretch without a single line that stands only once
_ENOUGH = 0.2


def align(rewritten: Sequence[str], original: Sequence[str]) -> dict[int, int]:
    """Line of `rewritten` -> line of `original`, both from 1. Added lines belong to the line before.

    Lines before the first and after the last one with a partner (BCC's preamble and footer) have none.
    """
    left, right = (
        [" ".join(line.split()) for line in rewritten],
        [" ".join(line.split()) for line in original],
    )
    pairs: dict[int, int] = {}
    done = (0, 0)
    for i, j in [*_in_order(left, right), (len(left), len(right))]:
        pairs.update(_between(left, right, range(done[0], i), range(done[1], j)))
        if i < len(left):
            pairs[i] = j
        done = (i + 1, j + 1)
    result: dict[int, int] = {}
    partner = None
    for i in range(max(pairs, default=-1) + 1):
        partner = pairs.get(i, partner)
        if partner is not None:
            result[i + 1] = partner + 1
    return result


def anchors(rewritten: Sequence[str], original: Sequence[str]) -> list[tuple[int, int]]:
    """Indexes of lines that are surely the same: equal, and only once in each text."""
    return _in_order(*([" ".join(line.split()) for line in lines] for lines in (rewritten, original)))


def _in_order(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Pairs of equal lines that stand once in each text, the most that keep their order (patience diff)."""
    once = {line for line, count in Counter(left).items() if line and count == 1}
    place = {line: i for i, line in enumerate(left) if line in once}
    count = Counter(right)
    common = [(place[line], j) for j, line in enumerate(right) if line in place and count[line] == 1]
    ends: list[int] = []  # smallest last left place of a chain of each length
    chains: list[int] = []  # the pair it ends with
    before: list[int | None] = []
    for number, (i, _) in enumerate(common):
        at = bisect_left(ends, i)
        before.append(chains[at - 1] if at else None)
        ends[at : at + 1] = [i]
        chains[at : at + 1] = [number]
    result = []
    last = chains[-1] if chains else None
    while last is not None:
        result.append(common[last])
        last = before[last]
    return result[::-1]


def _between(left: list[str], right: list[str], a: range, b: range) -> dict[int, int]:
    """Pairs the lines `a` with `b`: equal ones at both ends, then those that share the most words."""
    result: dict[int, int] = {}
    while a and b and left[a[0]] == right[b[0]]:
        result[a[0]] = b[0]
        a, b = a[1:], b[1:]
    while a and b and left[a[-1]] == right[b[-1]]:
        result[a[-1]] = b[-1]
        a, b = a[:-1], b[:-1]
    if not a or not b or len(a) * len(b) > _MOST_PAIRS:
        return result
    mine = [set(_WORD.findall(left[i])) for i in a]
    theirs = [set(_WORD.findall(right[j])) for j in b]
    shared = [
        [1.0 if left[i] == right[j] else _shared(words, others) for j, others in zip(b, theirs, strict=True)]
        for i, words in zip(a, mine, strict=True)
    ]
    # best[i][j]: the most that the lines from i and from j on can share
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], shared[i][j] + best[i + 1][j + 1])
    i = j = 0
    while i < len(a) and j < len(b):
        if shared[i][j] and best[i][j] == shared[i][j] + best[i + 1][j + 1]:
            result[a[i]] = b[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return result


def _shared(words: set[str], others: set[str]) -> float:
    """How much two lines have in common, 0 to 1; 0 for what any two lines of C have in common."""
    share = 2 * len(words & others) / (len(words) + len(others) or 1)
    return share if share >= _ENOUGH else 0.0
