"""Counts how often hooks fire, without a BPF program: by ftrace in an instance of our own, and by devices."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, suppress

from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.preflight.live import netlink
from bpfdoctor.preflight.system.in_force import rights_in_force
from bpfdoctor.preflight.system.mounts import mounted
from bpfdoctor.temporary import signals_wait

_COUNTED = later(r"^(?:entries|overrun|dropped events): (\d+)$", re.MULTILINE)
_PREFIX = "bpfdoctor-"  # and our process's id


@dataclass(frozen=True, slots=True)
class Counted:
    """What can be counted: a tracepoint's or function's name, or `xdp`, `ingress`, `egress` of a device."""

    kind: str
    name: str


class Counters:
    """Counts from the beginning of the `with` on; leaves nothing behind, however it ends."""

    def __init__(self, hooks: frozenset[Counted]) -> None:
        self._hooks = hooks
        self._stack = ExitStack()
        self._instances: dict[Counted, int] = {}
        self._packets: dict[Counted, int] = {}
        self.why_not: dict[Counted, str] = {}

    def __enter__(self) -> Counters:
        try:
            with signals_wait():
                self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with signals_wait():
            self._stack.close()

    def _start(self) -> None:
        traced = sorted((hook for hook in self._hooks if hook.kind in _TRACED), key=lambda hook: hook.name)
        for hook in self._hooks - set(traced):
            packets = _packets(hook)
            if packets is None:
                self.why_not[hook] = "nothing counts it"
            else:
                self._packets[hook] = packets
        if not traced:
            return
        try:
            with rights_in_force():
                folder = mounted("tracefs", writable=True)
        except OSError as error:
            self.why_not.update(
                (hook, f"ftrace cannot be used ({(error.strerror or '').lower()})") for hook in traced
            )
            return
        self._stack.callback(os.close, folder)
        self._stack.callback(_ended, *_guardian(folder))
        with rights_in_force():
            for number, hook in enumerate(traced):
                try:
                    self._instances[hook] = self._instance(folder, f"{_PREFIX}{os.getpid()}-{number}", hook)
                except OSError as error:
                    self.why_not[hook] = f"ftrace cannot count it ({(error.strerror or '').lower()})"

    def _instance(self, tracefs: int, name: str, hook: Counted) -> int:
        """The folder of a tracing instance in which one hook is recorded. Raises OSError."""
        place = f"instances/{name}"
        os.mkdir(place, 0o700, dir_fd=tracefs)
        self._stack.callback(_removed, tracefs, place)
        folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=tracefs)
        self._stack.callback(os.close, folder)
        if hook.kind == "tracepoint":
            _write(folder, f"events/{_category(folder, hook.name)}/{hook.name}/enable", "1")
        else:
            _write(folder, "set_ftrace_filter", hook.name)
            _write(folder, "current_tracer", "function")
        return folder

    def count(self, hook: Counted) -> int | None:
        """How often it has fired so far; None where that is not known."""
        if hook in self._packets:
            now = _packets(hook)
            return None if now is None else now - self._packets[hook]
        if hook not in self._instances:
            return None
        folder, found = self._instances[hook], 0
        with rights_in_force():
            try:
                for cpu in _names(folder, "per_cpu"):
                    found += sum(int(one) for one in _COUNTED.findall(_read(folder, f"per_cpu/{cpu}/stats")))
            except OSError:
                return None
        return found


_TRACED = ("tracepoint", "function")


def _guardian(tracefs: int) -> tuple[int, int]:
    """A copy of us that removes our instances when we are killed: (what tells it of that, its number)."""
    ours = f"{_PREFIX}{os.getpid()}-"
    told, alive = os.pipe2(os.O_CLOEXEC)
    copy = os.fork()
    if copy:
        os.close(told)
        return alive, copy
    try:
        os.setpgid(0, 0)  # Ctrl-C is for whoever started it
        os.close(alive)
        os.read(told, 1)  # b"" as soon as nobody has the other end
        for name in _names(tracefs, "instances"):
            if name.startswith(ours):
                _removed(tracefs, f"instances/{name}")
    finally:
        os._exit(0)


def _ended(alive: int, copy: int) -> None:
    os.close(alive)
    with suppress(ChildProcessError):
        os.waitpid(copy, 0)


def _removed(tracefs: int, place: str) -> None:
    with rights_in_force(), suppress(OSError):
        os.rmdir(place, dir_fd=tracefs)


def _category(folder: int, event: str) -> str:
    """The category that has an event of this name. Raises OSError without one."""
    for category in _names(folder, "events"):
        with suppress(OSError):
            os.stat(f"events/{category}/{event}/enable", dir_fd=folder)
            return category
    raise FileNotFoundError(2, "no such event")


def _names(folder: int, path: str) -> list[str]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.listdir(descriptor)
    finally:
        os.close(descriptor)


def _read(folder: int, path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.read(descriptor, 1 << 16).decode()
    finally:
        os.close(descriptor)


def _write(folder: int, path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _packets(hook: Counted) -> int | None:
    """The packets that a device received or sent, of those that its driver counts."""
    found = netlink.packets(hook.name)
    return found[hook.kind == "egress"] if found else None
