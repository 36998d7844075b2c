"""Workflow commands of GitHub Actions: an annotation at the user's line for every finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Report, Severity
from bpfdoctor.model.report import Flavour
from bpfdoctor.render import Canvas
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.words import bare_failure, fix_kind, lowered, why

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """`::error title=…,file=pkt.bpf.c,line=24,col=11::…`, one line each."""
    return "".join(line + "\n" for line in _lines(reports, canvas))


def _lines(reports: Sequence[Report], canvas: Canvas) -> Iterator[str]:
    for report in reports:
        for diagnosis in report.diagnoses:
            yield _command(
                _COMMANDS[diagnosis.severity],
                {"title": f"{diagnosis.rule} ({diagnosis.id})", **_where(report, diagnosis, canvas)},
                _message(diagnosis, canvas),
                canvas,
            )
        if said := bare_failure(report):
            where = {} if report.flavour is Flavour.LOG else {"file": canvas.path(report.source)}
            yield _command("error", {"title": "bpfdoctor", **where}, f"{report.source}: {said}", canvas)
    for failure in canvas.failures:
        where = {"file": canvas.path(failure.source)} if failure.source not in ("", "-") else {}
        yield _command("error", {"title": "bpfdoctor", **where}, failure.problem.sentence, canvas)


def _where(report: Report, diagnosis: Diagnosis, canvas: Canvas) -> dict[str, str]:
    """A log is not a file of the repository, so a finding without a place in the source has no file then."""
    where = diagnosis.location
    if where is None:
        return {} if report.flavour is Flavour.LOG else {"file": canvas.path(report.source)}
    out = {"file": canvas.path(where.file), "line": str(where.line)}
    if where.column:
        out["col"] = str(where.column)
        if where.end_column:
            out |= {"endLine": str(where.line), "endColumn": str(where.end_column)}
    return out


def _message(diagnosis: Diagnosis, canvas: Canvas) -> str:
    lines = [lowered(diagnosis.message) + (f": {diagnosis.headline}" if diagnosis.headline else "")]
    if diagnosis.wants:
        lines.append(f"wanted: {diagnosis.wants}")
    if diagnosis.has:
        lines.append(f"it has: {diagnosis.has}")
    if diagnosis.lost:
        lines.append(f"{why(diagnosis)}: {diagnosis.lost}")
    if diagnosis.means:
        lines.append(f"what it means: {diagnosis.means}")
    if diagnosis.next_step:
        lines.append(f"next: {diagnosis.next_step}")
    for fix in diagnosis.fixes[:1]:
        lines.append(f"{fix_kind(fix)}: {fix.title}")
    lines.append(f"bpfdoctor explain {diagnosis.rule}")
    return "\n".join(one_line(line, unicode=canvas.unicode) for line in lines)


def _command(name: str, properties: dict[str, str], message: str, canvas: Canvas) -> str:
    """GitHub's escapes: %, CR and LF everywhere, also : and , in properties."""

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def value(text: str) -> str:
        return data(one_line(text, unicode=canvas.unicode)).replace(":", "%3A").replace(",", "%2C")

    return f"::{name} {','.join(f'{key}={value(text)}' for key, text in properties.items())}::{data(message)}"
