"""What bpfdoctor costs, as times of `python3 -c pass` and of a small log in the same run, and its memory.

CPU time is user + system of the process and what it waited for; wall time would measure the machine's
other work. What is measured is the wheel, with byte code and without a cache, as somebody installed it.
Every figure is the median of several runs, taken in turns, so that a busy moment hits all alike.
"""

from __future__ import annotations

import argparse
import mmap
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.capture import clang, vmlinux
from bpfdoctor.capture.project import Project
from bpfdoctor.lab import paths
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions
from scripts import wheel

ROOT = Path(__file__).resolve().parent.parent
BPFDOCTOR = (sys.executable, "-P", "-m", "bpfdoctor")
PYTHON, LOG = "python3 -c pass", "log, 5 kB"
FINE = ROOT / "corpus/cases/packet-bounds/udp-after-ip-check/fixed.bpf.c"
REFUSED = ROOT / "corpus/cases/packet-bounds/another-copy-of-the-sum/prog.bpf.c"
SEARCHED = ROOT / "corpus/cases/packet-bounds/checked-the-wrong-way-round/prog.bpf.c"
PATHS = ROOT / "corpus/cases/program-too-large/options-walk/prog.bpf.c"
_LEAST_TOLD = 1000
_LOAD_SECONDS = 120


@dataclass
class Measured:
    """One command, what it may cost, and what its runs cost in CPU milliseconds and MB of memory."""

    name: str
    command: Sequence[str]
    most: float | None = None  # times `of`
    of: str = PYTHON
    memory_budget: float | None = None
    minus: str = ""  # the name of the measurement to subtract before comparing with the budget
    env: Mapping[str, str] = field(default_factory=dict)  # beside our own
    forgets: str = ""  # what is deleted in the cache before each run
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def run(self) -> None:
        """One run of the command, its output thrown away."""
        null = subprocess.DEVNULL
        cache = resources.cache_dir()
        for known in cache.glob(self.forgets) if cache and self.forgets else ():
            known.unlink(missing_ok=True)
        env = os.environ | self.env
        process = subprocess.Popen(self.command, stdin=null, stdout=null, stderr=null, cwd=ROOT, env=env)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
        if process.returncode not in (0, 1):
            sys.exit(f"{self.name}: {' '.join(self.command)} ended with {process.returncode}")
        self.cpu.append((usage.ru_utime + usage.ru_stime) * 1000)
        self.memory.append(usage.ru_maxrss / 1024)


def find_log() -> Path:
    """A real log of about 5 kB: the corpus's nearest to that size."""
    logs = [path for path in (ROOT / "corpus/cases").glob("*/*/logs/*.log") if path.is_file()]
    if not logs:
        sys.exit("bench.py needs a captured log in corpus/cases/*/*/logs/")
    return min(logs, key=lambda path: abs(path.stat().st_size - 5000))


def grow(log: Path, path: Path, size: int) -> None:
    """A log of `size` bytes at `path`: the trace of a real one walked again and again, then its own end."""
    lines = log.read_bytes().splitlines(keepends=True)
    start = next((at for at, line in enumerate(lines) if line.startswith(b"0: ")), 0)
    end = max((at for at, line in enumerate(lines) if line[:1].isdigit()), default=len(lines) - 1)
    walk = b"".join(lines[start : end + 1])
    block = walk * (1 + 1_000_000 // max(len(walk), 1))
    with path.open("wb") as out:
        out.writelines(lines[:start])
        while out.tell() < size:
            out.write(block)
        out.writelines(lines[start:])


def compile_command(source: Path, program: Path, *more: str) -> list[str]:
    """How `check` compiles it."""
    options = CaptureOptions(cflags=more)
    flags = clang.flags(options, Project(source), vmlinux.cached())
    return [clang.find(options, os.environ), *flags, "-c", str(source), "-o", str(program)]


def paths_command(folder: Path) -> list[Measured]:
    """A 100 MB log of 30,000 paths, from a real one at level 2; [] where nothing can be loaded."""
    if os.geteuid() != 0 or not (bpftool := shutil.which("bpftool", path=f"{os.environ['PATH']}:/usr/sbin")):
        print("the log of many paths is not measured: it needs root and bpftool")
        return []
    program, refused, log = folder / "walk.o", folder / "refused.log", folder / "paths.log"
    # Refused, so it is never pinned.
    command = [bpftool, "-d", "prog", "load", str(program), "/sys/fs/bpf/bpfdoctor-bench"]
    try:
        subprocess.run(compile_command(PATHS, program, "-mcpu=v2"), check=True)  # v3 needs fewer steps
        with refused.open("wb") as out:
            subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False, timeout=_LOAD_SECONDS)
    except (Problem, subprocess.SubprocessError) as error:
        print(f"the log of many paths is not measured: {error}")
        return []
    told = _count_paths(refused)
    if told < _LEAST_TOLD:
        print(f"the log of many paths is not measured: this kernel shows {told} paths of the program")
        return []
    _repeat(refused, log, 100_000_000)
    paths = _count_paths(log)
    print(
        f"the log of many paths: {log.stat().st_size / 1e6:.0f} MB, {paths:,} paths ({told:,} of them real)"
    )
    return [Measured(f"log, {paths:,} paths", [*BPFDOCTOR, "log", str(log)], 2, LOG, 150)]


def _count_paths(log: Path) -> int:
    with log.open("rb") as file:
        return sum(line.startswith(b"from ") for line in file)


def _repeat(refused: Path, log: Path, size: int) -> None:
    """A log of `size` bytes: what the verifier walked between its first and its last branch, again and again.

    The kernel copies it: what this process holds counts for its children.
    """
    with refused.open("rb") as source, log.open("wb") as out:
        with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as text:
            first, last, end = text.find(b"\nfrom "), text.rfind(b"\nfrom "), len(text)
        for start, stop in [(0, first), *[(first, last)] * -(-size // (last - first)), (last, end)]:
            at = start
            while at < stop:
                at += os.sendfile(out.fileno(), source.fileno(), at, stop - at)


def installed(folder: Path) -> dict[str, str]:
    """The environment of somebody who installed the wheel and has no cache: on a first run, or always."""
    built = wheel.build(folder)
    with zipfile.ZipFile(built) as file:
        print(f"the wheel: {built.stat().st_size / 1e6:.2f} MB, {len(file.namelist())} files")
        file.extractall(folder / "site")
    return {
        "PYTHONPATH": str(folder / "site"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),  # written by the first run, as pip does
        "XDG_CACHE_HOME": "/proc/nowhere",
    }


def check_commands(folder: Path) -> list[Measured]:
    """`check` of programs beside the compilation it needs anyway; [] where nothing can be loaded."""
    if os.geteuid() != 0:
        print("check is not measured: it needs root")
        return []
    try:
        of_fine, of_refused = compile_command(FINE, folder / "o"), compile_command(REFUSED, folder / "o")
    except Problem as problem:
        print(f"check is not measured: {problem}")
        return []
    refused = "check, refused"
    return [
        Measured("clang", of_fine),
        Measured("check, loads", [*BPFDOCTOR, "check", str(FINE)], 9, minus="clang"),
        Measured("clang, refused", of_refused),
        # With its patches compiled, loaded and run.
        Measured(refused, [*BPFDOCTOR, "check", "--no-experiments", str(REFUSED)], 9, minus="clang, refused"),
        # A patch that takes a search, from the refusal to the kernel and the runs that accept it: 3 s.
        Measured("patch, searched", [*BPFDOCTOR, "check", "--diff", "--unsafe-fixes", str(SEARCHED)], 200),
        # Six compilers; without a cache there is no kernel of the lab.
        Measured(
            "experiments",
            [*BPFDOCTOR, "check", str(REFUSED)],
            4000,
            minus=refused,
            forgets="tried_*",
        ),
    ]


def main() -> int:
    """Prints the table. With --strict the exit status is 1 when a budget is exceeded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9, metavar="N", help="runs of each command (default 9)")
    parser.add_argument("--strict", action="store_true", help="fail when a budget is exceeded")
    parser.add_argument("--no-lab", action="store_true", help="leave out the lab")
    parser.add_argument("--log", type=Path, help="the 5 kB log (default: from the corpus)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = asked.log or find_log()
        large = Path(folder) / "large.log"
        grow(log, large, 100_000_000)
        rows = [
            Measured(PYTHON, [sys.executable, "-c", "pass"]),
            Measured("--version", [*BPFDOCTOR, "--version"]),
            Measured(LOG, [*BPFDOCTOR, "log", str(log)], 7),
            Measured("log, 100 MB", [*BPFDOCTOR, "log", str(large)], 2, LOG, 150),
            *paths_command(Path(folder)),
            *check_commands(Path(folder)),
        ]
        env = installed(Path(folder))
        for row in rows:
            row.env = env
        for row in rows:
            row.run()  # warms the caches
            row.cpu.clear()
        for _ in range(asked.runs):
            for row in rows:
                row.run()
    over = _print(rows)
    if not asked.no_lab:
        over |= lab(asked.runs, asked.strict)
    return 1 if over and asked.strict else 0


def lab(runs: int, strict: bool) -> bool:
    """The lab's own table, where its kernels are installed; True when something is over its budget."""
    if not any((paths.lab_dir() / "kernels").glob("*")):
        print("the lab is not measured: `bpfdoctor kernels get all` installs its kernels")
        return False
    # What is imported is measured by `python -m scripts.bench_lab` itself: it needs the network.
    command = [sys.executable, "-m", "scripts.bench_lab", "--no-import", "--runs", str(runs)]
    return subprocess.call([*command, *(["--strict"] if strict else [])], cwd=ROOT) != 0


def _print(rows: Sequence[Measured]) -> bool:
    """The table; True when something is over its budget."""
    medians = {row.name: statistics.median(row.cpu) for row in rows}
    over = False
    print(f"{'':22}{'CPU ms':>8}{'x python':>10}{'x log':>8}  {'budget':16}{'RSS MB':>8}{'budget':>8}")
    for row in rows:
        cpu = medians[row.name] - medians.get(row.minus, 0)
        memory = max(row.memory)
        late = row.most is not None and cpu > row.most * medians[row.of]
        large = row.memory_budget is not None and memory > row.memory_budget
        over |= late or large
        budget = f"{row.most:g} x {'python' if row.of == PYTHON else 'log'}" if row.most else ""
        print(
            f"{row.name:22}{cpu:8.0f}{cpu / medians[PYTHON]:10.1f}{cpu / medians[LOG]:8.1f}  {budget:16}"
            f"{memory:8.0f}{row.memory_budget or '':>8}" + ("   over budget" if late or large else "")
        )
    return over


if __name__ == "__main__":
    sys.exit(main())
