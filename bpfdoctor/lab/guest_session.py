"""One object on one kernel: asks a guest until every program has an answer, over dead and stuck guests."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bpfdoctor.kernel import capabilities
from bpfdoctor.lab.frames import Answer, Fields, Reply, RequestKind, Tag
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.qemu import MEMORY_MIB
from bpfdoctor.lab.results import Loaded, Lost, NoVerdict, Request, loaded
from bpfdoctor.lab.scheduler import Task
from bpfdoctor.lab.vm import Guest, GuestLost, GuestPanicked, GuestStuck

# enum libbpf_errno in libbpf.h
_LIBBPF_ERRORS = {
    4000: "it is not a complete ELF file",
    4001: "its sections are not as libbpf expects",
    4003: "wrong byte order",
}
_MOST_LOSSES = 20  # programs of one object that may kill or hang a guest before we stop trying


class Guests(Protocol):
    """Who lends guests."""

    def borrow(self, kernel: LabKernel) -> Task[Guest]:
        """A warm guest."""

    def give_back(self, kernel: LabKernel, guest: Guest, *, usable: bool) -> None:
        """The same guest again."""

    def distrust(self, kernel: LabKernel) -> None:
        """A guest crashed: the next one is to come from a boot of its own."""


def every_program(guests: Guests, kernel: LabKernel, request: Request) -> Task[list[Loaded | Lost]]:
    """What the kernel says of each program of the request, in the object's order."""
    programs: list[Loaded | Lost] = []
    losses, panics_here = 0, 0
    while True:
        try:
            answers = yield from _ask(guests, kernel, request, len(programs))
        except GuestLost as lost:
            before = len(programs)
            programs += _answered(lost.answers, request)
            panics_here = 0 if len(programs) > before else panics_here
            if isinstance(lost, GuestPanicked) and panics_here == 0:
                panics_here = 1  # only what happens twice, also after a boot anew, is its doing
                guests.distrust(kernel)
                continue
            programs.append(_unfinished(lost, request))
            losses, panics_here = losses + 1, 0
            if request.program or losses >= _MOST_LOSSES:
                return programs
            continue
        found = _answered(answers, request)
        failed = [frame for frame in answers if frame.kind == Answer.FAILED]
        if failed and programs and failed[0].number(Tag.ERRNO) == errno.ENOENT:
            return programs  # the guest was lost on the last one
        programs += found
        if failed:
            return [*programs, _failed(failed[0], request)]
        total = max((frame.number(Tag.TOTAL) for frame in answers), default=0)
        if request.recording:
            total = len(request.recording.programs)
        if request.program or len(programs) >= total or not found:
            return programs


def files(guests: Guests, kernel: LabKernel, paths: Sequence[str], seconds: float) -> Task[dict[str, bytes]]:
    """The kernel's own files (/proc, /sys, tracefs) with these paths; those that can't be read are left out.

    Raises GuestLost.
    """
    guest = yield from guests.borrow(kernel)
    usable = False
    try:
        answers = yield from guest.ask(RequestKind.FILES, [(Tag.NAME, "\n".join(paths))], seconds)
        usable = True
    finally:
        guests.give_back(kernel, guest, usable=usable)
    found = [each for each in answers if each.kind == Answer.FILE and Tag.CONTENT in each.fields]
    return {each.text(Tag.NAME): each.fields[Tag.CONTENT] for each in found}


def _ask(guests: Guests, kernel: LabKernel, request: Request, first: int) -> Task[tuple[Reply, ...]]:
    guest = yield from guests.borrow(kernel)
    usable = False
    try:
        op = RequestKind.REPLAY if request.recording else RequestKind.OBJECT
        answers = yield from guest.ask(op, _fields(request, first), request.seconds)
        usable = True
    finally:
        guests.give_back(kernel, guest, usable=usable)
    return answers


def _fields(request: Request, first: int) -> Fields:
    pairs: list[tuple[Tag, int | bytes | str]] = [
        (Tag.OBJECT, request.recording.data if request.recording else request.object),
        (Tag.OBJECT_NAME, request.name),
        (Tag.FIRST, first),
        (Tag.LEVELS, sum(1 << level for level in request.levels)),
        (Tag.ALWAYS, int(request.always)),
        (Tag.CAPABILITIES, capabilities.NAMES.index(request.capabilities)),
    ]
    if request.program:
        pairs.append((Tag.PROGRAM, request.program))
    if request.prog_type:
        pairs.append((Tag.TYPE, request.prog_type))
    if request.settings:
        pairs.append((Tag.SETTINGS, 1))
    return pairs


def _answered(frames: tuple[Reply, ...], request: Request) -> list[Loaded | Lost]:
    return [loaded(frame, request.capabilities) for frame in frames if frame.kind == Answer.PROGRAM]


def _unfinished(lost: GuestLost, request: Request) -> Loaded | Lost:
    """The program that was being loaded when the guest was lost; its verdict may have been told before."""
    begun = [frame for frame in lost.answers if frame.kind == Answer.BEGINS]
    after = lost.answers[lost.answers.index(begun[-1]) :] if begun else ()
    for frame in after:
        if frame.kind == Answer.VERDICT:
            together = Reply(Answer.PROGRAM, {**begun[-1].fields, **frame.fields}, frame.end)
            return replace(loaded(together, request.capabilities), traced=False)
    return _lost(lost, request, begun[-1].text(Tag.NAME) if begun else None)


def _lost(lost: GuestLost, request: Request, program: str | None) -> Lost:
    if isinstance(lost, GuestStuck):
        failure, sentence = NoVerdict.TIMEOUT, f"The verifier had not decided after {request.seconds:.0f} s."
    elif isinstance(lost, GuestPanicked):
        failure, sentence = NoVerdict.PANIC, "Loading it crashes this kernel, twice in a row."
    else:
        failure, sentence = NoVerdict.LAB, f"The guest was lost: {lost.why}."
    return Lost(failure, sentence, program or request.program, console=lost.console)


def _failed(frame: Reply, request: Request) -> Lost:
    died, error = frame.number(Tag.SIGNAL), frame.number(Tag.ERRNO)
    if died == signal.SIGKILL:
        sentence = f"The guest's {MEMORY_MIB} MiB of memory are too little for it."
    elif died:
        sentence = f"libbpf crashed on it in the guest (signal {died})."
    elif error == errno.ENOENT and request.program:
        sentence = f"There is no program called {request.program} in it."
    elif error == errno.ENOENT:
        sentence = "There is no BPF program in it."
    elif error == errno.EPROTOTYPE:
        sentence = f"libbpf knows no program type called {request.prog_type}."
    else:
        sentence = f"libbpf cannot read it ({_LIBBPF_ERRORS.get(error) or os.strerror(error)})."
    failure = NoVerdict.DIED if died else NoVerdict.OBJECT
    return Lost(failure, sentence, messages=frame.fields.get(Tag.MESSAGES, b""), errno=error or None)
