"""Compiles a C program in other ways, with other flags and the other compilers there are, and loads each."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bpfdoctor import processes, temporary
from bpfdoctor.capture import libbpf
from bpfdoctor.capture.child import environment
from bpfdoctor.capture.overlay import Texts
from bpfdoctor.capture.touching import touching
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage, Verdict
from bpfdoctor.model.trial import Answer, Way, With

Load = Callable[[bytes, Sequence[str]], Sequence[RawReport]]
_OUTPUT_MIB = 64
_CPU = re.compile(r"-mcpu=(\S+)")
_LEVEL = re.compile(r"-O(\w*)")
_NAME = re.compile(r"clang-(\d{1,3})")
_OTHER_CPU = {"v1": "v3", "v2": "v3", "v3": "v2", "v4": "v3", "": "v3"}
_LEVELS = ("2", "1", "3", "s")
_MOST_COMPILERS = 2
_LONGEST = 20  # seconds of the wall clock


class Variants:
    """The other ways to compile `path`, in the order of what people would rather do.

    `command` is the clang that compiled it and its flags (RawReport.compile_command). `load` says what
    `where` (a kernel's release) makes of some programs of an object, the running kernel by default.
    """

    def __init__(
        self,
        path: Path,
        command: Sequence[str],
        options: CaptureOptions,
        load: Load | None = None,
        where: str = "",
    ) -> None:
        self._path, self._options = path, options
        self._load, self._where = load or self._here, where or os.uname().release
        self._env = environment(options)
        self._clang, *self._flags = command
        self._programs = dict(self._compilers())

    @property
    def identity(self) -> str:
        """What the answers depend on, beside the program: compilers, flags, how it is loaded."""
        found = [self._clang, *self._programs.values()]
        stats = [(path, os.stat(path).st_size, os.stat(path).st_mtime_ns) for path in found]
        options = self._options
        return repr((stats, self._flags, options.capabilities, options.prog_type, self._where))

    def ways(self) -> tuple[Way, ...]:
        """At most six: a processor, two compilers, three levels."""
        cpu = _last(_CPU, self._flags)
        level = _last(_LEVEL, self._flags)
        flags = [f"-mcpu={_OTHER_CPU.get(cpu, 'v3')}"]
        levels = [f"-O{each}" for each in _LEVELS if each != level]
        return (
            *(Way(flag, With.FLAG) for flag in flags),
            *(Way(name, With.COMPILER) for name in self._programs),
            *(Way(flag, With.FLAG) for flag in levels),
        )

    def answers(self, ways: Sequence[Way], programs: Sequence[str], seconds: float) -> Iterator[Answer]:
        """What becomes of the programs in each way, in order; no more once `seconds` of CPU are used.

        As many compilers run at once as there are processors. It is their own time that counts: a busy
        machine does not change the answer.
        """
        used = processes.seconds_of_children
        started, until = used(), time.monotonic() + _LONGEST
        waiting, running = deque(ways), deque[tuple[Way, processes.Popen[bytes], Path]]()
        width = max(1, len(os.sched_getaffinity(0)))
        with temporary.Folder() as folder:
            try:
                while waiting or running:
                    while waiting and len(running) < width and used() - started < seconds:
                        way = waiting.popleft()
                        output = Path(folder, f"{len(waiting)}.o")
                        running.append((way, self._start(way, output, folder), output))
                    if not running:
                        return
                    way, process, output = running[0]
                    if not processes.ended(process, max(0.0, until - time.monotonic())):
                        return
                    running.popleft()
                    status = processes.kill(process)
                    elf = output.read_bytes() if status == 0 and output.is_file() else b""
                    yield self._loaded(way, elf, programs)
            finally:
                for _, process, _ in running:
                    processes.kill(process)

    def _compilers(self) -> Iterator[tuple[str, str]]:
        """The other clangs on the path, newest first."""
        used, found = os.path.realpath(self._clang), dict[int, str]()
        for folder in filter(None, self._env.get("PATH", os.defpath).split(os.pathsep)):
            names = os.listdir(folder) if os.access(folder, os.R_OK) and os.path.isdir(folder) else ()
            for match in filter(None, map(_NAME.fullmatch, names)):
                path = shutil.which(match[0], path=folder)
                if path is not None and os.path.realpath(path) != used:
                    found.setdefault(int(match[1]), path)
        for version in sorted(found, reverse=True)[:_MOST_COMPILERS]:
            yield f"clang-{version}", found[version]

    def _start(self, way: Way, output: Path, folder: str) -> processes.Popen[bytes]:
        is_flag = way.changes is With.FLAG
        compiler = self._clang if is_flag else self._programs[way.name]
        texts = Texts(self._path, {}, folder)
        flags = [*self._flags, *texts.flags, *((way.name,) if is_flag else ()), "-w"]
        flags += ["-c", *texts.source, "-o", str(output)]
        process = processes.start(
            [compiler, *flags],
            stdin=processes.DEVNULL,
            stdout=processes.DEVNULL,
            stderr=processes.DEVNULL,
            env={**self._env, "TMPDIR": folder, "LC_ALL": "C"},
            start_new_session=True,
        )
        options = self._options
        processes.limit(process.pid, options.memory_mib, options.compile_seconds, _OUTPUT_MIB)
        return process

    def _loaded(self, way: Way, elf: bytes, programs: Sequence[str]) -> Answer:
        if not elf:
            return Answer(way)
        try:
            found = self._load(elf, programs)
        except Problem:  # a program that this way leaves out
            return Answer(way)
        by_name = {raw.program.name or "": raw for raw in found if raw.program is not None}
        return Answer(
            way,
            {name: raw.insns for name, raw in by_name.items() if raw.verdict is Verdict.LOADS},
            tuple(name for name, raw in by_name.items() if raw.verdict is Verdict.REFUSED),
            touching(elf),
        )

    def _here(self, elf: bytes, programs: Sequence[str]) -> Sequence[RawReport]:
        template = RawReport(b"", str(self._path), Flavour.LIBBPF, Stage.LOADER, object=elf)
        return libbpf.load(template, replace(self._options, programs=tuple(programs)))


def _last(pattern: re.Pattern[str], flags: Sequence[str]) -> str:
    found = [match[1] for match in map(pattern.fullmatch, flags) if match]
    return found[-1] if found else ""
