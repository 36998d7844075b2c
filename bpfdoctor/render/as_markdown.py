"""The answer for an issue, a chat or a review: the drawing of `full` in a fence, which all show as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpfdoctor import __version__
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.record import replace
from bpfdoctor.render import Canvas, text
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.words import named

_WIDTH = 100  # cells; code hosts show about as many without a scroll bar


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """One block. What the input quotes cannot end it: the fence is longer than any row of its marks."""
    drawn = text.render(reports, replace(canvas, width=_WIDTH, color=False))
    untold = [
        f"not examined: {one_line(named(each.source))}: {one_line(each.problem.sentence)}\n"
        for each in canvas.failures
    ]
    inside = "\n".join([*untold, drawn] if drawn else untold)
    if not inside:
        return ""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", inside)), default=0))
    return f"Explained by bpfdoctor {__version__}:\n\n{fence}text\n{inside}{fence}\n"
