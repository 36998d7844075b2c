"""One line per finding: `pkt.bpf.c:24:11: error[BD101] packet-bounds: this access can …`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Place, Report
from bpfdoctor.render import Canvas, words
from bpfdoctor.render.causes import in_programs
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.kernels import several, told

_MOST_NAMED = 10  # programs of which one line says the same


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """All findings and failures; what loads is not worth a line here."""
    return "".join(one_line(line, unicode=canvas.unicode) + "\n" for line in _lines(reports))


def _lines(reports: Sequence[Report]) -> Iterator[str]:
    others, again = ({}, {}) if several(reports) else in_programs(reports)
    for each in told(reports):
        if each.diagnosis is None:
            yield f"{each.report.source}: error: {each.failure}{each.on}"
        elif id(each.diagnosis) not in again:
            also = _and(others.get(id(each.diagnosis), []))
            yield f"{_where(each.report, each.diagnosis)}: {sentence(each.diagnosis)}{each.on}{also}"


def _and(others: Sequence[str]) -> str:
    """` (the same: fexit_skb_copy, fexit_xdp and 3 more)`."""
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    return f" (the same: {', '.join(others[:_MOST_NAMED])}{more})" if others else ""


def sentence(diagnosis: Diagnosis) -> str:
    """`error[BD101] packet-bounds: this access can run past the end of the packet: 4 more bytes …`."""
    return f"{diagnosis.severity}[{diagnosis.id}] {diagnosis.rule}: {words.told(diagnosis)}"


def _where(report: Report, diagnosis: Diagnosis) -> str:
    if diagnosis.location:
        return place(diagnosis.location)
    named = report.program.name if report.program else None
    return f"{report.source} ({named})" if named else report.source


def place(where: Place) -> str:
    """`pkt.bpf.c:24:11`."""
    return f"{where.file}:{where.line}" + (f":{where.column}" if where.column else "")
