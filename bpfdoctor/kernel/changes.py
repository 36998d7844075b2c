"""Changes of the verifier from before the oldest kernel that is tried: nothing of ours shows them."""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelChange:
    """`commit`: the first twelve digits of the commit of Linux that made it."""

    name: str
    since: str
    commit: str


@cache
def every() -> dict[str, KernelChange]:
    """All changes by name."""
    return {row["name"]: KernelChange(**row) for row in rows("changes")}
