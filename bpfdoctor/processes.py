"""Starts other programs, the only module that does: they end when bpfdoctor ends, and get no rights unlent.

However bpfdoctor ends: it ends its children when it is interrupted, and where it is killed the kernel does
(PR_SET_PDEATHSIG, which goes by the thread that started them: there is only one).
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from bpfdoctor import rights
from bpfdoctor.pattern import later

PIPE, DEVNULL, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.TimeoutExpired
Popen = subprocess.Popen

# util-linux; not from PATH, which is the user's.
_SETPRIV = next((path for path in ("/usr/bin/setpriv", "/bin/setpriv") if os.access(path, os.X_OK)), None)
_FROM_OUTSIDE = (
    *(signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT),
    *(signal.SIGXCPU, signal.SIGXFSZ),
)
_NO_ROOM = later(
    rb"LLVM ERROR: out of memory|std::bad_alloc|Cannot allocate memory"
    rb"|IO failure on output stream|: (?:File too large|No space left on device)$",
    re.MULTILINE,
)
_ENDS_WITH_US = [_SETPRIV, "--pdeathsig", "KILL"] if _SETPRIV else []


def start(command: Sequence[str], **how: Any) -> subprocess.Popen[Any]:
    """Popen for a program that is not ours. What cannot be run ends with status 126 or 127, as in a shell."""
    rights.withhold()
    return subprocess.Popen([*_ENDS_WITH_US, *command], **how)


def start_own(command: Sequence[str], *, with_rights: bool, **how: Any) -> subprocess.Popen[Any]:
    """Popen for a child of our own, which sees to it that it ends with us; it may be lent our rights."""
    rights.withhold()
    with rights.Lent() if with_rights else contextlib.nullcontext():
        return subprocess.Popen(list(command), **how)


def run(command: Sequence[str], seconds: float | None = None, **how: Any) -> subprocess.CompletedProcess[str]:
    """What a program printed, as text, and its exit status. Raises OSError, TimeoutExpired."""
    text = {"stdout": PIPE, "stderr": PIPE, "text": True, "errors": "replace"} | how
    with start(command, stdin=DEVNULL, **text) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def limit(pid: int, memory_mib: int, seconds: int | None = None, file_mib: int | None = None) -> None:
    """Limit a child that has just started: from outside, as code between fork and exec slows it down."""
    mib = 1 << 20
    limits = {resource.RLIMIT_AS: memory_mib * mib, resource.RLIMIT_CORE: 0}
    if seconds is not None:
        limits[resource.RLIMIT_CPU] = seconds
    if file_mib is not None:
        limits[resource.RLIMIT_FSIZE] = file_mib * mib
    for what, value in limits.items():
        most = value + 1 if what == resource.RLIMIT_CPU else value  # its own signal comes before SIGKILL
        with contextlib.suppress(OSError, ValueError):  # gone already, or a lower hard limit is in force
            resource.prlimit(pid, what, (value, most))


def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a child ends within `seconds`. It is not reaped: its number stays its own."""
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:  # before Linux 5.3
        deadline = time.monotonic() + seconds
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(handle)


def kill(process: subprocess.Popen[bytes]) -> int:
    """End a child and whatever it started; its exit status, negative for a signal.

    The whole group is ended before the child is reaped: until then nobody else can have its number. A child
    that the kernel does not let go of is left to the kernel.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if not ended(process, 5):
            return -signal.SIGKILL
    return process.wait()


def seconds_of_children() -> float:
    """CPU seconds of the processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def stopped_from_outside(status: int, printed: bytes) -> bool:
    """Whether a compiler's exit status says that somebody, or a limit, ended it: not its own crash."""
    return -status in _FROM_OUTSIDE or (status != 0 and _NO_ROOM.search(printed) is not None)


def how_it_ended(status: int) -> str:
    """An exit status in words: "was ended by SIGSEGV", "ended with status 1"."""
    if status == -signal.SIGSYS:
        return "was ended by SIGSYS: a seccomp filter forbids a system call that it made"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
