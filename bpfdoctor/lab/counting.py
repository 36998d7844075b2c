"""Attaches programs in a guest and tells what they counted: how the tests learn what is silent.

No command comes here: programs of users are loaded, and never attached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpfdoctor.lab import scheduler
from bpfdoctor.lab.frames import Answer, Fields, RequestKind, Tag
from bpfdoctor.lab.guest_session import Guests
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.scheduler import Task

_SECONDS = 60  # for one program


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a program. `errno`: of its load; `not_attached`: of its attach call; 0: no error."""

    program: str
    errno: int
    not_attached: int
    count: int


def counted(
    guests: Guests,
    kernel: LabKernel,
    data: bytes,
    *,
    program: str | None = None,
    settings: Mapping[str, str] | None = None,
    sleepers: int = 0,
) -> list[Counted]:
    """Each program of an object, attached as its section says, alone, beside a process that makes calls.

    The programs count in element 0 of the map `hits`. `program`: only this one; `settings`: file -> what is
    written to it first; `sleepers`: processes that are in nanosleep() meanwhile, at most 64. The guest ends.
    Raises GuestLost.
    """
    lines = "\n".join(f"{path} {value}" for path, value in (settings or {}).items())
    pairs: list[tuple[Tag, int | bytes | str]]
    pairs = [(Tag.OBJECT, data), (Tag.NAME, lines), (Tag.SLEEPERS, sleepers)]
    return scheduler.alone(_counted(guests, kernel, [*pairs, *([(Tag.PROGRAM, program)] if program else [])]))


def _counted(guests: Guests, kernel: LabKernel, pairs: Fields) -> Task[list[Counted]]:
    guest = yield from guests.borrow(kernel)
    try:
        answers = yield from guest.ask(RequestKind.ATTACH, pairs, _SECONDS)
    finally:
        guests.give_back(kernel, guest, usable=False)  # its kernel was changed
    return [
        Counted(
            each.text(Tag.NAME), each.number(Tag.ERRNO), each.number(Tag.NOT_ATTACHED), each.number(Tag.COUNT)
        )
        for each in answers
        if each.kind == Answer.COUNTED
    ]
