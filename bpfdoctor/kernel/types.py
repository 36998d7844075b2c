"""Types of programs and of maps; program_types.json and map_types.json have the rows, as in helpers.py."""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelType:
    """`config` is the option without which a kernel has none, `needs` the capabilities besides CAP_BPF."""

    name: str  # in lower case, as libbpf prints it
    id: int
    since: str
    commit: str = ""
    config: str = ""
    needs: tuple[str, ...] = ()
    until: str = ""


@cache
def programs() -> dict[str, KernelType]:
    """Program types by name, in the order of enum bpf_prog_type."""
    return _table("program_types")


@cache
def maps() -> dict[int, KernelType]:
    """Map types by number, as in enum bpf_map_type."""
    return {each.id: each for each in _table("map_types").values()}


def _table(name: str) -> dict[str, KernelType]:
    return {row["name"]: KernelType(**row) for row in rows(name, "needs")}
