"""Works out several answers on every core, in copies of this process; they come in the questions' order."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import NoReturn, TypeVar

from bpfdoctor import rights
from bpfdoctor.model.record import dataclass

T = TypeVar("T")
_FEW = 4  # a copy takes a few milliseconds, and what it reads of the kernel every copy reads
_HEAD = 4  # bytes before an answer: its length
_SET_PDEATHSIG = 1  # linux/prctl.h


class Lost(Exception):
    """The copy that worked on it ended without an answer."""


@dataclass(frozen=True, slots=True)
class _Copy:
    pid: int
    answers: int  # a pipe


def answers(count: int, work: Callable[[int], T]) -> Generator[T | Lost, None, None]:
    """What `work` returns for each number below `count`, in order; Lost in the place of what never came.

    `work` raises nothing, and what it returns can be pickled. This process must have one thread: a copy has
    none of the others, but their locks.
    """
    jobs = min(len(os.sched_getaffinity(0)), count) if count >= _FEW else 1
    if jobs == 1:
        yield from map(work, range(count))
        return
    copies: list[_Copy] = []
    try:
        for first in range(jobs):
            copies.append(_started(range(first, count, jobs), work))
        for number in range(count):
            told = _next(copies[number % jobs].answers)
            yield pickle.loads(told) if told else Lost()  # noqa: S301 - our own process wrote it
    finally:
        for copy in copies:
            with suppress(ProcessLookupError):
                os.kill(copy.pid, signal.SIGTERM)  # not reaped yet: the number is still its own
            os.close(copy.answers)
        for copy in copies:
            os.waitpid(copy.pid, 0)


def _started(numbers: range, work: Callable[[int], object]) -> _Copy:
    reader, writer = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        os.close(reader)
        _live(numbers, work, parent, writer)
    os.close(writer)
    return _Copy(pid, reader)


def _live(numbers: range, work: Callable[[int], object], parent: int, pipe: int) -> NoReturn:
    """The copy's whole life: what its original does at its end is not done twice."""
    try:
        rights.prctl(_SET_PDEATHSIG, signal.SIGTERM)
        for number in numbers if os.getppid() == parent else ():
            told = pickle.dumps(work(number))
            _write(pipe, len(told).to_bytes(_HEAD, "little") + told)
    finally:
        os._exit(0)


def _write(pipe: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]


def _next(pipe: int) -> bytes:
    """An answer; b"" where none came."""
    size = int.from_bytes(_read(pipe, _HEAD), "little")
    told = _read(pipe, size)
    return told if len(told) == size else b""


def _read(pipe: int, size: int) -> bytes:
    """That many bytes; fewer where the copy has ended."""
    parts = bytearray()
    while len(parts) < size and (part := os.read(pipe, size - len(parts))):
        parts += part
    return bytes(parts)
