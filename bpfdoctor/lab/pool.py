"""Asks many kernels many things in one command: guests side by side, kept warm until the command ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence

from bpfdoctor.lab import guest_build, guest_session, qemu, scheduler, snapshot
from bpfdoctor.lab.kernel_index import Progress
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.qemu import Qemu
from bpfdoctor.lab.results import Loaded, Lost, NoVerdict, Request, Result
from bpfdoctor.lab.scheduler import Task
from bpfdoctor.lab.snapshot import Snapshot
from bpfdoctor.lab.vm import Guest, GuestLost
from bpfdoctor.model.problem import Problem

_READ_SECONDS = 20  # for a few of the kernel's own files; most take milliseconds
_GUEST_BYTES = 640 << 20  # the most a guest can take: its memory, the channel, QEMU


def _quiet(_: str) -> None:
    """Shows no progress."""


class Lab:
    """Warm guests for one command. Use `with`: at the end every guest is gone.

    Not for several threads: a guest dies with the thread that started it.
    """

    def __init__(self, progress: Progress = _quiet, *, with_qemu: Qemu | None = None) -> None:
        self._progress = progress
        self._qemu = with_qemu or qemu.find()
        self._init = guest_build.guest_init(progress).read_bytes()
        self._idle: dict[str, Guest] = {}  # by kernel, least recently used first
        self._busy: set[Guest] = set()
        self._distrusted: set[str] = set()  # kernels to be booted anew
        self._booted: set[str] = set()  # those that were
        self._told: dict[str, LabKernel] = {}  # kernels as they described themselves
        self._room = max(1, _free_memory() // _GUEST_BYTES)
        self._width = max(1, min(len(os.sched_getaffinity(0)), self._room))

    @property
    def note(self) -> str | None:
        """A sentence when guests could run faster here."""
        return self._qemu.note

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def shared(self, kernels: Sequence[LabKernel], copies: int) -> int:
        """How many of `copies` of this process have room for guests of their own, one of each kernel.

        What all of them need is made here (a snapshot of each kernel), and from here on each has its share of
        the cores.
        """
        copies = max(1, min(copies, self._room // max(1, len(kernels))))
        if copies > 1:
            for _ in scheduler.run([self._snapshot(kernel) for kernel in kernels], self._width):
                pass  # what cannot be started says so when it is asked
            self._room, self._width = self._room // copies, max(1, self._width // copies)
        return copies

    def close(self) -> None:
        """Ends every guest."""
        for guest in (*self._busy, *self._idle.values()):
            guest.close()
        self._busy.clear()
        self._idle.clear()

    def run(self, kernels: Sequence[LabKernel], requests: Sequence[Request]) -> list[Result]:
        """Every request on every kernel; results in the order of kernels, then requests.

        Raises Problem when not one of the kernels can be started.
        """
        found: dict[int, list[Result]] = dict(self.as_they_come(kernels, requests))
        results = [result for number in sorted(found) for result in found[number]]
        lost = [entry for result in results for entry in result.programs if isinstance(entry, Lost)]
        if lost and len(lost) == len(results) and all(entry.failure is NoVerdict.LAB for entry in lost):
            raise Problem(lost[0].sentence, *lost[0].ways_out)
        return results

    def as_they_come(
        self, kernels: Sequence[LabKernel], requests: Sequence[Request]
    ) -> Iterator[tuple[int, list[Result]]]:
        """(index of the kernel, its results), each kernel as it is done.

        A kernel that can't be started gives results that say so.
        """
        tasks = [self._on_kernel(kernel, requests) for kernel in kernels]
        for ended in scheduler.run(tasks, self._width):
            if ended.error is not None:
                raise ended.error
            assert isinstance(ended.result, list)
            self._progress(f"{kernels[ended.number].version}: done")
            yield ended.number, ended.result

    def prepare(self, kernels: Sequence[LabKernel]) -> list[LabKernel | Problem]:
        """Makes the kernels' snapshots, damaged ones anew: what kernels said of themselves, or why not."""
        done: dict[int, LabKernel | Problem] = {}
        for ended in scheduler.run([self._whole_snapshot(kernel) for kernel in kernels], self._width):
            if isinstance(ended.error, Problem):
                done[ended.number] = ended.error
            elif ended.error is not None:
                raise ended.error
            else:
                assert isinstance(ended.result, Snapshot)
                done[ended.number] = ended.result.kernel
        return [done[number] for number in range(len(kernels))]

    def files(self, kernel: LabKernel, paths: Sequence[str]) -> dict[str, bytes]:
        """What these files of the kernel's say (/proc, /sys, tracefs), without those that can't be read.

        Raises Problem when the kernel can't be started.
        """
        try:
            return scheduler.alone(guest_session.files(self, kernel, paths, _READ_SECONDS))
        except GuestLost as lost:
            raise Problem(f"Kernel {kernel.version} does not show its files: {lost.why}.") from lost

    def _on_kernel(self, kernel: LabKernel, requests: Sequence[Request]) -> Task[list[Result]]:
        results = []
        for request in requests:
            started = time.monotonic()
            programs: list[Loaded | Lost]
            try:
                programs = yield from guest_session.every_program(self, kernel, request)
            except Problem as problem:
                programs = [Lost(NoVerdict.LAB, problem.sentence, ways_out=problem.ways_out)]
            told = self._told.get(kernel.name, kernel)
            results.append(Result(told, request, tuple(programs), time.monotonic() - started))
        return results

    def borrow(self, kernel: LabKernel) -> Task[Guest]:
        """A warm guest of the kernel, for this task alone; give it back with `give_back`."""
        guest = self._idle.pop(kernel.name, None)
        if guest is None:
            while self._idle and len(self._idle) + len(self._busy) >= self._room:
                self._idle.pop(next(iter(self._idle))).close()
            guest = yield from self._clone(kernel)
        self._busy.add(guest)
        return guest

    def give_back(self, kernel: LabKernel, guest: Guest, *, usable: bool) -> None:
        """Takes a guest back; one that is not usable any more is ended."""
        self._busy.discard(guest)
        if usable and kernel.name not in self._idle:
            self._idle[kernel.name] = guest
        else:
            guest.close()

    def _clone(self, kernel: LabKernel) -> Task[Guest]:
        for attempt in range(4):
            saved = yield from self._snapshot(kernel)
            if kernel.name in self._distrusted:
                self._distrusted.discard(kernel.name)
                self._booted.add(kernel.name)
                snapshot.drop(saved)
                continue
            self._told[kernel.name] = saved.kernel
            try:
                guest = yield from snapshot.clone(saved)
            except FileNotFoundError:
                continue  # removed by another command in this very moment
            except GuestLost as lost:
                if attempt:
                    sentence = f"Kernel {kernel.version} does not start from its snapshot: {lost.why}."
                    raise Problem(sentence, *lost.console.splitlines()[-1:]) from lost
                snapshot.drop(saved)  # damaged, say by a full disk: make a new one
                continue
            return guest
        raise Problem(f"The snapshot of kernel {kernel.version} is removed as fast as it is made.")

    def distrust(self, kernel: LabKernel) -> None:
        """Makes the kernel's next guest boot anew, once in a command: its snapshot may be damaged."""
        if kernel.name in self._booted:
            return
        self._distrusted.add(kernel.name)
        if guest := self._idle.pop(kernel.name, None):
            guest.close()

    def _whole_snapshot(self, kernel: LabKernel) -> Task[Snapshot]:
        saved = yield from self._snapshot(kernel)
        if not snapshot.is_whole(saved):
            self._progress(f"{kernel.version}: its snapshot is damaged, making it again")
            snapshot.drop(saved)
            saved = yield from self._snapshot(kernel)
        return saved

    def _snapshot(self, kernel: LabKernel) -> Task[Snapshot]:
        try:
            saved = yield from snapshot.ensure(kernel, self._qemu, self._init, self._progress)
        except Problem as problem:
            if self._qemu.accelerator != "kvm":
                raise
            self._progress(f"{kernel.version}: KVM does not work here, trying without it")
            slower = self._qemu.without_kvm(f"KVM is there but does not work ({problem.sentence})")
            saved = yield from snapshot.ensure(kernel, slower, self._init, self._progress)
            qemu.remember_broken_kvm()
            self._qemu = slower
        return saved


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
    kernels: Sequence[LabKernel], requests: Sequence[Request], progress: Progress = _quiet
) -> list[Result]:
    """Every request on every kernel, in one go."""
    with Lab(progress) as lab:
        return lab.run(kernels, requests)
