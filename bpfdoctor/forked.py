"""Works something out in a limited copy of this process: what a stranger's text can make endless.

A copy takes 2 ms; starting an interpreter and importing what it needs would take 60. It has no rights, and
bounded memory and time, and ends with bpfdoctor. Nothing of the stranger's runs in it: the work is bounded.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from bpfdoctor import rights

_MEMORY = 1 << 30  # bytes that a copy may take beyond what this process has
_FILE = 256 << 20  # bytes of a file that it, or what it starts, may write
_MOST_ANSWER = 64 << 20  # bytes
_FAULT, _NO_MEMORY = 70, 71  # exit statuses
_SET_PDEATHSIG = 1  # linux/prctl.h


class Unfinished(Exception):
    """A copy was ended before it had an answer: by a limit, or by what it worked on."""


def worked_out(work: Callable[[], bytes], seconds: int) -> bytes:
    """What `work` returns. Raises Unfinished after `seconds`, for too much memory, and for a crash.

    This process must have one thread: a copy has none of the others, but their locks.
    """
    reader, writer = os.pipe()
    parent = os.getpid()
    copy = os.fork()
    if copy == 0:
        _work(work, seconds, parent, writer)
    os.close(writer)
    try:
        answer = _read(reader, seconds)
    except BaseException:
        os.kill(copy, signal.SIGKILL)  # not reaped yet: the number is still its own
        raise
    finally:
        os.close(reader)
        status = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    if status == _FAULT:
        raise RuntimeError(answer.decode("utf-8", "replace"))
    if status:
        raise Unfinished
    return answer


def _read(pipe: int, seconds: float) -> bytes:
    """What the copy writes until it ends."""
    answer = bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    deadline = time.monotonic() + seconds
    while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        part = os.read(pipe, 1 << 20)
        if not part:
            return bytes(answer)
        answer += part
        if len(answer) > _MOST_ANSWER:
            break
    raise Unfinished


def _work(work: Callable[[], bytes], seconds: int, parent: int, pipe: int) -> NoReturn:
    """The copy's whole life: what its original does at its end is not done twice."""
    status = _FAULT
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        rights.prctl(_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # it ended before we said so
        rights.give_up()
        _limit(seconds)
        answer, status = work(), 0
    except MemoryError:
        answer, status = b"", _NO_MEMORY
    except BaseException:
        import traceback

        answer = traceback.format_exc().encode("utf-8", "replace")
    with contextlib.suppress(OSError):
        while answer:
            answer = answer[os.write(pipe, answer) :]
    os._exit(status)


def _limit(seconds: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:
        have = int(statm.read().split()[0]) * resource.getpagesize()
    limits = {
        resource.RLIMIT_AS: have + _MEMORY,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: _FILE,
        resource.RLIMIT_CORE: 0,
    }
    for what, value in limits.items():
        hard = resource.getrlimit(what)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (most, most))
