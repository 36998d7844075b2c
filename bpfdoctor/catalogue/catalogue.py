"""The catalogue: every rule, found by its name, its id, or the message it explains."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from bpfdoctor import linux_errno as errno
from bpfdoctor.catalogue import match as matching
from bpfdoctor.catalogue import store
from bpfdoctor.catalogue.condition import check, holds
from bpfdoctor.catalogue.index import Index, IndexedMatch
from bpfdoctor.catalogue.schema import Rule, build
from bpfdoctor.catalogue.template import LONGEST_LINE
from bpfdoctor.catalogue.words import MESSAGE
from bpfdoctor.model.diagnosis import Finding
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bpfdoctor.catalogue.pieces import Piece, Pieces
    from bpfdoctor.catalogue.similar_rules import Near, WordsOfTemplates

UNKNOWN = "unknown-message"
AMBIGUOUS = "ambiguous-message"  # a piece of a message that several rules can be about
STEP_FAILED = "loading-step-failed"  # who failed at which step, where no rule knows more
WITHOUT_MESSAGE = "log-without-message"
# Rules about what nobody prints: their collectors look for it in every program of BCC's that loads.
LOOKED_FOR = ("address-not-filled-in", "unset-usdt-argument")


_NAMED = later(r"\b(off|size)=(-?\d{1,18})\b")


def _is_silent(block: ErrorBlock) -> bool:
    """Whether an instruction was refused without a word: it says more than the loader does."""
    is_refused = block.errno == errno.EACCES and block.insn is not None
    return block.stage is Stage.VERIFIER and not block.lines and is_refused


def _fitting(matches: list[IndexedMatch], named: Mapping[str, int]) -> list[IndexedMatch]:
    """Those whose conditions hold for the numbers of a piece; else those that may hold for others."""

    def known(match: IndexedMatch) -> list[str]:
        return [each for each in match.when if check(each) <= named.keys()]

    right = [match for match in matches if all(holds(each, named) for each in known(match))]
    return [match for match in right if known(match)] or right or matches


class Catalogue:
    """All rules. Heads are read when asked for, pages never kept.

    The pages come from the rules' files in `folder`, or from what `pages` gives: a line of JSON for each, by
    rule number.
    """

    def __init__(
        self,
        stored: store.Stored,
        folder: Path | None = None,
        *,
        pages: Callable[[], bytes | None] = lambda: None,
    ) -> None:
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
        if block.failure is not None and not _is_silent(block) and (failed := self._failed(block, hit)):
            return failed
        if hit is None:
            if block.stage in (Stage.VERIFIER, Stage.PASTE) and (found := self._of_piece(block)):
                return found
            return Finding(UNKNOWN, {"message": block.lines[-1] if block.lines else ""}, block)
        unmatched = tuple(
            line
            for position, line in enumerate(block.lines)
            if position not in hit.lines and not matching.explained(self.index, hit, line)
        )
        kind = self.index.match(hit.match).message
        return Finding(self.name(hit.rule), hit.captures, block, unmatched=unmatched, kind=kind)

    def _of_piece(self, block: ErrorBlock) -> Finding | None:
        """What a block is about that has only a piece of its message; None when it has no piece either."""
        for line in reversed((*block.lines, " ".join(block.lines))):
            piece = self._pieces.find(line[:LONGEST_LINE])
            if piece is None or not piece.whole:
                continue
            named = {name: int(value) for name, value in _NAMED.findall(line[:LONGEST_LINE])}
            matches = [self.index.match(number) for number in self._spoken(piece)]
            matches = _fitting(matches, named)
            rules = tuple(dict.fromkeys(self.name(match.rule) for match in matches))
            if len(rules) != 1:
                return Finding(AMBIGUOUS, {"message": line}, block, could_be=rules)
            kinds = {match.message for match in matches}
            kind = kinds.pop() if len(kinds) == 1 else MESSAGE
            return Finding(rules[0], {}, block, kind=kind, could_be=rules)
        return None

    def _spoken(self, piece: Piece) -> Iterator[int]:
        """The matches that a piece can be from, those first of whose message it has most."""
        for template in piece.templates:
            numbers = sorted(self.index.matches_with([template]))
            yield from (number for number in numbers if self.index.match(number).stage is Stage.VERIFIER)

    def piece(self, line: str) -> str | None:
        """The part of a line that is a piece of a verifier's message; None when it has none."""
        found = self._pieces.find(line[:LONGEST_LINE])
        return found.text if found else None

    def _failed(self, block: ErrorBlock, hit: matching.Hit | None) -> Finding | None:
        """What is known of a failed step of loading, unless the match of the loader's words says more."""
        found = self.index.advice_for(block.failure) if block.failure else None
        if found is None:
            return None
        weak = hit is None or self.index.is_classified(hit.rule) or self.index.match(hit.match).summary
        if not weak and not self.index.names_words(*found):
            return None
        return Finding(self.name(found[0]), {}, block, advice=found[1])

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
        return self.index.known(line) or (line.endswith(".") and self.index.known(line[:-1]))

    def remark(self, line: str) -> bool:
        """Whether this line also stands in logs of programs that load, so that it is no failure by itself."""
        return self.index.remark(line)

    def nearest(self, lines: Sequence[str]) -> tuple[Near, ...]:
        """Up to three rules that a message nobody knows may be about."""
        from bpfdoctor.catalogue.similar_rules import nearest

        return nearest(lines, self._words, self._rules_with)

    @cached_property
    def _pieces(self) -> Pieces:
        from bpfdoctor.catalogue.pieces import Pieces

        return Pieces(json.loads(self._stored.pieces))

    @cached_property
    def _words(self) -> WordsOfTemplates:
        from bpfdoctor.catalogue.similar_rules import WordsOfTemplates

        return WordsOfTemplates(json.loads(self._stored.words))

    def page(self, rule: Rule) -> str:
        """The page of `bpfdoctor explain`, its programs filled in."""
        if pages := self._pages():
            text: str = json.loads(pages.split(b"\n")[self._number[rule.name]])
            return text
        from bpfdoctor.catalogue.page import page

        assert self._folder is not None
        return page(self._folder / rule.topic / f"{rule.name}.md", rule.usual)

    def _rules_with(self, template: int) -> list[str]:
        numbers = {self.index.match(number).rule for number in self.index.matches_with([template])}
        return sorted(map(self.name, numbers))

    def _rule(self, number: int) -> Rule:
        if number not in self._rules:
            name, topic, _ = self._stored.names[number]
            self._rules[number] = build(json.loads(self._stored.heads[number]), topic, name)
        return self._rules[number]
