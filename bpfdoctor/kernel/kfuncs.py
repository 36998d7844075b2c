"""The kernel functions that programs may call by name; kfuncs.json has the rows, as in helpers.py."""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kfunc:
    """`flags` are the kernel's words (KF_…). Those of the kernel's own tests are not listed."""

    name: str
    since: str
    source: str
    commit: str = ""  # "" where our kernels show the version: they have it, and the release before has not
    flags: tuple[str, ...] = ()
    moves_packet: bool = False
    released_by: tuple[str, ...] = ()
    until: str = ""

    @property
    def acquires(self) -> bool:
        return "ACQUIRE" in self.flags

    @property
    def releases(self) -> bool:
        return "RELEASE" in self.flags

    @property
    def sleeps(self) -> bool:
        return "SLEEPABLE" in self.flags


@cache
def every() -> dict[str, Kfunc]:
    """All kfuncs by name."""
    return {row["name"]: Kfunc(**row) for row in rows("kfuncs", "flags", "released_by")}
