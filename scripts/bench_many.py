"""What many files cost on one core and on all of them, and what the second run of unchanged objects costs.

Forty programs of the corpus, a tenth of them refused, are checked with `-j 1` and with all cores in turns;
then two hundred objects twice. The machine's other work hits both alike; the CPU time beside the clock shows
how much of it there was.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bpfdoctor.capture import clang
from bpfdoctor.cli.examined import cores
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage

ROOT = Path(__file__).resolve().parent.parent
FILES, REFUSED, OBJECTS = 40, 4, 200


class Cost(NamedTuple):
    clock: float  # seconds
    cpu: float
    said: str  # the last line


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=3)
    rounds = given.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        sources, objects = Path(folder, "sources"), Path(folder, "objects")
        made = _sources(sources)
        _objects(objects, made)
        env = {**os.environ, "XDG_CACHE_HOME": str(Path(folder, "cache"))}
        _cost(sources, env, "--no-cache")  # compiles rules, makes vmlinux.h
        one, all_cores = [], []
        for _ in range(rounds):
            one.append(_cost(sources, env, "--no-cache", "-j", "1"))
            all_cores.append(_cost(sources, env, "--no-cache"))
        _told(f"{FILES} files, -j 1", one)
        _told(f"{FILES} files, {cores()} cores", all_cores)
        share = statistics.median(each.clock for each in all_cores) / statistics.median(
            each.clock for each in one
        )
        print(f"{share:.0%} of the time of one core (aim: under 60 % on two)")
        _told(f"{OBJECTS} objects, first run", [_cost(objects, env)])
        again = [_cost(objects, env) for _ in range(rounds)]
        _told(f"{OBJECTS} objects, again (aim: under 1 s)", again)
        print(again[-1].said)


def _sources(folder: Path) -> list[Path]:
    folder.mkdir()
    found = []
    for name, wanted in (("fixed.bpf.c", FILES - REFUSED), ("prog.bpf.c", REFUSED)):
        programs = sorted(path for path in (ROOT / "corpus/cases").glob(f"*/*/{name}"))
        for path in programs[:: len(programs) // wanted][:wanted]:
            found.append(shutil.copyfile(path, folder / f"{path.parent.name}-{name}"))
    return found


def _objects(folder: Path, sources: list[Path]) -> None:
    folder.mkdir()
    options = CaptureOptions(environment=dict(os.environ))
    compiled = []
    for path in sources:
        template = RawReport(b"", str(path), Flavour.LIBBPF, Stage.LOADER)
        if (code := clang.compile_c(template, path, options).object) is not None:
            compiled.append(code)
    for number in range(OBJECTS):
        (folder / f"{number}.o").write_bytes(compiled[number % len(compiled)])
    time.sleep(0.1)  # what is just written is not relied on


def _cost(folder: Path, env: dict[str, str], *options: str) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "bpfdoctor", "check", "--no-experiments", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    clock, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode == 2 and "note: " not in done.stderr:
        sys.exit(done.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(clock, cpu, done.stderr.strip().rpartition("\n")[2])


def _told(name: str, costs: list[Cost]) -> None:
    clock = statistics.median(each.clock for each in costs)
    cpu = statistics.median(each.cpu for each in costs)
    print(f"{name:44} {clock:6.2f} s   {cpu:6.2f} s of CPU")


if __name__ == "__main__":
    main()
