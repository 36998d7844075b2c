"""--shard 3/8: the part of the files that one of several jobs looks at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b

from typer import BadParameter

from bpfdoctor import regular_file
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later

_SHARD = later(r"(\d{1,6})/(\d{1,6})")
_MOST = 512 << 20  # bytes of a file whose content counts


def shard(sources: Sequence[str], word: str) -> list[str]:
    """Those of the shard: each file is in one, by its content alone, under any name and beside any others.

    What cannot be read is in one by its name, so that one job says so. Raises BadParameter.
    """
    number, of = _numbers(word)
    return [source for source in sources if _place(source) % of == number - 1]


def _numbers(word: str) -> tuple[int, int]:
    found = _SHARD.fullmatch(word)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of:
        raise BadParameter(
            f"{word!r} is not a shard: of eight, the third is 3/8, and the first 1/8", param_hint="--shard"
        )
    return number, of


def _place(source: str) -> int:
    data = source.encode("utf-8", "surrogateescape")
    with suppress(OSError, Problem):
        data = regular_file.read(source, _MOST)
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")
