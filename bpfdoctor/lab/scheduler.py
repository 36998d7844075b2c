"""Lets several guests make progress in one thread: a task yields what it waits for, and is resumed then.

One thread, because the kernel kills a guest when the thread that started it ends (PR_SET_PDEATHSIG), which is
what we want when we crash and not before.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wait:
    """Resume when one of the descriptors is readable, or at `until` (time.monotonic())."""

    descriptors: tuple[int, ...]
    until: float


Task = Generator[Wait, None, T]


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a task: its result, or the exception that ended it."""

    number: int
    result: object = None
    error: Exception | None = None


def run(tasks: Iterable[Task[object]], width: int) -> Iterator[Ended]:
    """Runs the tasks, at most `width` at once, and yields each as it ends."""
    waiting = deque(enumerate(tasks))
    running: dict[int, tuple[Task[object], Wait]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < width:
                number, task = waiting.popleft()
                yield from _step(running, number, task)
            for number in _ready(running):
                yield from _step(running, number, running.pop(number)[0])
    finally:
        for task, _ in running.values():
            task.close()


def alone(task: Task[T]) -> T:
    """Runs one task to its end."""
    for ended in run([task], 1):
        if ended.error:
            raise ended.error
        return ended.result  # type: ignore[return-value]
    raise AssertionError("a task ended without a word")


def _step(running: dict[int, tuple[Task[object], Wait]], number: int, task: Task[object]) -> Iterator[Ended]:
    try:
        running[number] = (task, next(task))
    except StopIteration as end:
        yield Ended(number, result=end.value)
    except Exception as error:  # it is the caller's to judge, beside the other tasks' results
        yield Ended(number, error=error)


def _ready(running: dict[int, tuple[Task[object], Wait]]) -> list[int]:
    if not running:
        return []
    poll = select.poll()
    for _, wait in running.values():
        for descriptor in wait.descriptors:
            poll.register(descriptor, select.POLLIN)
    soonest = min(wait.until for _, wait in running.values())
    readable = {fd for fd, _ in poll.poll(max(0.0, soonest - time.monotonic()) * 1000)}
    now = time.monotonic()
    return [
        number
        for number, (_, wait) in running.items()
        if wait.until <= now or not readable.isdisjoint(wait.descriptors)
    ]
