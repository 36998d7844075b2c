"""What is said of a finding, or of a whole program, that bpfdoctor itself failed on."""

from __future__ import annotations

from bpfdoctor import __version__, catalogue
from bpfdoctor.catalogue.sentence import written
from bpfdoctor.catalogue.words import MESSAGE
from bpfdoctor.model.diagnosis import INTERNAL_ERROR, Category, Confidence, Diagnosis, Finding, Layer
from bpfdoctor.model.problem import bug
from bpfdoctor.model.transcript import ErrorBlock


def internal_error(error: Exception, block: ErrorBlock) -> Diagnosis:
    """A finding that stands for the one that `error` kept from being made; it asks for a report."""
    rule = catalogue.load().rule(INTERNAL_ERROR)
    captures = {"error": bug(error), "version": __version__}
    slots = rule.words(None).slots

    def said(key: str) -> str:
        return written(slots[key], lambda name, _: captures[name])

    return Diagnosis(
        finding=Finding(INTERNAL_ERROR, captures, block, unmatched=block.lines),
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
        headline=said("headline"),
        wants=said("wants"),
        has=said("has"),
        note=said("note"),
    )
