"""Where the lab keeps its files, and how two commands at once stay out of each other's way."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.model.problem import Problem

_UNFINISHED = ".unfinished-"
_YOUNG_SECONDS = 3600


def lab_dir() -> Path:
    """The lab's folder in bpfdoctor's cache."""
    cache = resources.cache_dir()
    if cache is None:
        raise Problem(
            f"The cache folder, which holds the lab's kernels, {resources.no_cache()}.",
            "Give bpfdoctor one: XDG_CACHE_HOME=/some/folder bpfdoctor …",
        )
    return folder(cache / "lab")


def folder(path: Path) -> Path:
    """`path`, made if need be."""
    with disk_problems():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def disk_problems() -> Iterator[None]:
    """Turns a full or read-only disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_room(Path(error.filename or resources.cache_dir() or "/")) from error
        if error.errno in (errno.EROFS, errno.EACCES):
            raise Problem(
                f"{error.filename} cannot be written ({error.strerror}).",
                "Give bpfdoctor another folder: XDG_CACHE_HOME=/some/folder bpfdoctor …",
            ) from error
        raise


def no_room(where: Path, needed: int = 0) -> Problem:
    """The disk is full, or too full for `needed` bytes."""
    much = f" ({needed >> 20} MiB are needed)" if needed else ""
    return Problem(
        f"There is no room left on the disk that holds {where}{much}.",
        "Remove lab kernels you don't need: bpfdoctor kernels remove 6.16",
        "Put the cache on another disk: XDG_CACHE_HOME=/some/folder bpfdoctor …",
    )


def need_room(where: Path, needed: int) -> None:
    """Raises when the disk under `where` has fewer than `needed` bytes left."""
    if shutil.disk_usage(where).free < needed:
        raise no_room(where, needed)


class Lock:
    """A lock file, held by this process; the kernel gives it back when we die, however we die."""

    def __init__(self, path: Path) -> None:
        folder(path.parent)
        with disk_problems():
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Takes the lock; False only when `wait` is off and somebody else holds it."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._fd, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def give_back(self) -> None:
        """Gives the lock back; harmless when it is not held."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Lock:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()


@contextmanager
def fresh_folder(final: Path, keep: Callable[[Path], bool] = Path.exists) -> Iterator[Path]:
    """A private folder that becomes `final` in one step when the block ends well, else vanishes.

    When somebody else made `final` meanwhile, theirs stays; so it does when `keep` says that the work came to
    nothing. Folders a killed command left are swept away.
    """
    parent = folder(final.parent)
    _sweep(parent)
    with disk_problems():
        work = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=parent))
    lock = Lock(work / "lock")
    lock.take()
    try:
        with disk_problems():
            yield work
            if keep(work):
                (work / "lock").unlink()
                _rename(work, final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        lock.give_back()


def _rename(work: Path, final: Path) -> None:
    try:
        work.rename(final)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _sweep(parent: Path) -> None:
    """Removes what killed commands left: folders whose lock nobody holds."""
    for work in parent.glob(_UNFINISHED + "*"):
        with suppress(OSError):
            if not (work / "lock").exists():  # just being made, or just being renamed, or a plain file
                if work.is_dir() and time.time() - work.stat().st_mtime > _YOUNG_SECONDS:
                    shutil.rmtree(work, ignore_errors=True)
                continue
            lock = Lock(work / "lock")
            if lock.take(wait=False):
                shutil.rmtree(work, ignore_errors=True)
            lock.give_back()


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that a reader sees the old one or the new one, never half."""
    with disk_problems():
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=folder(path.parent))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
