"""Follows BCC's rewriting token by token: which characters of the rewritten text are which of the user's.

BCC replaces whole expressions (`counts.increment(k)`, `task->mm->flags`, `name[0]`) by calls of helpers and
by `({ … })`, drops parameters and puts in statements. Both texts are walked together; where they differ, the
piece that was replaced is found by its brackets and by what follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpfdoctor.model.record import dataclass

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//(?>(?:\\\n|[^\n])*)|/\*.*?(?:\*/|\Z))
    |[A-Za-z_]\w*|"(?>(?:\\.|[^"\\\n])*)"?|'(?>(?:\\.|[^'\\\n])*)'?|\.?\d(?:[\w.])*|->|.""",
    re.S | re.X,
)
_OPEN, _CLOSE = "([{", ")]}"
_CALL = re.compile(
    r"_?b(?:pf|cc)_(?!pseudo_fd)\w+"
)  # what BCC calls instead: bpf_map_lookup_elem_, _bpf_readarg_f_1 …
_INSERTED = ("__attribute__", "bpf_probe_read", "bpf_probe_read_kernel", "bpf_probe_read_user")
_BOUNDARY = ("{", "}", ";", ")", "endif", "")  # before a statement or a declaration
_FARTHEST = 600  # tokens that may be put in between
_DEEPEST = 12  # replaced expressions inside one another
_SURE, _LIKELY = (
    5,
    2,
)  # equal tokens that show where both texts go on, anywhere and at the start of a statement


@dataclass(frozen=True, slots=True)
class PieceOrigin:
    """Where a piece of the rewritten text comes from: offsets in the user's. `exact`: letter for letter."""

    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text in tokens. `closing` leads from an opening bracket's token to its partner's, `opening` back."""

    words: Sequence[str]
    spans: Sequence[tuple[int, int]]
    closing: Mapping[int, int]
    opening: Mapping[int, int]

    @classmethod
    def of(cls, text: str) -> Text:
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        closing: dict[int, int] = {}
        stack: list[int] = []
        for match in _TOKEN.finditer(text):
            if match.lastgroup == "skip":
                continue
            word = match[0]
            if word in _OPEN:
                stack.append(len(words))
            elif word in _CLOSE and stack:
                closing[stack.pop()] = len(words)
            words.append(word)
            spans.append(match.span())
        return cls(words, spans, closing, {end: start for start, end in closing.items()})

    def word(self, at: int) -> str:
        return self.words[at] if 0 <= at < len(self.words) else ""

    def after(self, at: int) -> int:
        """The token after `at`, or after the whole group that it opens."""
        return self.closing.get(at, at) + 1

    def level(self, first: int, end: int) -> Iterator[int]:
        """Tokens from `first` on that are in no deeper group, up to the bracket that closes this one."""
        at = first
        while at < end and self.words[at] not in _CLOSE:
            yield at
            at = self.after(at)
        if at <= end:
            yield at

    def parts(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """What commas separate between two tokens."""
        start = first
        for at in self.level(first, end):
            if at >= end or self.words[at] == ",":
                if start < min(at, end):
                    yield start, min(at, end)
                start = at + 1


def follow(
    rewritten: str, original: str, anchors: Sequence[tuple[int, int]]
) -> list[tuple[int, int, PieceOrigin]]:
    """(start, end, origin) of each token of the rewritten text that comes from the user's, in order.

    `anchors` are offsets of lines that are surely the same: where the walk gets lost it goes on there.
    """
    walk = _Walk(Text.of(rewritten), Text.of(original))
    walk.all(anchors)
    mine, theirs = walk.left.spans, walk.right.spans
    return [
        (*mine[at], PieceOrigin(theirs[first][0], theirs[end - 1][1], exact))
        for at, (first, end, exact) in sorted(walk.found.items())
    ]


class _Walk:
    """`left` is the rewritten text. `found`: token of it -> (first, end, exact) in tokens of `right`."""

    def __init__(self, left: Text, right: Text, depth: int = 0) -> None:
        self.left, self.right, self.depth = left, right, depth
        self.found: dict[int, tuple[int, int, bool]] = {}

    def all(self, anchors: Sequence[tuple[int, int]]) -> None:
        starts = [{span[0]: at for at, span in enumerate(text.spans)} for text in (self.left, self.right)]
        known = [(starts[0][i], starts[1][j]) for i, j in anchors if i in starts[0] and j in starts[1]]
        i, j = self.run(0, len(self.left.words), 0, len(self.right.words))
        for at, to in known:
            if at >= i and to >= j:
                i, j = self.run(at, len(self.left.words), to, len(self.right.words))

    def run(self, i: int, i_end: int, j: int, j_end: int) -> tuple[int, int]:
        """Walk two stretches; how far it got in each."""
        left, right = self.left, self.right
        boundary = (i, j)
        while i < i_end and j < j_end:
            if left.word(i - 1) in _BOUNDARY and left.word(i - 1) == right.word(j - 1):
                boundary = (i, j)
            if left.words[i] == right.words[j]:
                self.found[i] = (j, j + 1, True)
                i, j = i + 1, j + 1
                continue
            end = self._unit(i, i_end, j, j_end)
            if end:
                self._inside(i, end[0], j, end[1])
                i, j = end
                continue
            if self.depth:  # in an argument nothing is put in or dropped
                break
            # A few equal tokens can be the beginning of what was put in: `int fd = …;` before `int zero;`.
            start = boundary if i - boundary[0] < _SURE else (i, j)
            to = self._insertion(start[0], i_end, start[1], j_end) or self._deletion(i, j, j_end)
            if not to:
                break
            for at in range(start[0], i):
                self.found.pop(at, None)
            i, j = boundary = to
        return i, j

    def _unit(self, i: int, i_end: int, j: int, j_end: int) -> tuple[int, int] | None:
        """Both ends of an expression that was replaced at (i, j)."""
        left, right = self.left, self.right
        if left.words[i] == "(" and left.word(i + 1) == "{":
            opening = i
        elif left.word(i + 1) == "(" and _CALL.fullmatch(left.words[i]):
            opening = i + 1
        else:
            return None
        end = left.after(opening)
        if end > i_end:
            return None
        first = None
        for at in right.level(j, j_end):
            last = right.words[at - 1]
            ends = last in ")]" or last[0] == "_" or last[0].isalnum()
            if at > j and (last == ")" or (opening == i and ends)):
                run = self._equal(end, at, i_end, j_end)
                if run >= min(_LIKELY, i_end - end, j_end - at):
                    return (end, at) if run or end == i_end else first
                first = first or (run and (end, at)) or None
            if right.word(at) == ";":
                break
        return first

    def _insertion(self, i: int, i_end: int, j: int, j_end: int) -> tuple[int, int] | None:
        """The place where the rewritten text goes on with (j) after something that BCC put in."""
        left = self.left
        first = None
        for at in left.level(i, min(i_end, i + _FARTHEST)):
            if at == i or at >= i_end:
                continue
            run = self._equal(at, j, i_end, j_end)
            if run >= min(_SURE, j_end - j):
                return at, j
            starts = left.words[at - 1] in _BOUNDARY
            unit = starts and left.words[at] not in _INSERTED and self._unit(at, i_end, j, j_end)
            if first is None and starts and (run >= _LIKELY or unit):
                first = at, j
        return first

    def _equal(self, i: int, j: int, i_end: int, j_end: int) -> int:
        """How many tokens are equal from (i, j) on; more than enough is not counted."""
        count = 0
        while count < _SURE and i + count < i_end and j + count < j_end:
            if self.left.words[i + count] != self.right.words[j + count]:
                break
            count += 1
        return count

    def _deletion(self, i: int, j: int, j_end: int) -> tuple[int, int] | None:
        """Parameters that BCC dropped: the user's list goes on, the rewritten one is closed."""
        if self.left.words[i] != ")" or self.right.words[j] != ",":
            return None
        *_, last = self.right.level(j, j_end)
        return (i, last) if self.right.word(last) == ")" else None

    def _inside(self, i: int, i_end: int, j: int, j_end: int) -> None:
        """A replaced expression: its arguments where they were kept, everything else is the whole of it."""
        for at in range(i, i_end):
            self.found[at] = (j, j_end, False)
        opening = self.right.opening.get(j_end - 1, j)
        call = opening > j and self.right.words[opening] == "("
        wanted = list(self.right.parts(opening + 1, j_end - 1)) if call else []
        if self.left.words[i] == "(":
            wanted.append((j + (self.right.words[j] == "*"), j_end))
        for slot in self._slots(i, i_end) if self.depth < _DEEPEST else ():
            for part in wanted:
                if self._same(slot, part):
                    break

    def _same(self, slot: tuple[int, int], part: tuple[int, int]) -> bool:
        """Map a slot to a part of the user's expression when it is the same, or that part rewritten."""
        (i, end), (j, j_end) = slot, part
        words = self.left.words
        if words[i : i + 4] == ["(", "void", "*", ")"]:
            i += 4
        if words[i] == "&" and self.right.words[j] != "&":
            i += 1
        trial = _Walk(self.left, self.right, self.depth + 1)
        if i >= end or trial.run(i, end, j, j_end) != (end, j_end):
            return False
        self.found.update(trial.found)
        return True

    def _slots(self, i: int, i_end: int) -> Iterator[tuple[int, int]]:
        """Places in a replaced expression where an argument can be: those of calls, and initialisers."""
        left = self.left
        for at in range(i, i_end):
            if left.words[at] == "(" and at in left.closing and left.words[at + 1] not in ("{", "void"):
                yield from left.parts(at + 1, left.closing[at])
            elif left.words[at] == "=":
                end = next((to for to in left.level(at + 1, i_end) if left.word(to) == ";"), None)
                if end is not None and end > at + 1:
                    yield at + 1, end
