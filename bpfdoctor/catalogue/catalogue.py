"""The catalogue: every rule, found by its name, its id, or the message it explains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bpfdoctor.catalogue import match as matching
from bpfdoctor.catalogue import store
from bpfdoctor.catalogue.index import Index
from bpfdoctor.catalogue.schema import Rule, build
from bpfdoctor.model.diagnosis import Finding
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock

if TYPE_CHECKING:
    from bpfdoctor.catalogue.similar_rules import Near, WordsOfTemplates

UNKNOWN = "unknown-message"
WITHOUT_MESSAGE = "log-without-message"
# Rules about what nobody prints: their collectors look for it in every program that loads.
LOOKED_FOR = ("address-not-filled-in", "unset-usdt-argument")


class Catalogue:
    """All rules. Heads are read when asked for, pages never kept.

    The pages come from the rules' files in `folder`, or from `pages`, one line of JSON each by rule number.
    """

    def __init__(self, stored: store.Stored, folder: Path = Path(), *, pages: Path | None = None) -> None:
        self._stored = stored
        self._rules: dict[int, Rule] = {}
        self._number = {name: number for number, (name, _, _) in enumerate(stored.names)}
        self._number |= {id_.lower(): number for number, (_, _, id_) in enumerate(stored.names)}
        self.index = Index(stored.index, stored.templates)
        self._folder = folder
        self._pages = pages

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, by id."""
        return tuple(sorted(map(self._rule, range(len(self._stored.names))), key=lambda rule: rule.id))

    @property
    def template_count(self) -> int:
        """How many different lines the rules know, remarks included."""
        return len(self._stored.templates)

    def rule(self, key: str) -> Rule:
        """The rule with this id or name, whatever its case. Raises KeyError."""
        return self._rule(self._number[key.strip().lower()])

    def name(self, number: int) -> str:
        """The name of the rule with this number in the index."""
        return self._stored.names[number][0]

    def find(self, block: ErrorBlock) -> Finding:
        """What the block is about: exactly one rule, unknown-message when no other explains it."""
        hit = matching.best(self.index, block.lines, block.stage, block.errno)
        if hit is None:
            return Finding(UNKNOWN, {"message": block.lines[-1] if block.lines else ""}, block)
        unmatched = tuple(
            line
            for position, line in enumerate(block.lines)
            if position not in hit.lines and not matching.explained(self.index, hit.rule, line)
        )
        kind = self.index.match(hit.match).message
        return Finding(self.name(hit.rule), hit.captures, block, unmatched=unmatched, kind=kind)

    def find_text(self, text: str) -> Finding:
        """What a message that somebody typed is about: `explain "R1 !read_ok"`."""
        lines = tuple(line for line in text.splitlines() if line.strip())
        finding = self.find(ErrorBlock(lines, Stage.PASTE))
        if finding.rule == UNKNOWN:
            return finding
        number = self._number[finding.rule]
        stages = {match.stage for match in self._rule(number).matches}
        stage = stages.pop() if len(stages) == 1 else Stage.PASTE
        return replace(finding, block=replace(finding.block, stage=stage))

    def known(self, line: str) -> bool:
        """Whether a rule knows this line: cheap enough for every line of a text."""
        return self.index.known(line)

    def remark(self, line: str) -> bool:
        """Whether this line also stands in logs of programs that load, so that it is no failure by itself."""
        return self.index.remark(line)

    def nearest(self, lines: Sequence[str]) -> tuple[Near, ...]:
        """Up to three rules that a message nobody knows may be about."""
        from bpfdoctor.catalogue.similar_rules import nearest

        return nearest(lines, self._words, self._rules_with)

    @cached_property
    def _words(self) -> WordsOfTemplates:
        from bpfdoctor.catalogue.similar_rules import WordsOfTemplates

        return WordsOfTemplates(json.loads(self._stored.words))

    def page(self, rule: Rule) -> str:
        """The page of `bpfdoctor explain`, its programs filled in."""
        if self._pages:
            text: str = json.loads(self._pages.read_bytes().split(b"\n")[self._number[rule.name]])
            return text
        from bpfdoctor.catalogue.page import page

        return page(self._folder / rule.topic / f"{rule.name}.md", rule.usual)

    def _rules_with(self, template: int) -> list[str]:
        numbers = {self.index.match(number).rule for number in self.index.matches_with([template])}
        return sorted(map(self.name, numbers))

    def _rule(self, number: int) -> Rule:
        if number not in self._rules:
            name, topic, _ = self._stored.names[number]
            self._rules[number] = build(json.loads(self._stored.heads[number]), topic, name)
        return self._rules[number]
