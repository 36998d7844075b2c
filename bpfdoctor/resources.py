"""Where data is: in a checkout, in the wheel, and in the user's cache folder."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from bpfdoctor.model.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

# pathlib costs a small log half a bare Python, so it is imported where somebody asks for a folder.
_PACKAGE = os.path.dirname(__file__)


def folder(name: str) -> Path:
    """The folder `grammars`, `rules`, `topics` or `corpus`. Raises Problem: a wheel has only the grammars."""
    from pathlib import Path

    package = Path(_PACKAGE)
    for path in (package / "_data" / name, package.parent / name):
        if path.is_dir():
            return path
    raise Problem(
        f"This needs the folder {name} of bpfdoctor's repository; an installed bpfdoctor does not have it.",
        "Set up a checkout of the repository: make setup",
    )


def compiled(name: str) -> bytes | None:
    """What was compiled when the wheel was built (hatch_build.py); None in a checkout."""
    try:
        with open(os.path.join(_PACKAGE, "_data", "compiled", name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def cache_dir() -> Path | None:
    """bpfdoctor's own folder in $XDG_CACHE_HOME, made if need be; None where `no_cache` has a reason."""
    return None if no_cache() else _cache_path()


def no_cache() -> str:
    """Why there is no cache folder, as the end of a sentence about it; "" where there is one.

    What lies in a folder that others can write to could be theirs: it is not used, not even read.
    """
    path = _cache_path()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        return f"cannot be made ({error.strerror})"
    if not stat.S_ISDIR(found.st_mode):
        return "is a link"
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "can be written by other users"
    return "" if os.access(path, os.W_OK | os.X_OK) else "cannot be written"


def _cache_path() -> Path:
    from pathlib import Path

    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "bpfdoctor"
