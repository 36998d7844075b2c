"""A piece of a rule's message is never taken for another rule's with certainty, however it was cut.

The pieces are cut from every rule's real messages: at either end, between words and inside them, without its
register, in capitals, and as the end of a sentence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.diagnosis import Confidence, Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose

MESSAGES = [
    (rule.name, example[0])
    for rule in catalogue.load().rules
    for match in rule.matches
    if match.stage is Stage.VERIFIER and not match.summary
    for example in match.examples
    if len(example) == 1
]
PARTS = 8  # each test has every eighth message
CUTS = 3  # of each message, drawn anew when the messages change
WHOLE = {"jump out of range from insn 14 to 3"}  # the end of one message is all of another


def pieces(text: str, chance: random.Random) -> Iterator[str]:
    words = text.split(" ")
    yield from (text.upper(), text[:1].upper() + text[1:])
    yield re.sub(r"\bR\d+ ", "", text, count=1)
    if len(words) > 3:
        yield " ".join(words[chance.randint(1, len(words) // 2) :])
        yield " ".join(words[: -chance.randint(1, len(words) // 2)])
        yield text[chance.randint(1, len(text) // 3) :]
        yield text[: -chance.randint(1, len(text) // 3)]


def answers(text: str) -> list[Diagnosis]:
    raw = RawReport(f"{text}\n".encode(), "log.txt", Flavour.LOG, Stage.PASTE)
    return [each for report in diagnose(raw) for each in report.diagnoses]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_piece_is_another_rules_with_certainty(part: int) -> None:
    chance = random.Random(part)
    wrong = [
        (name, piece, found.rule)
        for name, text in MESSAGES[part::PARTS]
        for piece in chance.sample([*pieces(text, chance)], CUTS)
        if piece not in WHOLE
        for found in answers(piece)
        if found.confidence is Confidence.CERTAIN and name not in (found.rule, found.finding.rule)
    ]
    assert not wrong


def test_a_message_at_the_end_of_a_sentence_is_the_same_message() -> None:
    lost = [
        (name, text)
        for name, text in MESSAGES
        if not text.endswith((".", ")", "]"))
        for whole, stopped in [(answers(text), answers(f"{text}."))]
        if whole and [each.finding.rule for each in stopped] != [each.finding.rule for each in whole]
    ]
    assert len(lost) <= len(MESSAGES) // 100, lost
