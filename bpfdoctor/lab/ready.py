"""The lab's kernels that answer at once. Nothing is fetched, built or booted here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from bpfdoctor.kernel.versions import numbers
from bpfdoctor.lab import guest_build, kernels, paths, pool, qemu, snapshot
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.reasons import not_possible
from bpfdoctor.lab.recording import Recording
from bpfdoctor.lab.results import Loaded, Lost, Request
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.model.trial import Answer, Way, With

_MOST = 4  # kernels asked


class NewerKernels:
    """The kernels newer than `release` that are ready, oldest first; asked in `lab` where there is one.

    `recording` is what BCC would load, where there is no object to ask about; `names` are its functions, in
    the order in which it loads them.
    """

    def __init__(
        self,
        release: str,
        options: CaptureOptions,
        lab: pool.Lab | None = None,
        recording: Recording | None = None,
        names: Sequence[str] = (),
    ) -> None:
        self._options, self._lab, self._recording, self._names = options, lab, recording, names
        self._kernels = {each.version: each for each in _ready(release)[-_MOST:]}

    @property
    def identity(self) -> str:
        """What the answers depend on, beside the object."""
        options = self._options
        return repr(
            ([each.checksum for each in self._kernels.values()], options.capabilities, options.prog_type)
        )

    def ways(self) -> tuple[Way, ...]:
        return tuple(Way(version, With.KERNEL) for version in self._kernels)

    def answers(
        self, ways: Sequence[Way], elf: bytes, programs: Sequence[str], seconds: float
    ) -> Iterator[Answer]:
        """What each kernel says of the programs of an object, in order; none where the lab does not run."""
        request = Request(
            elf if self._recording is None else b"",
            recording=self._recording,
            program=programs[0] if len(programs) == 1 and self._recording is None else None,
            capabilities=self._options.capabilities,
            prog_type=self._options.prog_type,
            settings=True,
            seconds=seconds,
        )
        try:
            with nullcontext(self._lab) if self._lab is not None else pool.Lab() as lab:
                results = lab.run([self._kernels[way.name] for way in ways], [request])
        except Problem:
            return
        for way, result in zip(ways, results, strict=True):
            told = [
                (name, each)
                for name, each in self._named(result.programs)
                if isinstance(each, Loaded) and name in programs
            ]
            loads = {name: each.insns for name, each in told if each.verdict is Verdict.LOADS}
            refused = [
                name
                for name, each in told
                if each.verdict is Verdict.REFUSED and not not_possible(each, result.kernel)
            ]
            yield Answer(way, loads, tuple(refused))

    def _named(self, found: Sequence[Loaded | Lost]) -> Iterator[tuple[str, Loaded | Lost]]:
        """Each with its program's name: a recording has another (`do_unlinkat` of `kprobe__do_unlinkat`)."""
        if self._recording is not None:
            return zip(self._names, found, strict=False)
        return ((each.program.name or "", each) for each in found if isinstance(each, Loaded))


def _ready(release: str) -> list[LabKernel]:
    try:
        newer = [each for each in kernels.installed() if numbers(each.version) > numbers(release)]
        if not newer or not any((paths.lab_dir() / "built").glob("*/init")):
            return []
        init = hashlib.sha256(guest_build.guest_init(lambda _: None).read_bytes()).hexdigest()
        found = qemu.find()
    except (Problem, OSError):
        return []
    return sorted(
        (each for each in newer if snapshot.is_there(each, found, init)),
        key=lambda each: numbers(each.version),
    )
