"""The rules nearest to a message nobody knows, with why they are near: the words they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import log

from bpfdoctor.catalogue.template import words_of
from bpfdoctor.model.record import dataclass

MOST_RULES = 3
_LONG = 6
_DULL = frozenset(("the", "and", "for", "not", "with", "from", "has", "have", "can", "cannot", "are", "this"))


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that may be meant. `words` are what its message shares with the unknown one, rarest first."""

    rule: str
    words: tuple[str, ...]


class WordsOfTemplates:
    """The literal words of every template, and which templates have a word."""

    def __init__(self, by_template: Sequence[Sequence[str]]) -> None:
        self.by_template = [frozenset(words) for words in by_template]
        self.having: dict[str, list[int]] = {}
        for number, words in enumerate(self.by_template):
            for word in words:
                self.having.setdefault(word, []).append(number)

    def rarity(self, word: str) -> float:
        """How much a word tells: it is 0 for one that all templates have."""
        return log((len(self.by_template) + 1) / len(self.having[word]))

    def is_telling(self, word: str) -> bool:
        return len(word) >= _LONG and len(self.having[word]) <= MOST_RULES


def nearest(
    lines: Iterable[str], known: WordsOfTemplates, rules_with: Callable[[int], Sequence[str]]
) -> tuple[Near, ...]:
    """Up to three rules, nearest first; a rule counts once, by its nearest template. `rules_with` names them.

    Shared words weigh by how rare they are in the catalogue; two are needed, or one long and rare.
    """
    said = {word for line in lines for word in words_of(line)} - _DULL
    best: dict[str, tuple[float, tuple[str, ...]]] = {}
    for number in sorted({number for word in said for number in known.having.get(word, ())}):
        words = known.by_template[number]
        common = said & words
        if len(common) == 1 and not known.is_telling(*common):
            continue
        shared = sorted(common, key=lambda word: (len(known.having[word]), word))
        weight = sum(map(known.rarity, shared))
        missing = sum(map(known.rarity, words - said - _DULL))
        # Of two templates with the same words in common the one that says less else is nearer.
        score = weight * weight / (weight + missing / 4)
        for rule in rules_with(number):
            if score > best.get(rule, (0.0, ()))[0]:
                best[rule] = (score, tuple(shared))
    order = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple(Near(rule, words) for rule, (_, words) in order[:MOST_RULES])
