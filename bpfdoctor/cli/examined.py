"""Looks at each source, one after the other or on several cores, and shows a person how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol, TypeVar

from bpfdoctor.cli import terminal
from bpfdoctor.cli.crash import as_problem
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.render.words import named

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Examine = Callable[[str], list[Report]]  # raises Problem
Found = list[Report] | Problem


def cores() -> int:
    """How many processes can run at once."""
    return len(os.sched_getaffinity(0))


class Jobs:
    """How many copies of this process look at sources side by side; by default one on each core."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or cores()

    def copies(self, sources: int) -> int:
        """Asked once, before the first is looked at; 1: this process does it."""
        return min(self._most, sources)

    def last(self) -> None:
        """What each copy does at its end."""


class Known(Protocol[T_co]):
    """What was said of sources before."""

    def found(self, source: str) -> T_co | None:
        """None where it is not known, or not true any more."""


def in_order(
    sources: Sequence[str], examine: Callable[[str], T], jobs: Jobs, known: Known[T] | None = None
) -> Generator[tuple[str, T | Problem], None, None]:
    """Each source with what was found in it, in their order; when this is ended, what is done already.

    Raises SystemExit after that.
    """
    done: dict[int, T | Problem] = {}
    told = 0
    try:
        for number, found in _done(sources, examine, jobs, known):
            done[number] = found
            while told in done:
                yield sources[told], done.pop(told)
                told += 1
            if told < len(sources) > 1:
                terminal.progress(f"{told + len(done)}/{len(sources)} {named(sources[told])}")
    except SystemExit:
        yield from ((sources[number], done[number]) for number in sorted(done))
        raise
    finally:
        terminal.progress_done()


def _done(
    sources: Sequence[str], examine: Callable[[str], T], jobs: Jobs, known: Known[T] | None
) -> Iterator[tuple[int, T | Problem]]:
    """Each source's number with what was found in it, as they are done; what is known first."""
    left = list(range(len(sources)))
    if known is not None:
        left = []
        for number, source in enumerate(sources):
            if (told := known.found(source)) is not None:
                yield number, told
            else:
                left.append(number)
    copies = jobs.copies(len(left)) if len(left) > 1 else 1
    if copies == 1:
        yield from ((number, examined(sources[number], examine)) for number in left)
        return
    from bpfdoctor import forked

    def work(at: int) -> T | Problem:
        return examined(sources[left[at]], examine)

    for at, found in forked.side_by_side(len(left), work, copies, jobs.last):
        if isinstance(found, forked.Lost):
            yield left[at], Problem("The process that looked at it was ended.")
        else:
            yield left[at], found


def examined(source: str, examine: Callable[[str], T]) -> T | Problem:
    """What is found in a source, or what kept us from that."""
    try:
        found = examine(source)
    except Problem as problem:
        return problem
    except OSError as error:
        return _unreadable(source, error)
    except Exception as error:  # a bug in one file's diagnosis must not cost the other answers
        return as_problem(error)
    # Nothing to say is not the same as nothing wrong.
    return found or Problem(f"There is no answer about {source}: no program in it was looked at.")


def _unreadable(source: str, error: OSError) -> Problem:
    """The file itself cannot be read; anything else is a bug."""
    if error.filename != source:
        return as_problem(error)
    return Problem(
        f"{source} cannot be read: {(error.strerror or str(error)).lower()}.", "Name another file."
    )
