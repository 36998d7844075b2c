"""Asks many kernels many things in one command: guests side by side, kept warm until the command ends."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from bpfdoctor.lab import guest_build, qemu, snapshot, turns
from bpfdoctor.lab.frames import CAPABILITIES, Answer, Fields, Frame, Op, Tag
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.results import Failure, Loaded, Lost, Request, Result, loaded
from bpfdoctor.lab.shelf import Progress
from bpfdoctor.lab.turns import Task
from bpfdoctor.lab.vm import Guest, GuestLost, GuestStuck
from bpfdoctor.model.problem import Problem

_GUEST_BYTES = 640 << 20  # the most a guest can take: its memory, the channel, QEMU
_MOST_LOSSES = 20  # programs of one object that may kill or hang a guest before we stop trying


class Lab:
    """Warm guests for one command. Use `with`: at the end every guest is gone.

    Not for several threads: a guest dies with the thread that started it.
    """

    def __init__(self, progress: Progress = lambda text: None, *, width: int | None = None) -> None:
        self._progress = progress
        self._qemu = qemu.find()
        self._init = guest_build.guest_init(progress).read_bytes()
        self._guests: dict[str, Guest] = {}  # by kernel, least recently used first
        self._kernels: dict[str, LabKernel] = {}
        self._kept = max(1, _free_memory() // _GUEST_BYTES)
        self._width = width or max(1, min(len(os.sched_getaffinity(0)), self._kept))

    @property
    def note(self) -> str | None:
        """A sentence when guests could run faster here."""
        return self._qemu.note

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends every guest."""
        while self._guests:
            self._guests.popitem()[1].close()

    def run(self, kernels: Sequence[LabKernel], requests: Sequence[Request]) -> list[Result]:
        """Every request on every kernel; results in the order of kernels, then requests."""
        results: dict[tuple[int, int], Result] = {}
        for kernel_number, found in self.as_they_come(kernels, requests):
            for request_number, result in enumerate(found):
                results[kernel_number, request_number] = result
        return [results[key] for key in sorted(results)]

    def as_they_come(
        self, kernels: Sequence[LabKernel], requests: Sequence[Request]
    ) -> Iterator[tuple[int, list[Result]]]:
        """(index of the kernel, its results), each kernel as it is done.

        A kernel that can't be started gives results that say so.
        """
        tasks = [self._on_kernel(kernel, requests) for kernel in kernels]
        for ended in turns.run(tasks, self._width):
            if ended.error is not None:
                raise ended.error
            found = ended.result
            assert isinstance(found, list)
            self._progress(f"{kernels[ended.number].version}: done")
            yield ended.number, found

    def prepare(self, kernels: Sequence[LabKernel]) -> list[LabKernel | Problem]:
        """Makes the kernels' snapshots; the kernels as they described themselves, or why one can't be used."""
        tasks = [snapshot.ensure(kernel, self._qemu, self._init, self._progress) for kernel in kernels]
        done: dict[int, LabKernel | Problem] = {}
        for ended in turns.run(tasks, self._width):
            if isinstance(ended.error, Problem):
                done[ended.number] = ended.error
            elif ended.error is not None:
                raise ended.error
            else:
                assert isinstance(ended.result, snapshot.Snapshot)
                done[ended.number] = ended.result.kernel
        return [done[number] for number in range(len(kernels))]

    def _on_kernel(self, kernel: LabKernel, requests: Sequence[Request]) -> Task[list[Result]]:
        results = []
        for request in requests:
            started = time.monotonic()
            try:
                programs = yield from self._on_guest(kernel, request)
            except Problem as problem:
                programs = [Lost(Failure.LAB, problem.sentence)]
            told = self._kernels.get(kernel.name, kernel)
            results.append(Result(told, request, tuple(programs), time.monotonic() - started))
        return results

    def _on_guest(self, kernel: LabKernel, request: Request) -> Task[list[Loaded | Lost]]:
        """Asks until every program of the object has an answer; a guest that dies or hangs is replaced."""
        programs: list[Loaded | Lost] = []
        losses = 0
        while True:
            guest = yield from self._guest(kernel)
            first = len(programs)
            try:
                op = Op.REPLAY if request.recording else Op.OBJECT
                answers = yield from guest.ask(op, _fields(request, first), request.seconds)
            except GuestLost as lost:
                self._end(kernel)
                programs += [loaded(frame) for frame in lost.answers if frame.kind == Answer.PROGRAM]
                programs.append(_lost(lost, request, kernel))
                losses += 1
                if request.program or losses >= _MOST_LOSSES:
                    return programs
                continue
            programs += [loaded(frame) for frame in answers if frame.kind == Answer.PROGRAM]
            failed = [frame for frame in answers if frame.kind == Answer.FAILED]
            if failed:
                ended = (
                    programs and failed[0].number(Tag.ERRNO) == errno.ENOENT
                )  # there was none after the last
                return programs if ended else [*programs, _failed(failed[0], request)]
            total = max((frame.number(Tag.TOTAL) for frame in answers), default=0)
            if request.recording:
                total = len(request.recording.programs)
            if request.program or len(programs) >= total or len(programs) == first:
                return programs

    def _guest(self, kernel: LabKernel) -> Task[Guest]:
        guest = self._guests.pop(kernel.name, None)
        if guest is None:
            while len(self._guests) >= self._kept:
                self._end_oldest()
            guest = yield from self._clone(kernel)
        self._guests[kernel.name] = guest
        return guest

    def _clone(self, kernel: LabKernel) -> Task[Guest]:
        for attempt in range(3):
            saved = yield from snapshot.ensure(kernel, self._qemu, self._init, self._progress)
            self._kernels[kernel.name] = saved.kernel
            try:
                guest = yield from snapshot.clone(saved)
            except FileNotFoundError:
                continue  # removed by another command in this very moment
            except GuestLost as lost:
                if attempt:
                    raise Problem(
                        f"Kernel {kernel.version} does not start from its snapshot: {lost.why}. {lost.console}"
                    ) from lost
                snapshot.drop(saved)  # damaged, say by a full disk: make a new one
                continue
            return guest
        raise Problem(f"The snapshot of kernel {kernel.version} is removed as fast as it is made.")

    def _end(self, kernel: LabKernel) -> None:
        guest = self._guests.pop(kernel.name, None)
        if guest:
            guest.close()

    def _end_oldest(self) -> None:
        self._guests.pop(next(iter(self._guests))).close()


def _fields(request: Request, first: int) -> Fields:
    pairs: list[tuple[Tag, int | bytes | str]] = [
        (Tag.OBJECT, request.recording.data if request.recording else request.object),
        (Tag.OBJECT_NAME, request.name),
        (Tag.FIRST, first),
        (Tag.LEVELS, sum(1 << level for level in request.levels)),
        (Tag.ALWAYS, int(request.always)),
        (Tag.CAPABILITIES, CAPABILITIES.index(request.capabilities)),
    ]
    if request.program:
        pairs.append((Tag.PROGRAM, request.program))
    if request.prog_type:
        pairs.append((Tag.TYPE, request.prog_type))
    return pairs


def _lost(lost: GuestLost, request: Request, kernel: LabKernel) -> Lost:
    if isinstance(lost, GuestStuck):
        return Lost(
            Failure.TIMEOUT,
            f"The verifier had not decided after {request.seconds:.0f} s.",
            request.program,
            lost.console,
        )
    return Lost(
        Failure.PANIC,
        f"The guest died while this program was loaded: {lost.why}.",
        request.program,
        lost.console,
    )


def _failed(frame: Frame, request: Request) -> Lost:
    died, error = frame.number(Tag.SIGNAL), frame.number(Tag.ERRNO)
    if died == signal.SIGKILL:
        sentence = f"The guest's {qemu.MEMORY_MIB} MiB of memory are too little for it."
    elif died:
        sentence = f"libbpf died of it in the guest (signal {died})."
    elif error == errno.ENOENT and request.program:
        sentence = f"There is no program called {request.program} in it."
    elif error == errno.ENOENT:
        sentence = "There is no BPF program in it."
    else:
        sentence = f"libbpf cannot read it ({os.strerror(error)})."
    return Lost(Failure.OBJECT, sentence, messages=frame.fields.get(Tag.MESSAGES, b""), errno=error or None)


def _free_memory() -> int:
    """Bytes that may be used without swapping."""
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return 2 << 30


def run(
    kernels: Sequence[LabKernel],
    requests: Sequence[Request],
    progress: Callable[[str], None] = lambda text: None,
) -> list[Result]:
    """Every request on every kernel, in one go."""
    with Lab(progress) as lab:
        return lab.run(kernels, requests)
