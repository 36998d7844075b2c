"""The format `full`: every finding drawn in the user's source, then what became of each program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import assert_never

from bpfdoctor.model.diagnosis import Category, Diagnosis, Fix, FixStatus, Report, Severity, Standing
from bpfdoctor.model.preflight import PreflightReport
from bpfdoctor.model.record import dataclass, field
from bpfdoctor.model.remark import REMARK_RULES
from bpfdoctor.model.report import Flavour, Stage
from bpfdoctor.render import Canvas, kernels
from bpfdoctor.render.causes import cause, of_hooks
from bpfdoctor.render.escape import one_line, visible
from bpfdoctor.render.patch import hunks
from bpfdoctor.render.text import picture, table
from bpfdoctor.render.text.box import Box
from bpfdoctor.render.text.changed import patch
from bpfdoctor.render.text.measure import wrap
from bpfdoctor.render.text.paint import paint, style
from bpfdoctor.render.words import (
    bare_failure,
    became,
    confidence,
    fix_head,
    lowered,
    named,
    steps,
    tally,
    tried,
    why,
)

# Nobody refuses what no text speaks of (PASTE).
_SAYS = {Stage.COMPILER: "the compiler", Stage.LOADER: "the loader", Stage.PASTE: "the program"}
# Who wants something where a program was not loaded, and no hook does.
_WANTS = {Category.ENVIRONMENT: "loading it", Category.BTF: "reading it"}
_MOST_AGAIN = 12  # places where the same was met
_PROSE = 100  # cells; longer lines of prose are hard to read on a wide terminal


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """All reports, one blank line between them; then the notes, each once; a line of counts last.

    Of several kernels a table comes first, then each cause once, with the kernels that it was met on.
    """
    if kernels.several(reports):  # what a kernel lacks is said in the table
        met = kernels.merged([report for report in reports if not report.not_possible])
        drawn = [
            _diagnosis(each.report, each.diagnosis, canvas, each.met_on) for each in met if each.diagnosis
        ]
        untold = [_line(report, canvas) for report in kernels.untold(reports)]
        parts = [table.draw(reports, canvas), *drawn, *untold, *_notes(reports, canvas)]
        return paint("\n".join(parts), canvas.color)
    drawing = Drawing(canvas, several=len({report.source for report in reports}) > 1)
    flights = [_line(report, canvas) for report in reports if isinstance(report, PreflightReport)]
    first = drawing.with_gap(["".join(flights)] if flights else [])
    parts = [drawing.add(list(some)) for _, some in groupby(reports, lambda report: report.source)]
    return "".join([first, *parts, drawing.end(reports)])


class Drawing:
    """Draws source after source, as they are done; then what is to be said of all of them."""

    def __init__(self, canvas: Canvas, *, several: bool) -> None:
        self._canvas, self._several = canvas, several
        self._began = False
        self._quiet = False  # the block before is one line about a program that loads
        self._before: dict[object, str] = {}  # every cause that was drawn, and of which source

    def add(self, reports: Sequence[Report]) -> str:
        """What is found in one source, after what was drawn before."""
        canvas, blocks = self._canvas, list[str]()
        told: dict[object, _Told] = {}
        same = of_hooks(reports)
        after_list = self._quiet
        goes_on = False  # the first block is one more line of the list before it
        for at, report in enumerate(reports):
            if not at and self._several and report.flavour is Flavour.LOG:
                # What a log says is about other files than the log.
                blocks.append(style(_safe(f"in {named(report.source)}", canvas), "dim") + "\n")
                self._quiet = False
            for diagnosis in report.diagnoses:
                if diagnosis.brief:
                    continue
                block = _diagnosis(report, diagnosis, canvas)
                key = cause(report, diagnosis) or block
                if key in told:
                    told[key].again.append((report, diagnosis))
                    continue
                if (other := self._before.get(key)) is not None:
                    said = f"{named(report.source)}: {lowered(diagnosis.message)}, as in {named(other)}"
                    block = f"{_mark(report)} {_safe(said, canvas)}\n"
                told[key] = _Told(len(blocks))
                blocks.append(block)
            if isinstance(report, PreflightReport):
                continue
            is_bare = all(each.brief for each in report.diagnoses)
            brief = "".join(_briefly(report, same, canvas))
            lines = _line(report, canvas) + brief
            if is_bare and self._quiet and blocks:  # a list of programs that load has no gaps
                blocks[-1] += lines
            elif bare_failure(report) or is_bare:
                goes_on |= after_list and is_bare and not blocks
                blocks.append(lines)
            elif brief:
                blocks.append(brief)
            self._quiet = is_bare
        for each in told.values():
            blocks[each.at] += "".join(f"{line}\n" for line in _again(each, canvas))
        for key in told:
            self._before.setdefault(key, reports[0].source)
        return self.with_gap(blocks, goes_on)

    def end(self, reports: Sequence[Report]) -> str:
        """The notes, each once, and a line of counts."""
        blocks = list(_notes(reports, self._canvas))
        if len(reports) > 1 or any(report.flavour is not Flavour.LOG for report in reports):
            counts = _hanging("", 2, tally(reports), self._canvas)
            blocks.append("".join(f"{line}\n" for line in counts))
        return self.with_gap(blocks)

    def with_gap(self, blocks: Sequence[str], goes_on: bool = False) -> str:
        """The blocks as text, one blank line before each but the very first, and the first that goes on."""
        if not blocks:
            return ""
        gap = "\n" if self._began and not goes_on else ""
        self._began = True
        return paint(gap + "\n".join(blocks), self._canvas.color)


@dataclass(slots=True)
class _Told:
    """A finding that was drawn, and where it was met again."""

    at: int  # which block
    again: list[tuple[Report, Diagnosis]] = field(default_factory=list)


def _again(told: _Told, canvas: Canvas) -> list[str]:
    """Where else a finding was met: lines of the source, or programs, which are what fires."""
    lines = [
        each.location.line
        for report, each in told.again
        if cause(report, each) and each.location and not isinstance(report, PreflightReport)
    ]
    found = [f"line {line}" for line in dict.fromkeys(lines)] or _names([report for report, _ in told.again])
    return ["", *_hanging("  ", 2, _the_same(found), canvas)] if found else []


def _names(reports: Sequence[Report]) -> list[str]:
    """The programs, each once."""
    return list(
        dict.fromkeys(report.program.name for report in reports if report.program and report.program.name)
    )


def _the_same(found: Sequence[str]) -> str:
    more = f" and {len(found) - _MOST_AGAIN} more" if len(found) > _MOST_AGAIN else ""
    return f"the same: {', '.join(found[:_MOST_AGAIN])}{more}"


def one(report: Report, canvas: Canvas) -> str:
    """One report, its styles still in it."""
    drawn = [_diagnosis(report, diagnosis, canvas) for diagnosis in report.diagnoses]
    if bare_failure(report) or not drawn or isinstance(report, PreflightReport):
        drawn.append(_line(report, canvas))
    return "\n".join([*drawn, *_notes([report], canvas)])


def _line(report: Report, canvas: Canvas) -> str:
    """What became of a program about which nothing else is to be said."""
    mark, said = _mark(report), f"{named(report.source)}: {became(report)}"
    if report.standing is Standing.EXCUSED:  # with a reason in somebody's own words
        return "".join(f"{line}\n" for line in _hanging(f"{mark} ", 3, said, canvas))
    return f"{mark} {_safe(said, canvas)}\n"


def _briefly(
    report: Report, same: Mapping[int, list[tuple[Report, Diagnosis]] | None], canvas: Canvas
) -> Iterator[str]:
    """A sentence for each finding that needs no more; `same`: see of_hooks."""
    for each in report.diagnoses:
        again = same.get(id(each), [])
        if each.brief and again is not None:
            at = each.location
            where = f"{named(at.file)}:{at.line}" if at is not None else named(report.source)
            said = f"{where}: {each.headline} (bpfdoctor explain {each.rule})"
            severity = each.severity.value
            indent = len(severity) + 1
            lines = [*_hanging(f"{style(severity, severity)} ", indent, said, canvas)]
            if others := _names([other for other, _ in again if other is not report]):
                lines += _hanging(" " * indent, indent, _the_same(others), canvas)
            yield from (f"{line}\n" for line in lines)


def _mark(report: Report) -> str:
    match report.standing:
        case Standing.FINE | Standing.WARNED | Standing.EXCUSED:
            return style("ok", "good")
        case Standing.FOUND | Standing.UNANSWERED:
            return style("error", "error")
        case Standing.NOT_ASKED | Standing.NOTHING:
            return style("note", "note")  # nothing was found, which is not the same as all being well
        case _:
            assert_never(report.standing)


def _notes(reports: Sequence[Report], canvas: Canvas) -> Iterator[str]:
    """Every note once, with its file where there are several; as one block, if there is any."""
    sources: dict[str, list[str]] = {}
    for report in reports:
        for note in report.notes:
            sources.setdefault(note, []).append(named(report.source))
    several = len({report.source for report in reports}) > 1
    lines: list[str] = []
    for note, about in sources.items():
        text = (
            note
            if not several or len(about) == len(reports)
            else f"{', '.join(dict.fromkeys(about))}: {note}"
        )
        lines.extend(_hanging(f"{style('note', 'note')} ", 5, text, canvas))
    if lines:
        yield "".join(line + "\n" for line in lines)


def says(diagnosis: Diagnosis) -> str:
    """Who refused: `the verifier`, `the compiler`, `the loader`."""
    if diagnosis.rule in REMARK_RULES:
        return "the comment"
    return _SAYS.get(diagnosis.finding.block.stage, "the verifier")


def _diagnosis(report: Report, diagnosis: Diagnosis, canvas: Canvas, met_on: Sequence[str] = ()) -> str:
    """One finding: its title, its picture, what is known and what to do, each a block of lines."""
    advice = [_fix(fix, report, canvas) for fix in diagnosis.fixes]
    blocks = [
        list(_title(diagnosis, canvas)),
        list(Box(report, diagnosis, canvas).lines()) or _headline(diagnosis, canvas),
        _said(diagnosis, canvas),
        list(picture.lines(diagnosis, canvas)),
        _known(report, diagnosis, canvas, met_on),
        _under("the last steps", [f"    {_safe(step, canvas)}" for step in diagnosis.last_steps]),
        list(_hanging("  ", 2, confidence(diagnosis), canvas)),
        _under("the usual causes, most likely first", list(_usual(diagnosis, canvas))),
        *advice,
        list(_ask_for(diagnosis, canvas)),
    ]
    told, footer = [block for block in blocks if block], list(_footer(diagnosis, canvas))
    if told[-1] in advice:  # the page belongs to the fix
        told[-1] += footer
    else:
        told.append(footer)
    return "\n\n".join("\n".join(block) for block in told) + "\n"


def _headline(diagnosis: Diagnosis, canvas: Canvas) -> list[str]:
    said = wrap(_safe(diagnosis.headline, canvas), canvas.width - 2) if diagnosis.headline else []
    return [f"  {style(line, 'strong')}" for line in said]


def _said(diagnosis: Diagnosis, canvas: Canvas) -> list[str]:
    """The message, where nothing explains it, or not all of it."""
    told = diagnosis.finding.unmatched or diagnosis.finding.block.failure
    if diagnosis.rule != "unknown-message" and not told:
        return []
    lines = [f"    {visible(line, unicode=canvas.unicode)}" for line in diagnosis.finding.block.lines]
    return [f"  {says(diagnosis)} said:", *lines] if lines else []


def _known(report: Report, diagnosis: Diagnosis, canvas: Canvas, met_on: Sequence[str]) -> list[str]:
    of_hook = _WANTS.get(diagnosis.category, "the hook")
    is_hook = isinstance(report, PreflightReport) and diagnosis.rule not in REMARK_RULES
    who = of_hook if is_hook else says(diagnosis)
    is_warning = diagnosis.severity is not Severity.ERROR
    failure = diagnosis.finding.block.failure
    rows = (
        (f"{who} wants", diagnosis.wants),
        ("it has", diagnosis.has),
        (why(diagnosis), diagnosis.lost),
        ("for example", diagnosis.witness),
        ("the kernel said", failure.extack if failure else ""),
        ("what it means", diagnosis.means),
        ("next", diagnosis.next_step),
        ("seen on" if is_warning else "refused on", ", ".join(met_on)),
        ("other kernels", diagnosis.other_kernels.text if diagnosis.other_kernels else ""),
        ("tried", tried(diagnosis)),
    )
    return list(_rows(rows, canvas))


def _under(heading: str, lines: list[str]) -> list[str]:
    return [f"  {style(heading, 'row')}", *lines] if lines else []


def _fix(fix: Fix, report: Report, canvas: Canvas) -> list[str]:
    return [
        *_head(fix_head(fix, report), fix.title, _loads(fix), canvas, fix.compile),
        *patch(hunks(fix, report.sources), canvas),
        *_hanging("  ", 2, steps(fix), canvas),
        *(() if _loads(fix) else _hanging("  ", 2, fix.why, canvas)),  # a fix that loads needs no argument
    ]


def _loads(fix: Fix) -> bool:
    return fix.outcome.status is FixStatus.LOADS


def _title(diagnosis: Diagnosis, canvas: Canvas) -> Iterator[str]:
    """`error[BD101] packet-bounds: this access can …`, on more lines where it must."""
    severity = diagnosis.severity.value
    kind = f"{severity}[{_safe(diagnosis.id, canvas)}]".replace(" ", "")
    said = f"{_safe(diagnosis.rule, canvas)}: {_safe(lowered(diagnosis.message), canvas)}"
    first, *more = wrap(f"{kind} {said}", canvas.width - 2)
    yield f"{style(kind, severity)} {style(first[len(kind) + 1 :], 'strong')}"
    yield from (f"  {style(line, 'strong')}" for line in more)


def _safe(text: str, canvas: Canvas) -> str:
    return one_line(text, unicode=canvas.unicode)


def _hanging(head: str, indent: int, text: str, canvas: Canvas) -> Iterator[str]:
    """`text` wrapped after `head`, the following lines indented by `indent` cells."""
    for at, part in enumerate(wrap(_safe(text, canvas), min(canvas.width, _PROSE) - indent)):
        yield (" " * indent if at else head) + part


def _rows(rows: Sequence[tuple[str, str]], canvas: Canvas) -> Iterator[str]:
    """The rows that say something, their texts aligned."""
    column = max((len(label) for label, _ in rows), default=0) + 5
    for label, text in rows:
        if text:
            head = "  " + style(label, "row") + " " * (column - 2 - len(label))
            yield from _hanging(head, column, text, canvas)


def _usual(diagnosis: Diagnosis, canvas: Canvas) -> Iterator[str]:
    """The usual causes, numbered, each with the reason for its place."""
    for number, each in enumerate(diagnosis.usual, 1):
        yield from _hanging(f"    {style(str(number), 'strong')}  ", 7, each.cause, canvas)
        for line in _hanging("       ", 7, each.because, canvas):
            yield f"       {style(line[7:], 'dim')}"


def _ask_for(diagnosis: Diagnosis, canvas: Canvas) -> Iterator[str]:
    """What would tell more; its command on a line of its own, for copying."""
    before, tick, rest = diagnosis.ask_for.partition("`")
    command, _, behind = rest.partition("`")
    yield from _hanging("  ", 2, before.strip(), canvas)
    if tick:
        yield f"     {style(_safe(command, canvas), 'strong')}"
        yield from _hanging("  ", 2, behind.lstrip(", "), canvas)


def _head(head: str, title: str, loads: bool, canvas: Canvas, compiled: str = "") -> list[str]:
    """The line above a patch. A fix that loads speaks for itself, a suggestion says what it suggests."""
    head = _safe(head, canvas) + ("" if compiled else ":")
    first, *more = _hanging("  ", 2, head if loads else f"{head} {lowered(title)}", canvas)
    if first.startswith(f"  {head}"):
        first = f"  {style(head, 'good' if loads else 'note')}{first[2 + len(head) :]}"
    return [first, *more]


def _footer(diagnosis: Diagnosis, canvas: Canvas) -> Iterator[str]:
    """The note and the way to the rule's page: on one line where they fit."""
    explain = f"bpfdoctor explain {_safe(diagnosis.rule, canvas)}"
    note = _safe(diagnosis.note, canvas)
    dot = " · " if canvas.unicode else " - "
    if note and len(note) + len(dot) + len(explain) + 2 <= min(canvas.width, _PROSE):
        yield f"  {note}{dot}{style(explain, 'strong')}"
        return
    yield from _hanging("  ", 2, note, canvas)
    yield f"  {style(explain, 'strong')}"
