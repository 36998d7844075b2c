"""Finds the folders of data that stand beside the package: grammars, rules, corpus."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import BytecodeCache

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `grammars`, `rules` or `corpus`: inside an installed package, else in the checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def cache_dir() -> Path | None:
    """bpfdoctor's own folder in $XDG_CACHE_HOME, made if need be; None where it cannot be written."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = Path(base) / "bpfdoctor"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return path if os.access(path, os.W_OK) else None


def template_cache() -> BytecodeCache | None:
    """Where jinja2 keeps the byte code of templates; None where nothing can be kept."""
    from jinja2 import FileSystemBytecodeCache

    class Cache(FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: Any) -> None:
            with suppress(OSError):  # a full disk is no reason not to answer
                super().dump_bytecode(bucket)

    if (cached := cache_dir()) is None:
        return None
    folder = cached / "templates"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
    return Cache(str(folder), "%s.cache")
