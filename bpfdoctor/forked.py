"""Copies of this process that work something out and end with it: a limited one, or one for each core.

A copy takes 2 ms; starting an interpreter and importing what it needs would take 60. What works out a
stranger's text has no rights, and bounded memory and time. This process must have one thread: a copy has none
of the others, but their locks.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import signal
import struct
import time
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from bpfdoctor import rights
from bpfdoctor.model.record import dataclass, field

T = TypeVar("T")
_MEMORY = 1 << 30  # bytes that a copy may take beyond what this process has
_FILE = 256 << 20  # bytes of a file that it, or what it starts, may write
_MOST_ANSWER = 64 << 20  # bytes
_FAULT, _NO_MEMORY = 70, 71  # exit statuses
_SET_PDEATHSIG = 1  # linux/prctl.h
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NUMBER, _HEAD = (
    struct.Struct("=I"),
    struct.Struct("=II"),
)  # a question; whose answer follows, its length
_QUEUED = 8000  # numbers that a pipe takes without a reader


class Unfinished(Exception):
    """A copy was ended before it had an answer: by a limit, or by what it worked on."""


class Lost(Exception):
    """The copy that worked on it ended without an answer."""


def worked_out(work: Callable[[], bytes], seconds: int) -> bytes:
    """What `work` returns, in a copy without rights. Raises Unfinished after `seconds`, for too much memory,
    and for a crash.
    """

    def live(pipe: int) -> int:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        return _work(work, seconds, pipe)

    copy, reader = _started(live, signal.SIGKILL)
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


def _started(live: Callable[[int], int], ends_by: signal.Signals) -> tuple[int, int]:
    """(pid, pipe) of a copy that lives as `live` says, which gets the pipe and returns the exit status; and
    gets `ends_by` when this process ends.
    """
    reader, writer = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = _FAULT
    try:
        os.close(reader)
        rights.prctl(_SET_PDEATHSIG, ends_by)
        if os.getppid() == parent:  # or it ended before we said so
            status = live(writer)
    except SystemExit:  # a signal, which has unwound the stack
        pass
    finally:
        os._exit(status)  # what its original does at its end is not done twice


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


def _work(work: Callable[[], bytes], seconds: int, pipe: int) -> int:
    """Works, limited, and writes the answer; the exit status."""
    status = _FAULT
    try:
        rights.give_up()
        _limit(seconds)
        answer, status = work(), 0
    except MemoryError:
        answer, status = b"", _NO_MEMORY
    except BaseException:
        import traceback

        answer = traceback.format_exc().encode("utf-8", "replace")
    with contextlib.suppress(OSError):
        _write(pipe, answer)
    return status


def _write(pipe: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]


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


@dataclass(slots=True)
class _Copy:
    """One of several, and what has come from it."""

    pid: int
    pipe: int
    told: bytearray = field(default_factory=bytearray)
    at_work: int | None = None  # the number it has taken


def side_by_side(
    count: int, work: Callable[[int], T], jobs: int, last: Callable[[], None] | None = None
) -> Generator[tuple[int, T | Lost], None, None]:
    """(number, what `work` returns for it) for each number below `count`, as they are done by `jobs` copies.

    The first are begun first. `work` raises nothing, and what it returns can be pickled; Lost stands for what
    never came. Whoever stops asking ends the copies, which unwind their stacks. `last` is what each copy does
    at its end.
    """

    def live(pipe: int) -> int:
        try:
            return _live(queue, count, work, pipe)
        finally:
            if last is not None:
                last()

    left = set(range(count))
    copies: list[_Copy] = []
    queue, filler = os.pipe()
    try:
        for number in range(min(count, _QUEUED)):
            os.write(filler, _NUMBER.pack(number))
        os.close(filler)
        for _ in range(min(jobs, count)):
            copies.append(_Copy(*_started(live, signal.SIGTERM)))
        for number, told in _answers(copies):
            left.discard(number)
            yield number, Lost() if told is None else pickle.loads(told)  # noqa: S301 - our own process wrote it
        yield from ((number, Lost()) for number in sorted(left))
    finally:
        os.close(queue)
        for copy in copies:
            with contextlib.suppress(ProcessLookupError):
                os.kill(copy.pid, signal.SIGTERM)  # not reaped yet: the number is still its own
            os.close(copy.pipe)
        for copy in copies:
            os.waitpid(copy.pid, 0)


def _live(queue: int, count: int, work: Callable[[int], object], pipe: int) -> int:
    """Takes number after number. (A pipe gives each reader whole numbers: they are written whole.)"""
    while taken := os.read(queue, _NUMBER.size):
        for number in range(_NUMBER.unpack(taken)[0], count, _QUEUED):
            _write(pipe, _HEAD.pack(number, 0))
            told = pickle.dumps(work(number))
            _write(pipe, _HEAD.pack(number, len(told)) + told)
    return 0


def _answers(copies: list[_Copy]) -> Iterator[tuple[int, bytes | None]]:
    """What the copies write, as it comes; None for what one was at work on when it ended."""
    poll = select.poll()
    by_pipe = {copy.pipe: copy for copy in copies}
    for pipe in by_pipe:
        poll.register(pipe, select.POLLIN | select.POLLHUP)
    while by_pipe:
        for pipe, _ in poll.poll():
            copy, part = by_pipe[pipe], os.read(pipe, 1 << 20)
            copy.told += part
            yield from _whole(copy)
            if not part:
                poll.unregister(pipe)
                del by_pipe[pipe]
                if copy.at_work is not None:
                    yield copy.at_work, None


def _whole(copy: _Copy) -> Iterator[tuple[int, bytes]]:
    """The answers of which all has come."""
    while len(copy.told) >= _HEAD.size:
        number, size = _HEAD.unpack_from(copy.told)
        end = _HEAD.size + size
        if len(copy.told) < end:
            return
        if not size:  # taken
            copy.at_work = number
        else:
            copy.at_work = None
            yield number, bytes(copy.told[_HEAD.size : end])
        del copy.told[:end]
