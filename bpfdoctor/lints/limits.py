"""The verifier's instructions that are used up, and the locked memory that older kernels count."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.limits import INSNS
from bpfdoctor.kernel.versions import series
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.preflight import Cause

BUDGET, MEMLOCK = "verifier-budget", "maps-over-memlock"
_SHARE = 50  # per cent of the verifier's instructions
_NOT_COUNTED = "5.11"  # maps are no longer counted against RLIMIT_MEMLOCK
_MEMLOCK = 64 << 10  # bytes: MLOCK_LIMIT, include/uapi/linux/resource.h


def look(program: Linted) -> Iterator[Lint]:
    insns = program.raw.stats.processed
    if insns is not None and insns * 100 >= INSNS * _SHARE:
        values = {"insns": insns, "percent": insns * 100 // INSNS, "most": INSNS}
        yield Lint(Cause(BUDGET, values, program.start()))
    if program.oldest is not None and series(program.oldest) < series(_NOT_COUNTED):
        size = map_bytes(program)
        if size > _MEMLOCK:
            told = {"size": size, "limit": _MEMLOCK, "oldest": program.oldest}
            yield Lint(Cause(MEMLOCK, told, program.start()))


def map_bytes(program: Linted) -> int:
    """What the object's maps take at the least: keys and values."""
    maps = program.code.btf.maps if program.code.btf is not None else {}
    return sum(
        (each.max_entries or 0) * ((each.key_size or 0) + (each.value_size or 0) or 1)
        for each in maps.values()
    )
