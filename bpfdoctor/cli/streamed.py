"""Prints what was found in each source as soon as it is known, where a format allows that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfdoctor.cli import terminal
from bpfdoctor.cli.drawn import canvas_of, drawn
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.render import Canvas, concise
from bpfdoctor.render.escape import without_commands
from bpfdoctor.render.text import Drawing

if TYPE_CHECKING:
    from bpfdoctor.cli.output_options import OutputOptions


def streamed(output: OutputOptions) -> Streamed | None:
    """None where the answer has to be known as a whole."""
    if output.file is not None or output.format not in ("full", "concise"):
        return None
    if output.baseline is not None or output.write_baseline is not None:
        return None
    return Streamed(output)


class Streamed:
    """Draws in parts what `render` draws as a whole."""

    def __init__(self, output: OutputOptions) -> None:
        canvas = Canvas(**canvas_of(output))
        self._drawing = Drawing(canvas, several=True) if output.format == "full" else None
        self._add = self._drawing.add if self._drawing else lambda some: concise.render(some, canvas)
        self._obeyed = terminal.obeyed()

    def shown(self, reports: list[Report]) -> list[Report]:
        """Prints what is found in one source. The reports as they were printed."""
        if reports:
            text, reports = drawn(self._add, reports)
            self._print(text)
        return reports

    def end(self, reports: list[Report]) -> list[Report]:
        """Prints what is to be said of all of them."""
        if self._drawing is not None and reports:
            self._print(self._drawing.end(reports))
        return reports

    def _print(self, text: str) -> None:
        terminal.write(without_commands(text) if self._obeyed else text)
