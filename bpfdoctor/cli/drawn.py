"""What an answer is drawn on; and that one report which cannot be drawn costs no other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bpfdoctor.cli import terminal
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Stage
from bpfdoctor.render.rule_page import SITE

if TYPE_CHECKING:
    from bpfdoctor.cli.output_options import OutputOptions


def canvas_of(output: OutputOptions) -> dict[str, Any]:
    """Width, colour and letters of what is printed or written."""
    in_file, machine = output.file is not None, output.format in terminal.MACHINE
    return {
        "width": max(output.width or (terminal.PIPED_WIDTH if in_file else terminal.width(sys.stdout)), 40),
        "color": output.color == "always" if in_file else terminal.color(output.color, sys.stdout),
        "unicode": machine or (not output.ascii and (in_file or terminal.unicode(sys.stdout))),
    }


def links(top: str) -> dict[str, Any]:
    """Where files and rules' pages are seen from. `top` is the repository's folder; "" where paths stay."""
    return {
        "base": top,
        "below": os.path.relpath(os.getcwd(), top) if top else "",
        "site": os.environ.get("BPFDOCTOR_SITE", SITE),
    }


def drawn(draw: Callable[[Sequence[Report]], str], reports: list[Report]) -> tuple[str, list[Report]]:
    """What is drawn, and of what: in the place of a report that no drawing was possible of stands an error of
    ours.
    """
    try:
        return draw(reports), reports
    except Exception:
        reports = [_drawable(draw, report) for report in reports]
        return draw(reports), reports


def _drawable(draw: Callable[[Sequence[Report]], str], report: Report) -> Report:
    try:
        draw([report])
    except Exception as error:
        from bpfdoctor.internal_error import internal_error
        from bpfdoctor.model.transcript import ErrorBlock

        stage = report.diagnoses[0].finding.block.stage if report.diagnoses else Stage.VERIFIER
        return replace(report, diagnoses=(internal_error(error, ErrorBlock((), stage)),), sources={})
    return report
