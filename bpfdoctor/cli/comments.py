"""What the comments in a program's source ask for: findings that are ignored or expected, and what is wrong
with such a comment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bpfdoctor import regular_file
from bpfdoctor.capture._limits import MOST_SOURCE
from bpfdoctor.model.diagnosis import Category, Diagnosis, Excused, Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import Flavour, Verdict

if TYPE_CHECKING:
    from bpfdoctor.model.remark import Remark

_MARK = "bpfdoctor:"
_SETTLED = (Verdict.LOADS, Verdict.REFUSED, Verdict.NOT_LOADED)  # what a kernel has said
#: These depend on the machine more than on the program: one that does not come says nothing.
_OF_MACHINES = (Category.SILENT, Category.ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Obeyed:
    """A source's comments. `partial`: only some of its programs were looked at; `hooks`: also whether they
    fire here.
    """

    source: str
    partial: bool = False
    hooks: bool = False

    def reports(self, reports: Sequence[Report]) -> list[Report]:
        """The reports without what is ignored or expected, with what is wrong with the comments."""
        texts = dict(_texts(self.source, reports))
        held = [_Held(remark, path, path in texts) for path, remark in _remarks(texts, reports)]
        if not held:
            return list(reports)
        told = [_without(report, held) for report in reports]
        for each in held:
            if each.own and (found := self._wrong(each, reports)):
                told = _with(told, each, found, texts[each.path])
        return told

    def _wrong(self, held: _Held, reports: Sequence[Report]) -> Diagnosis | None:
        from bpfdoctor.model import remark as names

        remark = held.remark
        about = {"comment": _shown(remark), "names": " or ".join(remark.names), "where": _where(remark)}
        if held.wrong:
            return _finding(
                names.NOT_UNDERSTOOD, {**about, "wrong": held.wrong, "instead": held.instead}, remark
            )
        asked = _about(remark, reports)
        if held.used or not self._is_settled(held, asked):
            return None
        if remark.expects:
            return _finding(names.NOT_MET, {**about, "came": _came(asked)}, remark)
        return replace(_finding(names.UNUSED, about, remark), brief=True)

    def _is_settled(self, held: _Held, asked: Sequence[Report]) -> bool:
        """Whether what the comment names would have come by now."""
        if self.partial and not any(_is_called(held.remark.inside, report) for report in asked):
            return False
        if any(report.verdict not in _SETTLED for report in asked):
            return False
        return not held.of_machines or (held.remark.expects and self.hooks)


class _Held:
    """A comment of a file, and the rules that it names. `own`: of the program's file, not of a header."""

    def __init__(self, remark: Remark, path: str, own: bool) -> None:
        from bpfdoctor import catalogue
        from bpfdoctor.cli import select

        self.remark, self.path, self.own, self.used = remark, path, own, False
        self.rules: frozenset[str] = frozenset()
        self.wrong, self.instead = remark.wrong, f"write {remark.instead}"
        for name in remark.names:
            try:
                self.rules |= select.meant(name)
            except Problem as problem:
                self.wrong = problem.sentence[:1].lower() + problem.sentence[1:].rstrip(".")
                near = problem.ways_out[0]
                self.instead = near[:1].lower() + near[1:].rstrip(".")
        rules = map(catalogue.load().rule, self.rules)
        self.of_machines = any(rule.category in _OF_MACHINES for rule in rules)

    def holds(self, report: Report, diagnosis: Diagnosis) -> bool:
        """Whether a finding is one that the comment is about."""
        if self.wrong or diagnosis.rule not in self.rules:
            return False
        if self.remark.function and self.own and _is_called(self.remark.function, report):
            return True
        where = diagnosis.location
        if where is None or os.path.abspath(where.file) != self.path:
            return False
        also = [line for _, line, _ in diagnosis.finding.block.also if line]
        return all(self.remark.first <= line <= self.remark.last for line in (where.line, *also))


def _without(report: Report, held: Sequence[_Held]) -> Report:
    left: list[Diagnosis] = []
    excused: list[Excused] = []
    for diagnosis in report.diagnoses:
        found = [each for each in held if each.holds(report, diagnosis)]
        if not found:
            left.append(diagnosis)
            continue
        for each in found:
            each.used = True
        first = max(found, key=lambda each: each.remark.expects).remark
        excused.append(Excused(diagnosis, first.expects, first.why, first.place))
    return replace(report, diagnoses=tuple(left), excused=tuple(excused)) if excused else report


def _with(reports: Sequence[Report], held: _Held, found: Diagnosis, text: str) -> list[Report]:
    """The reports, with a finding about a comment in the program's; on each kernel that was asked."""
    first = _about(held.remark, reports)[0].program
    name = first.name if first else None
    kernels: set[object] = set()
    told = []
    for report in reports:
        same = (report.program.name if report.program else None) == name
        if same and report.kernel not in kernels:
            kernels.add(report.kernel)
            sources = {held.remark.place.file: text, **report.sources}
            told.append(replace(report, diagnoses=(*report.diagnoses, found), sources=sources))
        else:
            told.append(report)
    return told


def _about(remark: Remark, reports: Sequence[Report]) -> Sequence[Report]:
    """What was said of the program that a comment is in; of all, where it is in none."""
    return [report for report in reports if _is_called(remark.inside, report)] or reports


def _is_called(function: str, report: Report) -> bool:
    """Whether a report is about this function; the kernel cuts names to 15 characters."""
    name = report.program.name if report.program else None
    return bool(function and name) and (name == function or (len(name or "") == 15 and function[:15] == name))


def _came(reports: Sequence[Report]) -> str:
    """What was found instead."""
    found = dict.fromkeys(each.rule for report in reports for each in report.diagnoses)
    if found:
        return f"only {', '.join(found)}"
    names = dict.fromkeys(report.program.name or "" for report in reports if report.program)
    loads = all(report.verdict is Verdict.LOADS for report in reports)
    if not loads:
        return "nothing that names a rule"
    return f"{next(iter(names))} loads" if len(names) == 1 else "every program loads"


def _where(remark: Remark) -> str:
    if remark.function:
        return f"in {remark.function}"
    if remark.first == remark.last:
        return f"on line {remark.first}"
    return f"on lines {remark.first} to {remark.last}"


def _shown(remark: Remark) -> str:
    place = remark.place
    first = (place.column or 1) - 1
    return (place.text or "")[first : (place.end_column or 1) - 1]


def _finding(rule: str, said: dict[str, str], remark: Remark) -> Diagnosis:
    from bpfdoctor.model.report import Stage
    from bpfdoctor.model.transcript import ErrorBlock
    from bpfdoctor.own_finding import own_finding

    return own_finding(rule, said, ErrorBlock((), Stage.PASTE), remark.place)


def _remarks(texts: Mapping[str, str], reports: Sequence[Report]) -> Iterator[tuple[str, Remark]]:
    """(a file's whole path, a comment in it) of the programs' own files, then of others with findings."""
    found = {report.source: report for report in reports}
    found |= {each.location.file: report for report in reports for each in report.diagnoses if each.location}
    named = {os.path.abspath(name): (name, report) for name, report in found.items()}
    for path in dict.fromkeys((*texts, *named)):
        name, report = named.get(path, (path, None))
        text = texts.get(path) or (report.sources.get(name) if report else "") or ""
        if _MARK in text:
            from bpfdoctor.source import remarks

            find = remarks.in_python if path.endswith(".py") else remarks.in_c
            yield from ((path, remark) for remark in find(name, text))


def _texts(source: str, reports: Sequence[Report]) -> Iterator[tuple[str, str]]:
    """(whole path, text) of the files that a source's programs are written in."""
    if any(report.flavour is Flavour.OBJECT for report in reports):
        yield from _compiled_from(source)
    else:
        yield os.path.abspath(source), _read(source).decode("utf-8", "replace")


def _compiled_from(source: str) -> Iterator[tuple[str, str]]:
    """The C files that an object's instructions come from, where they are here and have not changed since."""
    from bpfdoctor.formats.btf import Btf
    from bpfdoctor.formats.btf_ext import BtfExt
    from bpfdoctor.formats.elf import Elf

    elf = Elf.read(_read(source))
    btf = Btf.from_elf(elf) if elf else None
    ext = BtfExt.from_elf(elf, btf) if elf and btf else None
    lines = {(each.file, each.line): each.text for some in ext.lines.values() for each in some} if ext else {}
    for file in dict.fromkeys(name for name, _ in lines):
        if not os.path.isabs(file) or not file.endswith(".c"):
            continue
        text = _read(file).decode("utf-8", "replace")
        if _MARK in text:
            now = text.split("\n")
            known = [(line, said) for (name, line), said in lines.items() if name == file and line and said]
            if all(line <= len(now) and now[line - 1].strip() == said.strip() for line, said in known):
                yield file, text


def _read(path: str) -> bytes:
    """The file's bytes; none of one that is not here."""
    try:
        return regular_file.read(path, MOST_SOURCE)
    except (OSError, Problem):
        return b""
