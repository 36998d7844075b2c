"""Which files an answer depends on: what was read, looked for or listed while it was worked out.

Python tells of every file that it opens and every folder that it lists (audit events), and `os.stat` is asked
through here; what a compiler reads, its caller says. An answer may be given again while all of that is as it
was: also what was not there, as another header in an earlier folder would be another program.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import Any

from bpfdoctor import regular_file, resources
from bpfdoctor.model.record import dataclass, field

_MOST = 64 << 20  # bytes of a file; what depends on a larger one is worked out anew
_YOUNG = 20_000_000  # nanoseconds: a file system's clock is a bit behind
MISSING, FOLDER, OTHER = "missing", "folder", "other"
_PACKAGE = os.path.dirname(__file__)
#: Our code, and what a checkout has beside it: machine_state.py looks after these.
OURS = (
    _PACKAGE,
    *(os.path.join(os.path.dirname(_PACKAGE), name) for name in ("rules", "grammars", "topics")),
)
_OWN = (os.path.dirname(os.__file__), *OURS)
#: What a run leaves in a project, and no project is made of.
_OUTPUTS = (".json", ".sarif", ".html", ".xml", ".log", ".csv", ".o", ".swp", "~")
_OF_THE_KERNEL = ("/proc", "/sys", "/dev")


@dataclass(slots=True)
class Seen:
    """What was looked at since `began` (time.time_ns())."""

    began: int
    opened: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)  # whether, and what, it is
    listed: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)  # temporary folders and files of ours
    is_all: bool = True  # or something was read that nobody has told of


@dataclass(slots=True)
class _Watch:
    """What is being watched, `now`; and `before`, of which this process remembers some."""

    now: Seen | None = None
    before: Seen | None = None
    is_on: bool = False


_watch = _Watch()


@contextmanager
def watching(but: Collection[str] = ()) -> Iterator[Seen]:
    """What this process looks at inside, or has before, but for the files `but`; not what its children do."""
    if not _watch.is_on:  # a hook stays for ever; outside of here it costs a comparison
        sys.addaudithook(_told)
        os.stat = _stat
        for can in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            can.add(_stat)
        _watch.is_on = True
    old = _watch.before or Seen(time.time_ns())
    _watch.now = seen = Seen(old.began, set(old.opened), set(old.asked), set(old.listed), set(old.made))
    try:
        yield seen
    finally:
        _watch.now = None
        left = set(but)
        _watch.before = Seen(seen.began, seen.opened - left, seen.asked - left, seen.listed, seen.made)


def is_watching() -> bool:
    """Whether anybody wants to know."""
    return _watch.now is not None


def noted(*, opened: Iterable[str] = (), asked: Iterable[str] = (), listed: Iterable[str] = ()) -> None:
    """Another process has looked at these, by whole path."""
    if (seen := _watch.now) is not None:
        seen.opened.update(opened)
        seen.asked.update(asked)
        seen.listed.update(listed)


def missed() -> None:
    """Another process has looked at what it has not told of."""
    if (seen := _watch.now) is not None:
        seen.is_all = False


@contextmanager
def in_copy() -> Iterator[dict[str, list[str]]]:
    """What a copy of this process looks at inside, for `noted` in the first one; filled at the end."""
    told: dict[str, list[str]] = {}
    if _watch.now is None:
        yield told
        return
    _watch.now = seen = Seen(_watch.now.began)
    yield told
    told.update(opened=sorted(seen.opened), asked=sorted(seen.asked), listed=sorted(seen.listed))


def compiled(headers: Iterable[str], folders: Iterable[str]) -> None:
    """A compiler has read these files, found in these folders or beside each other."""
    if (seen := _watch.now) is None:
        return
    read = [os.path.abspath(name) for name in headers]
    searched = {os.path.abspath(name) for name in folders} | {os.path.dirname(name) for name in read}
    for path in read:
        seen.opened.add(path)
        for holder in searched:
            if path.startswith(holder + "/"):
                name = path[len(holder) + 1 :]
                seen.asked.update(os.path.join(folder, name) for folder in searched)


def _told(event: str, arguments: tuple[Any, ...]) -> None:
    if (seen := _watch.now) is None:
        return
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        seen.opened.add(_absolute(arguments[0]))
    elif event in ("os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes)):
        seen.listed.add(_absolute(arguments[0]))
    elif event in ("tempfile.mkdtemp", "tempfile.mkstemp"):
        seen.made.add(_absolute(arguments[0]))


_ask = os.stat


def _stat(path: Any, **how: Any) -> os.stat_result:
    if (
        (seen := _watch.now) is not None
        and isinstance(path, (str, bytes, os.PathLike))
        and how.get("dir_fd") is None
    ):
        seen.asked.add(_absolute(path))
    return _ask(path, **how)


def _absolute(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))


class Looked:
    """Looks at files as they are now, each once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str | None] = {}

    def found(self, seen: Seen) -> list[tuple[str, str, str]] | None:
        """(how, path, what was found) of all that was seen; None where that cannot be relied on."""
        if not seen.is_all or "/proc" in seen.listed:  # other processes
            return None
        own = (*_OWN, *seen.made, *map(str, filter(None, [resources.cache_dir()])))
        found = []
        for how, paths in (("opened", seen.opened), ("asked", seen.asked), ("listed", seen.listed)):
            for path in sorted(paths):
                if self._is_nobodys(path, own):
                    continue
                now = self.now(how, path)
                if now is None or self._is_young(path, seen.began):
                    return None
                found.append((how, path, now))
        return found

    def now(self, how: str, path: str) -> str | None:
        """What is found there; None where that cannot be told."""
        if (how, path) not in self._known:
            self._known[how, path] = {"opened": _content, "asked": _kind, "listed": _names}[how](path)
        return self._known[how, path]

    @staticmethod
    def _is_nobodys(path: str, own: Sequence[str]) -> bool:
        """Ours, or the kernel's: machine_state.py has what matters of both."""
        if any(path == each or path.startswith(each + "/") for each in own):
            return True
        inside = path.startswith(tuple(each + "/" for each in _OF_THE_KERNEL)) or path in _OF_THE_KERNEL
        return inside and not path.startswith("/proc/sys/")

    @staticmethod
    def _is_young(path: str, began: int) -> bool:
        """Whether it may have changed after it was looked at."""
        if path.startswith("/proc/"):
            return False
        with suppress(OSError):
            about = _ask(path)
            return not stat.S_ISDIR(about.st_mode) and about.st_ctime_ns > began - _YOUNG
        return False


def _content(path: str) -> str | None:
    try:
        if not stat.S_ISREG(_ask(path).st_mode):
            return OTHER
        data = regular_file.read(path, _MOST)
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"errno {error.errno}"
    except regular_file.NotRegular:
        return None
    return blake2b(data, digest_size=16).hexdigest()


def _kind(path: str) -> str:
    try:
        mode = _ask(path).st_mode
    except OSError:
        return MISSING
    return FOLDER if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else OTHER


def _is_input(name: str) -> bool:
    return name == "compile_commands.json" or not name.endswith(_OUTPUTS)


def _names(path: str) -> str:
    try:
        if _ask(path).st_mode & stat.S_ISVTX:
            return FOLDER  # where everybody may put files is nobody's project
        with os.scandir(path) as entries:
            names = sorted(f"{entry.name}\0{entry.is_dir()}" for entry in entries if _is_input(entry.name))
    except OSError as error:
        return f"errno {error.errno}"
    return blake2b("\0".join(names).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
