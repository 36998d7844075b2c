"""The rules nearest to a message nobody knows, with why they are near: the words they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
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


def nearest(
    lines: Iterable[str],
    words_by_template: Sequence[Sequence[str]],
    rules_by_template: Sequence[Sequence[str]],
) -> tuple[Near, ...]:
    """Up to three rules, nearest first; a rule counts once, by its nearest template.

    Shared words weigh by how rare they are in the catalogue; two are needed, or one long and rare.
    """
    said = {word for line in lines for word in words_of(line)} - _DULL
    counts = Counter(word for words in words_by_template for word in set(words))
    total = len(words_by_template) + 1
    best: dict[str, tuple[float, tuple[str, ...]]] = {}
    for words, rules in zip(words_by_template, rules_by_template, strict=True):
        shared = sorted(said.intersection(words), key=lambda word: (counts[word], word))
        if not shared or (len(shared) == 1 and not _telling(shared[0], counts)):
            continue
        weight = sum(log(total / counts[word]) for word in shared)
        missing = sum(log(total / counts[word]) for word in set(words) - said - _DULL)
        # Of two templates with the same words in common the one that says less else is nearer.
        score = weight * weight / (weight + missing / 4)
        for rule in rules:
            if score > best.get(rule, (0.0, ()))[0]:
                best[rule] = (score, tuple(shared))
    order = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple(Near(rule, words) for rule, (_, words) in order[:MOST_RULES])


def _telling(word: str, counts: Counter[str]) -> bool:
    return len(word) >= _LONG and counts[word] <= MOST_RULES
