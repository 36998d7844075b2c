"""Loads an object on lab kernels and prints each kernel's verdict and log (for developers)."""

from __future__ import annotations

import argparse
import errno
import sys
import time
from pathlib import Path

from bpfdoctor.lab import kernels, pool, reasons
from bpfdoctor.lab.frames import CAPABILITIES
from bpfdoctor.lab.results import Lost, Request, framed
from bpfdoctor.model.problem import Problem

SEVEN = "5.10.218,5.10.262,6.1,6.12,6.18,7.2,7.3"


def main() -> int:
    """0: every program loads everywhere; 1: something was refused; 2: could not be tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("object", type=Path)
    parser.add_argument("--kernel", default=SEVEN, help="versions, paths, or all")
    parser.add_argument("--level", default="1", help="log levels of refusals: 1, 2 or 1,2")
    parser.add_argument("--caps", default="full", choices=CAPABILITIES)
    parser.add_argument("--prog")
    parser.add_argument("--type", help="program type instead of what the section says")
    parser.add_argument("--always", action="store_true", help="print the log of programs that load, too")
    parser.add_argument("--seconds", type=float, default=60, help="the longest one program may take")
    parser.add_argument(
        "--out", type=Path, help="write PROGRAM-KERNEL-lLEVEL.log files there instead of printing logs"
    )
    arguments = parser.parse_args()
    levels = tuple(int(level) for level in arguments.level.split(","))
    request = Request(
        arguments.object.read_bytes(),
        name=arguments.object.name.split(".")[0],
        program=arguments.prog,
        levels=levels,
        always=arguments.always,
        capabilities=arguments.caps,
        prog_type=arguments.type,
        seconds=arguments.seconds,
    )
    try:
        return _try(request, arguments.kernel.split(","), arguments.out)
    except Problem as problem:
        print(problem.sentence, *problem.ways_out, sep="\n  ", file=sys.stderr)
        return 2


def _try(request: Request, words: list[str], out: Path | None) -> int:
    started = time.monotonic()
    status = 0
    found = kernels.resolve(words, _say)
    for result in pool.run(found, [request], _say):
        for entry in result.programs:
            if isinstance(entry, Lost):
                status = 2
                print(f"== {result.kernel.version} {entry.program or '-'}: {entry.failure}: {entry.sentence}")
                print(entry.messages.decode("utf-8", "replace") or entry.console)
                continue
            name = errno.errorcode.get(entry.errno or 0, "")
            print(
                f"== {result.kernel.version} {entry.program.name} ({entry.program.type}, "
                f"{request.capabilities}): "
                f"{entry.verdict} {name} insns={entry.insns} [{result.seconds:.2f} s] "
                f"{reasons.not_possible(entry, result.kernel) or ''}"
            )
            if entry.verdict != "loads":
                status = status or 1
            for level in request.levels:
                log = entry.logs.get(level)
                if log is None and not (entry.messages and entry.verdict != "loads"):
                    continue
                text = framed(entry, entry.at(level))
                if out:
                    out.mkdir(parents=True, exist_ok=True)
                    (out / f"{entry.program.name}-{result.kernel.version}-l{level}.log").write_bytes(text)
                else:
                    print(text.decode("utf-8", "replace"))
    print(f"{time.monotonic() - started:.2f} s", file=sys.stderr)
    return status


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
