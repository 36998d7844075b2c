"""What the compiler warned of, and what nobody says: of programs that load, and beside a loader's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

from bpfdoctor.analysis.lib.callers import runs_through
from bpfdoctor.catalogue import LOOKED_FOR, Catalogue, Rule
from bpfdoctor.kernel.versions import series
from bpfdoctor.log.wrappers import compiler
from bpfdoctor.log.wrappers.consequences import undeclared_function
from bpfdoctor.model.diagnosis import Finding, Severity
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import RawReport, Stage
from bpfdoctor.model.transcript import ErrorBlock, Level
from bpfdoctor.source import Source


def findings(raw: RawReport, source: Source, rules: Catalogue) -> Iterator[Finding]:
    """In the order of the compiler's words; then those that have none."""
    for block in compiler.warnings(raw.compiler_said):
        finding = rules.find(block)
        rule = rules.rule(finding.rule)
        if rule.severity is Severity.WARNING and _concerns(raw, rule) and _is_of_program(raw, source, block):
            yield finding
    if not raw.flavour.is_bcc:
        return
    for name in LOOKED_FOR:
        collector = import_module(f"bpfdoctor.analysis.collectors.{rules.rule(name).evidence}")
        for captures in collector.look(raw, source):
            yield Finding(name, captures, ErrorBlock((), Stage.PASTE, severity=Level.WARNING))


def not_declared(raw: RawReport, found: Sequence[Finding], rules: Catalogue) -> list[Finding]:
    """The findings, with the compiler's words for a function that is not declared and that the loader misses.

    Up to clang 15 a macro whose header is not included is only warned of, and becomes an extern.
    """
    told = list(found)
    for block in compiler.warnings(raw.compiler_said):
        name = next(filter(None, map(undeclared_function, block.lines)), None)
        missed = [each for each in told if name and any(f"'{name}'" in line for line in each.block.lines)]
        if missed:
            told = [each for each in told if each not in missed]
            told.append(rules.find(replace(block, severity=Level.ERROR)))
    return told


def _concerns(raw: RawReport, rule: Rule) -> bool:
    """Whether a warning says something to the report's kernel."""
    return rule.before is None or raw.kernel is None or series(raw.kernel.release) < series(rule.before)


def _is_of_program(raw: RawReport, source: Source, block: ErrorBlock) -> bool:
    """Whether a warning is about the user's text, in a function that the report's program runs through."""
    place = source.block_place(block)
    c = source.c(place.file) if place is not None else None
    if place is None or c is None:
        return False
    return raw.program is None or runs_through(c, raw.program.name, place)
