"""An edit that puts another text in the place of a span of one line."""

from __future__ import annotations

from bpfdoctor.model.diagnosis import Edit
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Span


def replaced(file: str, c: CFile, span: Span, text: str) -> Edit | None:
    """None for a span of several lines."""
    if span.line != span.end_line:
        return None
    line = c.line(span.line)
    changed = line[: span.column - 1] + text + line[span.end_column - 1 :]
    return Edit(file, span.line, span.line, (changed,))
