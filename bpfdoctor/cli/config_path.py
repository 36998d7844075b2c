"""Where bpfdoctor.toml is, or the pyproject.toml with [tool.bpfdoctor]: in this folder or above it.

Every `check` and `log` asks this, most of them in vain: it imports neither pathlib nor what reads settings.
"""

from __future__ import annotations

import os

from bpfdoctor import regular_file
from bpfdoctor.model.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("bpfdoctor.toml", "pyproject.toml")
_MOST = 1 << 20  # bytes
_TABLE = b"tool.bpfdoctor"


def found() -> str | None:
    """The nearest file with settings, up to the repository's. Raises Problem for what cannot be read."""
    for place in _upwards():
        for name in NAMES:
            file = os.path.join(place, name)
            if os.path.isfile(file) and (name == NAMES[0] or _TABLE in content(file)):
                return file
        if _is_top(place):
            return None
    return None


def repository() -> str:
    """The folder of the repository that this folder lies in; this folder where there is none.

    What a CI system is told of is a path of the repository, also where a job works in a folder of it.
    """
    return next(filter(_is_top, _upwards()), os.path.abspath(os.curdir))


def _upwards() -> Iterator[str]:
    """This folder and those above it."""
    place, below = os.path.abspath(os.curdir), ""
    while place != below:
        yield place
        place, below = os.path.dirname(place), place


def _is_top(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".git"))


def content(file: str) -> bytes:
    """Raises Problem."""
    try:
        return regular_file.read(file, _MOST)
    except OSError as error:
        raise Problem(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.") from None
