"""Which messages of the verifier a piece of text can be from: cut off, in any case, inside a sentence.

A message is its literal words, in order; numbers and registers are left out on both sides. A piece is a run
of such words, found by three that follow each other. Whether it is one, or plain English, is decided by how
long it is, and by whether it has a word that people do not write about other things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product

from bpfdoctor.catalogue.everyday import EVERYDAY
from bpfdoctor.catalogue.template import TemplateField, parse
from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later

GAP = "|"  # in a template's words: a value that may be any words, also none
_LONG = 5  # so many words in this order are seldom an accident
_SHORT = 3
_MOST_VARIANTS = 12
_MOST_WORDS = 400  # of a line
_MOST_SEEDS = 64  # places of a line that are tried
_WIDEST = 4  # words that a value has
_LEFT_OUT = frozenset(("off", "size", "id"))  # they name a number, and go with it
# "I get min value is negative"
_TELLING = """
get got gets gives gave say says said error errors message fails failed with complains see sees prints printed
reports reported shows me is
"""
_TELL = frozenset(_TELLING.split())
_NUMBERS = ("int", "hex", "num", "arg", "tnum")
_WORD = later(r"(?:\b[rw]\d{1,2}\b|\b0x[0-9a-f]{1,16}\b|\d{1,20})|([a-z_]\w{0,60})")
_TAIL = later(r"(?: ?[=#]?-?\d{1,20}\b)*[)\]]?")
_HEAD = later(r"\b[RrWw]\d{1,2} ?$")


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` is the part of the line; `templates` what it can be from, most of whose words it has first.

    `whole`: nothing else stands in the line.
    """

    text: str
    templates: tuple[int, ...]
    whole: bool


def words_of_template(text: str) -> list[str]:
    """The template's words as Pieces takes them, one string for each way its alternatives can be filled."""
    parts = [_choices(part) for part in parse(text)]
    variants = {" ".join(_words("".join(chosen))) for chosen in islice(product(*parts), _MOST_VARIANTS)}
    return sorted(each for each in variants if len(each.replace(GAP, " ").split()) >= _SHORT)


def _choices(part: str | TemplateField) -> Sequence[str]:
    if isinstance(part, str):
        return (part,)
    if part.choices:
        return part.choices
    if part.kind == "reg":
        return ("7",)  # a literal R may stand before it
    return (" 7 ",) if part.kind in _NUMBERS else (f" {GAP} ",)


def _words(text: str) -> Iterator[str]:
    for piece in re.split(r"(\|)", text.lower()):
        if piece == GAP:
            yield GAP
        else:
            yield from (found[1] for found in _WORD.finditer(piece) if found[1])


class Pieces:
    """All messages, by three words that follow each other. `words`: words_of_template of each template."""

    def __init__(self, words: Sequence[Sequence[str]]) -> None:
        self._runs: list[tuple[int, list[str]]] = []
        self._at: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for template, variants in enumerate(words):
            for variant in variants:
                run = variant.split()
                number = len(self._runs)
                self._runs.append((template, run))
                for at in range(len(run) - 2):
                    if GAP not in (three := (run[at], run[at + 1], run[at + 2])):
                        self._at.setdefault(three, []).append((number, at))

    def find(self, line: str) -> Piece | None:
        """The longest piece of a message in this line; None when it has none."""
        lower = line.lower()
        found = [each for each in islice(_WORD.finditer(lower), 2 * _MOST_WORDS) if each[1]]
        said = [each[1] for each in found]
        best: tuple[int, int] | None = None
        from_: list[tuple[float, int, int]] = []
        tried = 0
        for first in range(len(said) - 2):
            seeds = self._at.get((said[first], said[first + 1], said[first + 2]))
            if seeds is None:
                continue
            tried += 1
            if tried > _MOST_SEEDS:
                break
            for number, at in seeds:
                template, run = self._runs[number]
                start, end, length, distinct = _extended(said, first, run, at)
                share = length / len(run)
                whole = start == 0 and end == len(said)
                quoted = start > 0 and said[start - 1] in _TELL
                if not _is_piece(length, distinct, whole, quoted):
                    continue
                if best is None or end - start > best[1] - best[0]:
                    best, from_ = (start, end), []
                if (start, end) == best:
                    from_.append((-share, -sum(word != GAP for word in run), template))
        if best is None:
            return None
        start, end = found[best[0]].start(), found[best[1] - 1].end()
        if head := _HEAD.search(line[max(start - 5, 0) : start]):
            start -= len(head[0])
        if tail := _TAIL.match(line, end):
            end = tail.end()
        ranked = sorted(from_)
        if ranked[0][0] == -1.0:  # all of a message, of which only its numbers or its capitals are missing
            ranked = [each for each in ranked if each[:2] == ranked[0][:2]]
        templates = tuple(dict.fromkeys(template for _, _, template in ranked))
        return Piece(line[start:end], templates, best == (0, len(said)))


def _is_piece(length: int, distinct: set[str], whole: bool, quoted: bool) -> bool:
    """Whether so many words, of which these are not everybody's, are a piece of a message and no English.

    `whole`: there is nothing else in the line; `quoted`: the word before them is one that people quote after.
    """
    if not distinct:
        return length >= (_SHORT + 1 if whole else _LONG + 2)
    return length > _SHORT or (length == _SHORT and (whole or quoted or len(distinct) > 1))


def _extended(said: Sequence[str], first: int, run: Sequence[str], at: int) -> tuple[int, int, int, set[str]]:
    """The run from these three words as far as it goes both ways: start, end, its words, the telling ones."""
    end, there = first + 3, at + 3
    words = list(said[first:end])
    filled = 0
    while end < len(said) and there < len(run):
        is_cut = end == len(said) - 1 and run[there].startswith(said[end])
        if said[end] == run[there] or is_cut:
            words.append(run[there])
            end, there = end + 1, there + 1
        elif run[there] == GAP:
            width = _width(said[end : end + _WIDEST + 1], run, there + 1)
            if width is None:
                break
            end, there, filled = end + width, there + 1, filled + 1
        elif run[there] in _LEFT_OUT:
            there += 1
        else:
            break
    start, before = first, at - 1
    while start > 0 and before >= 0:
        is_cut = start == 1 and len(said[0]) >= _SHORT and run[before].endswith(said[0])
        if said[start - 1] == run[before] or is_cut:
            words.append(run[before])
            start, before = start - 1, before - 1
        elif run[before] == GAP:
            width = _width(said[max(start - _WIDEST - 1, 0) : start][::-1], run, before - 1)
            if width is None:
                break
            start, before, filled = start - width, before - 1, filled + 1
        else:
            break
    return start, end, len(words) + filled, {word for word in words if word not in EVERYDAY}


def _width(said: Sequence[str], run: Sequence[str], at: int) -> int | None:
    """How many words a value has after which the run goes on: a few, or none; the last one has the rest."""
    if not 0 <= at < len(run):
        return min(len(said), 1) if at >= len(run) else None
    return next((width for width, word in enumerate(said) if word == run[at]), None)
