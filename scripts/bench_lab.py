"""The lab's times against its budgets, with a cold boot beside them; wall time, as a user waits for it.

CPU time stands beside it: a busy machine shows in the one and not in the other. The kernels must be there:
bpfdoctor kernels get all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor.lab import kernels, paths, pool, warmup
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from bpfdoctor.lab.results import Request
from bpfdoctor.model.problem import Problem

SEVEN = "5.10.218,5.10.262,6.1,6.12,6.18,7.2,7.3"
BPFDOCTOR = (sys.executable, "-m", "bpfdoctor")


@dataclass
class Row:
    """One figure. Seconds; the budget is for wall time."""

    name: str
    wall: float
    cpu: float
    budget: float | None = None


def main() -> int:
    """Prints the table. With --strict the exit status is 1 when a budget is exceeded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each command (default 5)")
    parser.add_argument("--object", type=Path, help="an object (default: one socket filter, `return 0`)")
    parser.add_argument("--no-import", action="store_true", help="leave out what needs the network")
    parser.add_argument("--strict", action="store_true", help="fail when a budget is exceeded")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.object or Path(folder) / "smallest.o"
        if not asked.object:
            path.write_bytes(warmup.smallest_object())
        try:
            found = kernels.resolve(SEVEN.split(","), print, fetch=False)
        except Problem as problem:
            print(f"the lab is not measured: {problem}")
            return 0
        with pool.Lab(print) as lab:
            lab.prepare(found)
        rows = [
            *(cold_boot(kernel) for kernel in (found[0], found[-1])),
            command("seven kernels, one object", SEVEN, path, asked.runs, 3.0),
            *(
                command(f"{name}, one object", name, path, asked.runs, 0.5)
                for name in ("5.10.218", "6.12", "7.3")
            ),
            *(warm(kernel, path.read_bytes()) for kernel in found),
        ]
        if not asked.no_import:
            rows += [imported(Path(folder), kernel) for kernel in (found[0], found[-1])]
    print(f"{'':<44}{'wall':>9}{'CPU':>9}{'budget':>9}")
    for row in rows:
        budget = f"{row.budget:9.3f}" if row.budget else " " * 9
        print(f"{row.name:<44}{row.wall:9.3f}{row.cpu:9.3f}{budget}{'  over' if over(row) else ''}")
    print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 1 if asked.strict and any(map(over, rows)) else 0


def over(row: Row) -> bool:
    """Whether it takes longer than it may."""
    return row.budget is not None and row.wall > row.budget


def timed(command: Sequence[str], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of a command with everything it started."""
    started = time.monotonic()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime


def command(name: str, words: str, path: Path, runs: int, budget: float) -> Row:
    """From the command's start to its end, snapshots present; the median of several runs."""
    line = [*BPFDOCTOR, "kernels", "run", words, str(path)]
    timed(line)
    times = [timed(line) for _ in range(runs)]
    return Row(name, statistics.median(t[0] for t in times), statistics.median(t[1] for t in times), budget)


def warm(kernel: LabKernel, data: bytes) -> Row:
    """A further program in a guest that already answered some; the median of many."""
    with Lab() as lab:
        lab.run([kernel], [Request(data)] * 10)
        before = time.process_time(), guests_cpu()
        results = lab.run([kernel], [Request(data)] * 100)
        cpu = time.process_time() - before[0] + guests_cpu() - before[1]
    each = statistics.median(result.seconds / max(1, len(result.programs)) for result in results)
    programs = sum(len(result.programs) for result in results)
    return Row(f"{kernel.version}, further program, warm guest", each, cpu / max(1, programs), 0.015)


def guests_cpu() -> float:
    """CPU seconds of this process's children so far."""
    ticks = 0
    for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        fields = Path(f"/proc/{word}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def cold_boot(kernel: LabKernel) -> Row:
    """What a check would cost without snapshots: boot, warm up, save."""
    for folder in (paths.lab_dir() / "snapshots").glob(f"{kernel.name}@*"):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    started, before = time.monotonic(), os.times()
    with Lab() as lab:
        lab.prepare([kernel])
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    return Row(f"{kernel.version}, cold boot to snapshot", time.monotonic() - started, cpu)


def imported(folder: Path, kernel: LabKernel) -> Row:
    """A kernel that is not here yet: package, image, boot, snapshot. The guest's init is built already."""
    cache = folder / f"cache-{kernel.version}"
    (cache / "bpfdoctor/lab").mkdir(parents=True)
    for name in ("built", "libbpf"):
        (cache / "bpfdoctor/lab" / name).symlink_to(paths.lab_dir() / name)
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    wall, cpu = timed([*BPFDOCTOR, "kernels", "get", kernel.version], environment)
    return Row(f"{kernel.version}, import", wall, cpu, 8.0)


if __name__ == "__main__":
    sys.exit(main())
