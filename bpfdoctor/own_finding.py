"""A finding that bpfdoctor makes by itself: no message of anybody else led to its rule."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor import catalogue
from bpfdoctor.catalogue.sentence import written
from bpfdoctor.catalogue.words import MESSAGE
from bpfdoctor.model.diagnosis import Category, Confidence, Diagnosis, Finding, Label, Layer, Place
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock


def block_at(place: Place | None, function: str | None) -> ErrorBlock:
    """A block of nobody's words, about a place in the text."""
    if place is None:
        return ErrorBlock((), Stage.PASTE)
    return ErrorBlock(
        (), Stage.PASTE, file=place.file, line=place.line, column=place.column, function=function
    )


def own_finding(
    name: str, said: Mapping[str, str], block: ErrorBlock, place: Place | None = None
) -> Diagnosis:
    """What the rule says, with the values that its sentences name; drawn at `place`."""
    rule = catalogue.load().rule(name)
    words = rule.words(None)

    def sentence(key: str) -> str:
        return written(words.slots[key], lambda value, _: said[value]) if key in words.slots else ""

    labels = [
        Label(role, written(text, lambda value, _: said[value]), place=place)
        for role, text in words.labels.items()
    ]
    return Diagnosis(
        finding=Finding(name, said, block, unmatched=block.lines),
        id=rule.id,
        rule=rule.name,
        outcome=MESSAGE,
        category=Category(rule.category),
        layer=Layer(rule.layer),
        severity=rule.severity,
        confidence=Confidence.CERTAIN,
        confidence_why="",
        message=rule.title,
        insn=block.insn,
        location=place,
        headline=sentence("headline"),
        wants=sentence("wants"),
        has=sentence("has"),
        note=sentence("note"),
        labels=tuple(labels) if place else (),
    )
