"""--lint, --select and --oldest-kernel: which lints look at what loads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from bpfdoctor.cli import select
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from bpfdoctor.lints.reported import Lints

MakesLints = Callable[[], "Lints"]  # those of one file
_ALL, _NONE = "all", "none"
_VERSION = later(r"v?(\d+\.\d+(?:\.\d+)?)")


def factory(
    words: Sequence[str] = (), selected: Sequence[str] = (), oldest: str | None = None
) -> MakesLints | None:
    """None where no lint is wanted. Whoever selects one by its rule wants it looked for.

    Raises Problem for a word that names no lint, and for what is no version.
    """
    from bpfdoctor import lints
    from bpfdoctor.lints.reported import Lints

    version = _version(oldest) if oldest is not None else None
    if _NONE in words:
        return None
    wanted = {*lints.DEFAULT, *(lints.ASKED if _ALL in words else ())}
    for word in words:
        if word not in (_ALL, _NONE):
            wanted |= _meant(word)
    if selected:
        wanted |= frozenset().union(*map(select.meant, selected)) & lints.ASKED.keys()
    return partial(Lints, sorted(wanted), version)


def told(lints: MakesLints | None) -> str:
    """Which lints these are, and how they are asked."""
    return repr(lints.args) if isinstance(lints, partial) else "none"


def _meant(word: str) -> frozenset[str]:
    from bpfdoctor import lints

    found = select.meant(word) & {*lints.DEFAULT, *lints.ASKED}
    if not found:
        raise Problem(f"{word} is not a lint.", f"There are {', '.join(lints.ASKED)}, and all.")
    return found


def _version(text: str) -> str:
    found = _VERSION.fullmatch(text)
    if found is None or not numbers(found[1]):
        raise Problem(f"--oldest-kernel: {text} is no kernel's version.", "Name one like 5.4.")
    return found[1]
