"""Workflow commands of GitHub Actions: an annotation at the user's line for every finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Report, Severity
from bpfdoctor.model.report import Flavour
from bpfdoctor.render import Canvas, words
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.kernels import told
from bpfdoctor.render.words import fix_kind, why

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """`::error title=…,file=pkt.bpf.c,line=24,col=11::…`, one line each."""
    return "".join(line + "\n" for line in _lines(reports, canvas))


def _lines(reports: Sequence[Report], canvas: Canvas) -> Iterator[str]:
    for each in told(reports):
        report, diagnosis = each.report, each.diagnosis
        if diagnosis is None:
            where = {} if report.flavour is Flavour.LOG else {"file": canvas.path(report.source)}
            said = f"{report.source}: {each.failure}{each.on}"
            yield _command("error", {"title": "bpfdoctor", **where}, said, canvas)
            continue
        yield _command(
            _COMMANDS[diagnosis.severity],
            {"title": f"{diagnosis.rule} ({diagnosis.id})", **_where(report, diagnosis, canvas)},
            _message(diagnosis, each.met_on, canvas),
            canvas,
        )
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


def _message(diagnosis: Diagnosis, met_on: Sequence[str], canvas: Canvas) -> str:
    lines = [words.told(diagnosis)]
    if met_on:
        lines.append(f"on: {', '.join(met_on)}")
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
