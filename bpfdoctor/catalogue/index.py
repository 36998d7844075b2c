"""Which templates a line can be: found by one rare word of each, so a thousand cost as much as ten."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bpfdoctor.catalogue.schema import Match, Rule
from bpfdoctor.catalogue.template import Template, bind, compile_template, one_spaced, words_of
from bpfdoctor.model.failure import Failure
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Stage

_COMMON = frozenset(("the", "and", "for", "not", "with", "error", "goto", "call"))  # in lines of every kind


@dataclass(frozen=True, slots=True)
class IndexedMatch:
    """A Match whose lines are numbers of templates."""

    rule: int
    stage: Stage
    errno: int | None
    priority: int
    summary: bool
    decides: bool
    when: tuple[str, ...]
    templates: tuple[int, ...]
    message: str


class Index:
    """All templates of a catalogue. `data` and `templates` (JSON texts) are what `build` returned."""

    def __init__(self, data: Mapping[str, Any], templates: Sequence[bytes]) -> None:
        self._raw_templates = templates
        self._templates: dict[int, Template] = {}
        self._by_word: dict[str, list[int]] = data["words"]
        self._wordless: list[int] = data["wordless"]
        self._uses: list[list[int]] = data["uses"]
        self._remarks = frozenset(data["remarks"])
        self._raw_matches: list[Any] = data["matches"]
        self.errno_matches: list[int] = data["errnos"]
        self._advice: list[Any] = data["advice"]
        self._classified = frozenset(data["classified"])

    def template(self, number: int) -> Template:
        if number not in self._templates:
            pattern, fields, needle, weight = json.loads(self._raw_templates[number])
            self._templates[number] = Template(pattern, tuple(map(tuple, fields)), needle, weight, ())
        return self._templates[number]

    def match(self, number: int) -> IndexedMatch:
        rule, stage, errno, priority, summary, decides, when, templates, message = self._raw_matches[number]
        return IndexedMatch(
            rule, Stage(stage), errno, priority, summary, decides, tuple(when), tuple(templates), message
        )

    def matches_with(self, templates: Iterable[int]) -> set[int]:
        """The matches that use one of these templates."""
        return {number for template in templates for number in self._uses[template]}

    def is_classified(self, rule: int) -> bool:
        """Whether this rule recognises a failed step and knows no cause."""
        return rule in self._classified

    def names_words(self, rule: int, advice: int) -> bool:
        """Whether this advice is about words of the loader's: then no template says more."""
        return any(words for each, number, _, _, _, words in self._advice if (each, number) == (rule, advice))

    def advice_for(self, failure: Failure) -> tuple[int, int] | None:
        """The rule, and which of its advice, that fits a failed step best; None where none does.

        What is about these words of the loader's comes first, then this kind of target, then this error.
        """
        line = failure.said.lower()
        best: tuple[tuple[bool, ...], int, int] | None = None
        for rule, number, step, kinds, errnos, words in self._advice:
            if step != failure.step or (kinds and failure.kind not in kinds):
                continue
            if (errnos and (failure.errno or 0) not in errnos) or (
                words and not any(word in line for word in words)
            ):
                continue
            rank = (bool(words), bool(kinds), bool(errnos))
            if best is None or rank > best[0]:
                best = rank, rule, number
        return best[1:] if best else None

    def lookup(self, line: str) -> dict[int, dict[str, Any]]:
        """The templates that `line` (one_spaced) is a rendering of, with the values they bind."""
        found = {}
        for number in self._candidates(line):
            if (values := bind(self.template(number), line)) is not None:
                found[number] = values
        return found

    def known(self, line: str) -> bool:
        """Whether a rule's template with at least one literal word matches this line."""
        line = one_spaced(line)
        return any(
            self._uses[number] and bind(self.template(number), line) is not None
            for number in self._by_words(line)
        )

    def remark(self, line: str) -> bool:
        """Whether this is a line that also stands in logs of programs that load."""
        line = one_spaced(line)
        return any(
            number in self._remarks and bind(self.template(number), line) is not None
            for number in self._candidates(line)
        )

    def is_remark(self, templates: Iterable[int]) -> bool:
        return not self._remarks.isdisjoint(templates)

    def _candidates(self, line: str) -> list[int]:
        return [*self._by_words(line), *self._wordless]

    def _by_words(self, line: str) -> list[int]:
        table = self._by_word
        return [number for word in table.keys() & words_of(line) for number in table[word]]


def build(
    rules: Iterable[Rule], remarks: Iterable[str]
) -> tuple[dict[str, Any], list[list[Any]], list[list[str]], list[list[str]]]:
    """The data of an Index, its templates, each one's literal words, and these in their order: all JSON."""
    from bpfdoctor.catalogue.pieces import words_of_template

    numbers: dict[str, int] = {}
    templates: list[Template] = []

    def number_of(text: str) -> int:
        if text not in numbers:
            numbers[text] = len(templates)
            templates.append(compile_template(text))
        return numbers[text]

    listed = list(rules)
    matches = [
        (rule_number, match, [number_of(line) for line in match.lines])
        for rule_number, rule in enumerate(listed)
        for match in rule.matches
    ]
    remark_numbers = [number_of(text) for text in remarks]
    uses: list[list[int]] = [[] for _ in templates]
    for match_number, (_, _, used) in enumerate(matches):
        for template in used:
            if match_number not in uses[template]:
                uses[template].append(match_number)
    words, wordless = _words(templates)
    data = {
        "words": words,
        "wordless": wordless,
        "uses": uses,
        "remarks": remark_numbers,
        "matches": [_match_data(rule, match, used) for rule, match, used in matches],
        "advice": [
            [rule_number, number, each.step.value, each.kinds, each.errnos, each.words]
            for rule_number, rule in enumerate(listed)
            for number, each in enumerate(rule.advice)
        ],
        "classified": [number for number, rule in enumerate(listed) if rule.classified],
        "errnos": [number for number, (_, match, used) in enumerate(matches) if match.errno and not used],
    }
    compiled = [[t.pattern, [list(f) for f in t.fields], t.needle, t.weight] for t in templates]
    spoken = {template for _, match, used in matches if match.stage is Stage.VERIFIER for template in used}
    ordered = [words_of_template(text) if number in spoken else [] for text, number in numbers.items()]
    return data, compiled, [list(template.words) for template in templates], ordered


def _match_data(rule: int, match: Match, templates: list[int]) -> list[Any]:
    stage = match.stage.value
    flags = (match.summary, match.decides)
    return [rule, stage, match.errno, match.priority, *flags, match.when, templates, match.message]


def _words(templates: list[Template]) -> tuple[dict[str, list[int]], list[int]]:
    """One word per template, the rarest it has, and the templates that have none."""
    counts = Counter(word for template in templates for word in template.words)
    table: dict[str, list[int]] = {}
    wordless = []
    for number, template in enumerate(templates):
        if template.words:
            rarest = min(template.words, key=lambda word: (word.lower() in _COMMON, counts[word], -len(word)))
            table.setdefault(rarest, []).append(number)
        else:
            wordless.append(number)
    return table, wordless
