"""One self-contained HTML page; nothing is fetched. Its one script steps through refused paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from markupsafe import Markup, escape

from bpfdoctor import __version__
from bpfdoctor.model.diagnosis import Diagnosis, FixStatus, Report, Standing
from bpfdoctor.model.record import replace
from bpfdoctor.render import Canvas, kernels
from bpfdoctor.render.environment import template
from bpfdoctor.render.escape import one_line, visible
from bpfdoctor.render.patch import hunks
from bpfdoctor.render.text import picture, says, table
from bpfdoctor.render.text.box import Box
from bpfdoctor.render.text.changed import patch
from bpfdoctor.render.text.paint import spans
from bpfdoctor.render.words import (
    bare_failure,
    became,
    confidence,
    fix_head,
    named,
    plural,
    program,
    tally,
    why,
)

_WIDE = 108  # cells; about what fits the page, which scrolls a wider line sideways


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """All reports on one page; every value from the input is escaped by the template."""
    canvas = replace(canvas, width=_WIDE, unicode=True)
    told = _by_cause(reports, canvas) if kernels.several(reports) else _by_program(reports, canvas)
    program, policy = Markup(""), "'none'"
    if any(walk.data for walks in told["walks"] for walk in walks):
        from bpfdoctor.render.walk import script

        program, policy = script()
    return template("page.html.j2", safe=one_line).render(
        version=__version__, failures=canvas.failures, script=program, policy=policy, **told
    )


def _by_program(reports: Sequence[Report], canvas: Canvas) -> dict[str, Any]:
    return {
        "tally": tally(reports),
        "reports": [_report(report, canvas) for report in reports],
        "walks": _walks(reports),
        "table": "",
    }


def _by_cause(reports: Sequence[Report], canvas: Canvas) -> dict[str, Any]:
    """Of several kernels: the table, and each cause once."""
    met = kernels.merged([report for report in reports if not report.not_possible])
    silent = [
        {"name": named(report.source), "sentence": became(report)} for report in kernels.untold(reports)
    ]
    programs = {(report.source, kernels.row(report)) for report in reports if report.kernel}
    columns = {kernels.column(report) for report in reports if report.kernel}
    return {
        "tally": f"{plural(len(programs), 'program')} on {plural(len(columns), 'kernel')}",
        "reports": [],
        "walks": _walks(reports, of_several=True),
        "table": _html(table.draw(reports, canvas).splitlines()),
        "causes": [
            {"name": named(each.report.source), **_finding(each.report, each.diagnosis, canvas, each.met_on)}
            for each in met
            if each.diagnosis
        ],
        "silent": silent,
        "notes": list(dict.fromkeys(note for report in reports for note in report.notes)),
    }


def _report(report: Report, canvas: Canvas) -> dict[str, Any]:
    facts = [
        ("program", program(report)),
        ("kernel", f"{report.kernel.release} ({report.kernel.capabilities})" if report.kernel else ""),
        ("compiler", report.compiler or ""),
    ]
    return {
        "name": named(report.source),
        "verdict": report.verdict.value,
        "sentence": became(report),
        "look": _look(report),
        "failure": bare_failure(report),
        "facts": [(name, text) for name, text in facts if text],
        "notes": report.notes,
        "findings": [_finding(report, diagnosis, canvas) for diagnosis in report.diagnoses],
    }


def _walks(reports: Sequence[Report], *, of_several: bool = False) -> list[list[Any]]:
    """Each report's paths; `of_several` kernels: then each says of which program and kernel it is."""
    if not any(report.walk for report in reports):
        return [[] for _ in reports]
    from bpfdoctor.render.walk import listed

    told = [f"{kernels.row(each)} on {kernels.column(each)}" if of_several else "" for each in reports]
    return listed(reports, told)


def _look(report: Report) -> str:
    """The class that colours the verdict."""
    match report.standing:
        case Standing.FINE | Standing.WARNED | Standing.EXCUSED:
            return "good"
        case Standing.FOUND | Standing.UNANSWERED:
            return "error"
        case Standing.NOT_ASKED | Standing.NOTHING:
            return "note"
        case _:
            assert_never(report.standing)


def _finding(
    report: Report, diagnosis: Diagnosis, canvas: Canvas, met_on: Sequence[str] = ()
) -> dict[str, Any]:
    box = list(Box(report, diagnosis, canvas).lines())
    rows = ((f"{says(diagnosis)} wants", diagnosis.wants), ("it has", diagnosis.has))
    return {
        "d": diagnosis,
        "box": _html(box),
        "picture": _html(line.removeprefix("  ") for line in picture.lines(diagnosis, canvas)),
        "rows": [
            (name, text)
            for name, text in (
                *rows,
                (why(diagnosis), diagnosis.lost),
                ("what it means", diagnosis.means),
                ("next", diagnosis.next_step),
                ("met on", ", ".join(met_on)),
                ("other kernels", diagnosis.other_kernels.text if diagnosis.other_kernels else ""),
            )
            if text
        ],
        "raw": "\n".join(visible(line) for line in diagnosis.finding.block.lines),
        "sure": confidence(diagnosis),
        "fixes": [
            {
                "head": fix_head(fix, report),
                "loads": fix.outcome.status is FixStatus.LOADS,
                "title": fix.title,
                "why": fix.why,
                "lines": _html(
                    line.removeprefix("     ") for line in patch(hunks(fix, report.sources), canvas)
                ),
            }
            for fix in diagnosis.fixes
        ],
    }


def _html(lines: Iterable[str]) -> Markup:
    """Drawn lines with their styles as classes."""
    parts: list[Markup] = []
    for name, text in spans("\n".join(lines)):
        parts.append(Markup('<span class="{}">{}</span>').format(name, text) if name else escape(text))
    return Markup("").join(parts)
