"""What other kernels make of the same program: known (rules/verifier_history.toml), or asked (--kernel)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from bpfdoctor import catalogue
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.explain import place_of
from bpfdoctor.analysis.lib.verifier_history import seen
from bpfdoctor.catalogue.schema import Newer, Rule
from bpfdoctor.kernel.versions import numbers, series
from bpfdoctor.machine.capabilities_since import Skill
from bpfdoctor.model.beside import OtherKernels
from bpfdoctor.model.diagnosis import (
    Category,
    Diagnosis,
    Label,
    Layer,
    Report,
    RootCause,
)
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Kernel, Stage, Verdict

_LOST = "the verifier of this kernel loses sight of the value here"
_SKILLS = frozenset(Skill)
_UNSEEN = "program is right, and the verifier of {} can't see it"
# Refusals because of what a value may be. A later kernel that loads such a program knows more about the
# value; where it loads another one, it allows more.
_ABOUT_VALUES = (Category.REGISTER, Category.MEMORY, Category.LIFETIME)
# Of these categories, and about what a kernel has all the same: a field, a structure of its own.
_ABOUT_TYPES = frozenset(
    {
        "context-access",
        "kernel-struct-bounds",
        "kernel-struct-offset",
        "kernel-struct-pointer-member",
        "kernel-struct-read-only",
    }
)


# Known beforehand


def with_history(diagnosis: Diagnosis, rule: Rule, context: Context) -> Diagnosis:
    """The diagnosis, and what is known of later kernels where it fits this program."""
    entries = {Skill(entry.name): entry for entry in rule.newer if entry.name in _SKILLS}
    if needed := seen(context, entries) if entries else {}:
        newest = max(needed, key=lambda skill: (numbers(entries[skill].since), needed[skill].number))
        at = needed[newest]
        place = place_of(context, at)
        label = Label("unseen", _LOST, at.insn.index, place, step=at.number)
        return replace(
            diagnosis,
            layer=Layer.FALSE_POSITIVE,
            other_kernels=_known([entries[skill] for skill in needed], context.raw.kernel),
            root_cause=RootCause(_LOST, at.insn.index, place, at.number),
            labels=(*(each for each in diagnosis.labels if each.insn != at.insn.index), label),
        )
    said = "\n".join(context.finding.block.lines)
    for entry in rule.newer:
        if entry.message and entry.message in said:
            text = f"Linux {entry.since} and later allow more here: {entry.why}."
            return replace(diagnosis, other_kernels=OtherKernels(text, entry.since, entry.why))
    return diagnosis


def _known(needed: Sequence[Newer], kernel: Kernel | None) -> OtherKernels:
    since = max((entry.since for entry in needed), key=numbers)
    unseen = f"The {_UNSEEN.format('this kernel')}."
    if kernel is not None and series(kernel.release) >= numbers(since):
        return OtherKernels(unseen)
    why = ", and ".join(entry.why for entry in needed)
    return OtherKernels(f"Linux {since} and later load it: {why}. {unseen}", since, why)


# Just asked


def compared(reports: Sequence[Report]) -> list[Report]:
    """The reports, each refusal with what the other kernels said of the same program."""
    groups: dict[object, list[Report]] = {}
    for report in reports:
        if report.kernel is not None:
            groups.setdefault(_same(report), []).append(report)
    told = {id(each): new for group in groups.values() for each, new in _told(group)}
    return [told.get(id(report), report) for report in reports]


def _same(report: Report) -> object:
    kernel, program = report.kernel, report.program
    return report.source, program and (program.name, program.section), kernel and kernel.capabilities


def _told(group: Sequence[Report]) -> Iterator[tuple[Report, Report]]:
    """Each report with the one to show instead. What a kernel lacks says nothing about the program."""
    silent = (Verdict.UNKNOWN, Verdict.NOT_ASKED, Verdict.NO_ANSWER)
    possible = [each for each in group if not each.not_possible and each.verdict not in silent]
    line = sorted(possible, key=lambda report: numbers(_release(report)))
    for report in line:
        if report.diagnoses and not _loads(report):
            last = _diagnosed(report.diagnoses[-1], line)
            yield report, replace(report, diagnoses=(*report.diagnoses[:-1], last))


def _diagnosed(diagnosis: Diagnosis, line: Sequence[Report]) -> Diagnosis:
    loads = [each for each in line if _loads(each)]
    refused = [each for each in line if not _loads(each)]
    if not loads:
        return diagnosis
    told = OtherKernels("", loads=tuple(map(_release, loads)), refused=tuple(map(_release, refused)))
    turns = sum(_loads(a) is not _loads(b) for a, b in pairwise(line))
    layer = diagnosis.layer
    if turns == 1 and _loads(line[-1]):
        layer, told = _loads_later(diagnosis, loads, refused, line, told)
    else:
        text = f"{_names(loads, line)} {_s(loads, 'loads', 'load')} this program as it is"
        if turns == 1:
            newer = _name(refused[0], line) + (" and later" if len(refused) > 1 else "")
            text += f": what is refused here is checked by {newer} only"
        told = replace(told, text=f"{text}.")
    return replace(diagnosis, layer=layer, other_kernels=told)


def _loads_later(
    diagnosis: Diagnosis,
    loads: Sequence[Report],
    refused: Sequence[Report],
    line: Sequence[Report],
    told: OtherKernels,
) -> tuple[Layer, OtherKernels]:
    """What it means that all kernels from some version on load the program."""
    known, rule = diagnosis.other_kernels, catalogue.load().rule(diagnosis.rule)
    some = f"{_name(loads[0], line)} and later load" if len(loads) > 1 else f"{_name(loads[0], line)} loads"
    text, layer = f"{some} this program as it is", diagnosis.layer
    passes = next((entry for entry in rule.newer if not entry.right), None)
    judged = layer in (Layer.SOURCE, Layer.LOWERING, Layer.FALSE_POSITIVE)
    about_values = (
        diagnosis.category in _ABOUT_VALUES
        and diagnosis.rule not in _ABOUT_TYPES
        and diagnosis.finding.block.stage is Stage.VERIFIER
    )
    why = known.why if known else ""
    if passes is not None:
        text, why = f"{text}: {passes.why}.", passes.why
    elif judged and about_values:
        layer, unseen = Layer.FALSE_POSITIVE, _UNSEEN.format(_names(refused, line))
        text = f"{text}: {why}. The {unseen}." if why else f"{text}: the {unseen}."
    else:
        layer = Layer.ENVIRONMENT if layer is Layer.SOURCE else layer
        text = f"{text}: {why or 'what it does is allowed there'}."
    return layer, replace(told, text=text, since=_release(loads[0]), why=why)


def _loads(report: Report) -> bool:
    return report.verdict is Verdict.LOADS


def _release(report: Report) -> str:
    return report.kernel.release if report.kernel else ""


def _name(report: Report, line: Sequence[Report]) -> str:
    """`6.12`; `5.10.218` where another kernel of its series decided otherwise."""
    release = _release(report)
    same = [each for each in line if series(_release(each)) == series(release)]
    return ".".join(map(str, series(release))) if len({each.verdict for each in same}) == 1 else release


def _names(some: Sequence[Report], line: Sequence[Report]) -> str:
    """`5.10, 6.1 and 6.12`"""
    names = [name for name, _ in groupby(_name(each, line) for each in some)]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _s(some: Sequence[Report], one: str, many: str) -> str:
    return one if len({_release(each) for each in some}) == 1 else many
