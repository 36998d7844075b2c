"""How somebody else's sources fare, without a flag: make foreign DIRS="FOLDER FOLDER …".

One line per folder: how many sources there are, how many compile, how many load in full, how many of the
others have a reason, and what it costs on top of clang. Nothing is fetched, and nothing of them is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bpfdoctor.capture import programs_in
from bpfdoctor.model.problem import Problem

# A source that its author compiles has no mistakes in C: what clang says of it then is no reason.
CLANGS_OWN_WORDS = {None, "IDENTIFIER", "TYPE", "MEMBER", "EXPECTED", "FUNCTION"}
NO_REASON = {"unknown-message", "log-without-message", "internal-error"}
# Runs clang, and leaves its CPU times in a file; the last line is the run that counts.
# (In a pipe, `times` would tell those of the pipe's own shell, which has started nothing.)
WRAPPER = '#!/bin/sh\n"{clang}" "$@"\nstatus=$?\ntimes >> "{log}"\nexit $status\n'


@dataclass(slots=True)
class Tally:
    """What became of the sources of one folder."""

    sources: int = 0
    compiled: int = 0
    full: int = 0
    reason: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    without: list[str] = field(default_factory=list)  # sources without a reason
    seconds: list[float] = field(default_factory=list)  # CPU on top of clang


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="at most so many sources of each folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="name the sources without a reason")
    options = parser.parse_args()
    print(f"{'':24} {'sources':>7} {'compiled':>8} {'in full':>7} {'a reason':>8} {'none':>5} {'CPU s':>6}")
    tallies = []
    for folder in options.folders:
        tallies.append(tally := of_folder(folder, options.sample, options.seed))
        print(row(folder.name, tally), flush=True)
        for source in tally.without if options.list else ():
            print(f"    no reason: {source}")
    total = Tally()
    for tally in tallies:
        for name in ("sources", "compiled", "full", "reason", "reasons", "without", "seconds"):
            setattr(total, name, getattr(total, name) + getattr(tally, name))
    print(row("all", total))
    for reason, count in total.reasons.most_common():
        print(f"{count:8} {reason}")


def row(name: str, tally: Tally) -> str:
    """One line of the table."""
    cost = f"{statistics.median(tally.seconds):6.2f}" if tally.seconds else ""
    numbers = f"{tally.sources:7} {tally.compiled:8} {tally.full:7} {tally.reason:8} {len(tally.without):5}"
    return f"{name[:24]:24} {numbers} {cost}"


def of_folder(folder: Path, sample: int, seed: int) -> Tally:
    """Check what is in a folder, one source at a time."""
    try:
        sources = programs_in(folder)
    except Problem as problem:
        print(problem.sentence, file=sys.stderr)
        return Tally()
    if sample and len(sources) > sample:
        sources = sorted(random.Random(seed).sample(sources, sample))  # noqa: S311 - which ones does not matter
    tally = Tally(sources=len(sources))
    for source in sources:
        answer, seconds = checked(source)
        tally.seconds += [seconds] if seconds is not None else []
        count(source, answer, tally)
    return tally


def checked(source: str) -> tuple[dict[str, Any] | None, float | None]:
    """What check says, and its CPU seconds on top of clang's."""
    with tempfile.TemporaryDirectory(prefix="foreign-") as scratch:
        wrapper, log, output = Path(scratch, "clang"), Path(scratch, "times"), Path(scratch, "answer")
        wrapper.write_text(WRAPPER.format(clang=shutil.which("clang"), log=log))
        wrapper.chmod(0o755)
        words = ["check", "--clang", str(wrapper), "--output-format", "json", "-o", str(output), "--", source]
        # An installed bpfdoctor has its bytecode; that of a checkout is written the first time.
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        command = [sys.executable, "-m", "bpfdoctor", *words]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=env)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0  # wait4 has it
        lines = log.read_text().splitlines() if log.exists() else []
        clang = sum(map(in_seconds, lines[-1].split())) if lines else None
        answer = json.loads(output.read_text()) if output.exists() else None
    return answer, used.ru_utime + used.ru_stime - clang if clang is not None else None


def in_seconds(time: str) -> float:
    """`0m1.250s` as 1.25."""
    minutes, _, seconds = time.rstrip("s").partition("m")
    return int(minutes) * 60 + float(seconds)


def count(source: str, answer: dict[str, Any] | None, tally: Tally) -> None:
    """Put one answer into the tally."""
    reports = (answer or {}).get("reports", [])
    verdicts = {report["verdict"] for report in reports}
    tally.compiled += bool(reports) and not verdicts & {"not-compiled", "no-answer"}
    if verdicts == {"loads"}:
        tally.full += 1
        return
    told = [list(reasons(report)) for report in reports if report["verdict"] != "loads"]
    if reports and all(told):
        tally.reason += 1
        tally.reasons.update({reason for each in told for reason in each})
    else:
        tally.without.append(source)


def reasons(report: dict[str, Any]) -> Iterator[str]:
    """Why a program does not load, as far as it is no fault of a source that its author compiles."""
    for finding in report["findings"]:
        rule, outcome = finding["rule"], finding.get("outcome")
        if finding["severity"] == "warning" or rule in NO_REASON:
            continue
        if rule == "compiler-error" and outcome in CLANGS_OWN_WORDS:
            continue
        if rule == "missing-header" and outcome not in (
            "BUILT",
            "SUBMODULE",
            "KERNELS_OWN",
            "ELSEWHERE",
            "EMPTY_SUBMODULES",
        ):
            continue
        yield rule + (f" {outcome}" if outcome else "")


if __name__ == "__main__":
    main()
