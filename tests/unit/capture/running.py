"""What the tests of capture share beside fixtures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bpfdoctor.model.report import RawReport

Check = Callable[..., list[RawReport]]  # (file name, text, **CaptureOptions)
Write = Callable[[str, str | bytes], Path]


def text_of(report: RawReport) -> str:
    """What was printed, as text."""
    return bytes(report.data[:]).decode("utf-8", "replace")
