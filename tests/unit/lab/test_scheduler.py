"""Tasks take turns in one thread, and each ends with its own result."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from typing import cast

import pytest

from bpfdoctor.lab import scheduler
from bpfdoctor.lab.scheduler import Task, Wait


def waits(seconds: float, result: object) -> Task[object]:
    yield Wait((), time.monotonic() + seconds)
    return result


def fails() -> Task[object]:
    yield Wait((), time.monotonic())
    raise ValueError("broken")


def test_tasks_wait_side_by_side() -> None:
    started = time.monotonic()
    ended = list(scheduler.run([waits(0.1, n) for n in range(10)], 10))
    assert {end.result for end in ended} == set(range(10)) and len(ended) == 10
    assert time.monotonic() - started < 0.9


def test_no_more_than_the_width_run_at_once() -> None:
    running, most = 0, 0

    def counts() -> Task[None]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        yield Wait((), time.monotonic() + 0.01)
        running -= 1

    list(scheduler.run([counts() for _ in range(7)], 3))
    assert most == 3


def test_a_task_wakes_when_its_descriptor_is_readable() -> None:
    ours, theirs = os.pipe()

    def reads() -> Task[bytes]:
        yield Wait((ours,), time.monotonic() + 30)
        return os.read(ours, 10)

    def writes() -> Task[None]:
        yield Wait((), time.monotonic() + 0.02)
        os.write(theirs, b"now")

    started = time.monotonic()
    results = {end.number: end.result for end in scheduler.run([reads(), writes()], 2)}
    assert results[0] == b"now" and time.monotonic() - started < 5
    os.close(ours)
    os.close(theirs)


def test_one_failure_leaves_the_others_alone() -> None:
    ended = {end.number: end for end in scheduler.run([fails(), waits(0.01, "fine")], 2)}
    assert isinstance(ended[0].error, ValueError) and ended[1].result == "fine"


def test_tasks_are_closed_when_nobody_listens_any_more() -> None:
    closed = []

    def holds() -> Task[None]:
        try:
            yield Wait((), time.monotonic() + 60)
        finally:
            closed.append(True)

    running = scheduler.run([waits(0, 1), holds()], 2)
    next(running)
    cast(Generator[object], running).close()
    assert closed == [True]


def test_alone_gives_the_result_or_raises() -> None:
    assert scheduler.alone(waits(0, 5)) == 5
    with pytest.raises(ValueError, match="broken"):
        scheduler.alone(fails())
