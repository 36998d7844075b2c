"""Keeps what a checkout compiles from its rules and grammars, in the user's cache folder.

An entry is called NAME-KEY.json, and the key says what it was made from: two checkouts of one version never
undo each other's work. Entries are data (JSON), which no reader executes; one that others could have written
is not read.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from bpfdoctor import resources

if TYPE_CHECKING:
    from pathlib import Path

_KEPT = 8  # entries of one name: some checkouts, some edits
_END = b"\nend"  # an entry without it was cut


def key(*parts: str | bytes) -> str:
    """A short name for these texts: the same for the same texts only."""
    from hashlib import blake2b  # a wheel asks for no key

    digest = blake2b(digest_size=12)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def read(entry: str) -> bytes | None:
    """What was written under this name; None when there is nothing, or nothing of ours."""
    folder = resources.cache_dir()
    return _read_own(folder / entry) if folder else None


def write(entry: str, data: bytes, kept: int | None = _KEPT) -> None:
    """Written aside and renamed: another process never reads half of it. A full disk is no failure.

    Of the entries with this one's name the newest `kept` stay; None: all of them.
    """
    import tempfile  # most starts write nothing

    if (folder := resources.cache_dir()) is None:
        return
    with suppress(OSError):
        handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data + _END)
            os.replace(unfinished, folder / entry)
        except OSError:
            os.unlink(unfinished)
            raise
        if kept is not None:
            _drop_oldest(folder, entry, kept)


def _read_own(path: Path) -> bytes | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
        data = file.read() if ours else b""
    return data.removesuffix(_END) if data.endswith(_END) else None


def _drop_oldest(folder: Path, entry: str, most: int) -> None:
    """Of the entries with this one's name. Keys are of one length: a-KEY.json does not match a-b-KEY.json."""
    name, _, kept = entry.rpartition("-")
    entries = folder.glob(f"{name}-{'?' * len(kept)}")
    for path in sorted(entries, key=lambda path: path.lstat().st_mtime_ns, reverse=True)[most:]:
        path.unlink(missing_ok=True)
