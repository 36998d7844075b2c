"""JSON lines: every report as a line of its own, each with the schema's number."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.render import Canvas
from bpfdoctor.render.as_json import dump
from bpfdoctor.render.plain import SCHEMA, hidden_dict, problem_dict, report_dicts


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """Reports first, then how many findings are hidden, if any, then the files that could not be examined."""
    lines = [{"schema": SCHEMA, **report} for report in report_dicts(reports)]
    if any((hidden := hidden_dict(reports, canvas)).values()):
        lines.append({"schema": SCHEMA, "hidden": hidden})
    lines += [{"schema": SCHEMA, "problem": problem_dict(failure)} for failure in canvas.failures]
    return "".join(dump(line, canvas) + "\n" for line in lines)
