"""The helpers: what each takes, returns, and does to the packet and to references.

The rows of helpers.json are those of the newest kernel that has the helper, read from its sources
(scripts/kernel_facts). `commit` is the one of Linux that added it, which no source says.
"""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows
from bpfdoctor.model.record import dataclass

# Arguments that are the length of the memory before them: arg_type_is_mem_size(), kernel/bpf/verifier.c.
_SIZES = ("MEM_SIZE", "MEM_SIZE_OR_ZERO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """`gpl`, `sleeps` and `acquires`: "always", or "depends" on the program's type or the map's.

    `args` and `returns` are the kernel's words (ARG_…, RET_…), joined by " or " where program types differ.
    `releases` is the argument whose reference ends, counted from 1; `released_by` ends the one it returns.
    """

    name: str  # as logs print it: bpf_map_lookup_elem
    id: int
    since: str
    commit: str
    source: str
    args: tuple[str, ...] = ()
    returns: str = ""
    gpl: str = ""
    sleeps: str = ""
    acquires: str = ""
    releases: int = 0
    moves_packet: bool = False
    released_by: tuple[str, ...] = ()
    until: str = ""  # the last of our kernels that has it; "" = the newest

    @property
    def written(self) -> tuple[int, ...]:
        """The arguments that it writes through, counted from 1."""
        return tuple(
            at
            for at, kind in enumerate(self.args, 1)
            if any(word in kind for word in ("UNINIT", "MEM_WRITE"))
        )

    @property
    def buffer(self) -> tuple[int, int] | None:
        """The only argument it writes through and the one that says how many bytes, where it is so."""
        pointer = self.written[0] if len(self.written) == 1 else 0
        is_sized = 0 < pointer < len(self.args) and self.args[pointer] in _SIZES
        return (pointer, pointer + 1) if is_sized else None


@cache
def every() -> dict[str, Helper]:
    """All helpers by name, in the order of their numbers."""
    return {row["name"]: Helper(**row) for row in rows("helpers", "args", "released_by")}


@cache
def by_id() -> dict[int, Helper]:
    return {helper.id: helper for helper in every().values()}
