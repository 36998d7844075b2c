"""Which programs of a file come by a place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfdoctor.model.diagnosis import Place

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile


def runs_through(c: CFile, program: str | None, place: Place) -> bool:
    """Whether a program of the file comes by a place in it, as far as the text tells: else it may."""
    start = c.function(program) if program else None
    if start is None or place.function in (None, start.name):
        return True
    return any(function.name == place.function for function in c.reached(start))
