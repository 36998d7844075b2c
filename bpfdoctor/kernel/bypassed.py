"""Functions that are there and that the kernel goes past: others do their work (counted in the lab)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bpfdoctor.kernel.table import rows
from bpfdoctor.kernel.versions import series
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Bypassed:
    """`instead`: what counts, the one of these that a kernel has. `calls`: for what it is passed by.

    `since`: the first series of the lab in which it counted 0; `marks`: a function that came with the change,
    where kernels before that have it, too. `is_inlined`: compilers put its code into its callers; else the
    kernel's own code calls another function.
    """

    function: str
    instead: tuple[str, ...]
    calls: str
    is_inlined: bool
    since: tuple[int, ...]
    marks: str = ""

    def other(self, release: str, has: Callable[[str], bool]) -> str:
        """The function that does the work there; "" where this one does, or is not there."""
        if not has(self.function) or not (series(release) >= self.since or (self.marks and has(self.marks))):
            return ""
        return next((name for name in self.instead if has(name)), "")


@cache
def table() -> dict[str, Bypassed]:
    """By the name of the function."""
    return {
        row["function"]: Bypassed(
            row["function"],
            row["instead"],
            row["calls"],
            row["how"] == "inlined",
            series(row["since"]),
            row.get("marks", ""),
        )
        for row in rows("bypassed", "instead")
    }
