"""The table of `check --kernel`: what each kernel says of each program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from bpfdoctor.model.diagnosis import Report, Standing
from bpfdoctor.model.remark import REMARK_RULES
from bpfdoctor.model.report import Verdict
from bpfdoctor.render import Canvas
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.kernels import column, row
from bpfdoctor.render.text.measure import wrap
from bpfdoctor.render.text.paint import style
from bpfdoctor.render.words import named

_GAP = "  "


def draw(reports: Sequence[Report], canvas: Canvas) -> str:
    """The table, in as many pieces as the width asks for, and the reasons below it."""
    rows = list(dict.fromkeys((report.source, row(report)) for report in reports if report.kernel))
    columns = list(dict.fromkeys(column(report) for report in reports if report.kernel))
    cells = {(report.source, row(report), column(report)): report for report in reports}
    reasons = list(dict.fromkeys(report.not_possible for report in reports if report.not_possible))
    files = len({source for source, _ in rows}) > 1
    heads = [("  " if files else "") + _safe(name, canvas) for _, name in rows]
    first = min(max(map(len, heads)), canvas.width // 2)
    texts = {key: _cell(report, reasons) for key, report in cells.items()}
    widths = {
        name: max(len(name), *(len(text) for (_, _, at), (text, _) in texts.items() if at == name))
        for name in columns
    }
    lines: list[str] = []
    for some in _pieces(columns, widths, canvas.width - first):
        lines.append(" " * first + "".join(_GAP + style(f"{name:{widths[name]}}", "strong") for name in some))
        above = ""
        for head, key in zip(heads, rows, strict=True):
            if files and key[0] != above:
                above = key[0]
                lines.append(_safe(named(above), canvas))
            line = f"{head[:first]:{first}}"
            for name in some:
                text, look = texts.get((*key, name), ("", "dim"))
                line += _GAP + style(text, look) + " " * (widths[name] - len(text))
            lines.append(line.rstrip())
        lines.append("")
    for number, reason in enumerate(reasons, 1):
        lines += [
            f"{f'[{number}]' if not at else '   '} {text}"
            for at, text in enumerate(wrap(f"not possible: {_safe(reason, canvas)}", canvas.width - 4))
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _pieces(columns: Sequence[str], widths: dict[str, int], room: int) -> Iterator[list[str]]:
    """The columns in groups that fit side by side."""
    some: list[str] = []
    for name in columns:
        if some and sum(widths[other] + len(_GAP) for other in (*some, name)) > room:
            yield some
            some = []
        some.append(name)
    if some:
        yield some


def _cell(report: Report, reasons: Sequence[str]) -> tuple[str, str]:
    """(text, style) of one cell: `loads 26`, `BD101`, `no [1]`."""
    if report.not_possible:
        return f"no [{reasons.index(report.not_possible) + 1}]", "warning"
    match report.standing:
        case Standing.FINE:
            return f"loads {report.insns}" if report.insns is not None else "loads", "good"
        case Standing.UNANSWERED:
            return "no answer", "error"
        case Standing.WARNED | Standing.FOUND if report.verdict is Verdict.LOADS:
            return "loads", "good"
        case Standing.FOUND:
            found = [each.id for each in report.diagnoses if each.rule not in REMARK_RULES]
            said = found[-1] if found else report.verdict.value.replace("-", " ")
            return said, "error"
        case Standing.EXCUSED:
            return "expected" if all(each.expected for each in report.excused) else "ignored", "good"
        case Standing.WARNED | Standing.NOT_ASKED | Standing.NOTHING:
            return report.verdict.value.replace("-", " "), "note"
        case _:
            assert_never(report.standing)


def _safe(text: str, canvas: Canvas) -> str:
    return one_line(text, unicode=canvas.unicode)
