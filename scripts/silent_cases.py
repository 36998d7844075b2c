"""Programs that are attached here and in guests: what became of each, and what preflight says of it.

    python -m scripts.silent_cases [--guests]

Those of tests/unit/preflight/test_silent_cases.py, with --guests of tests/lab/test_silent_cases.py: a table,
and how many of each hook type count, count nothing, or are refused.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor.lab import kernels, pool
from bpfdoctor.lab.counting import counted
from bpfdoctor.model.preflight import PreflightReport
from tests.lab import test_silent_cases as in_guests
from tests.lab.conftest import NEW, OLD, compiled_program
from tests.unit.preflight import test_silent_cases as here

_OUTCOMES = ("counts", "counts 0", "not attached", "not loaded")


@dataclass(frozen=True, slots=True)
class Row:
    where: str
    hook: str
    program: str
    outcome: str  # one of _OUTCOMES
    said: str


def _on_this_kernel() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        paths = here.made(Path(folder))
        said = here.asked(paths)
        for name, (not_loaded, not_attached, count) in here.counted(paths).items():
            yield Row(
                "here", *_hook(said[name], name), _outcome(not_loaded, not_attached, count), _said(said[name])
            )
        for place, (how, count, rules) in here.counted_at_places(paths).items():
            outcome = _outcome(0, how != "attached", count)
            yield Row("here", place.split()[0], place, outcome, ", ".join(rules))


def _in_guests() -> Iterator[Row]:
    with pool.Lab(print) as lab:
        for kernel in kernels.resolve([OLD, NEW], print):
            said = in_guests.asked(kernel.version)
            for one in counted(lab, kernel, compiled_program("silent")):
                outcome = _outcome(one.errno, one.not_attached, one.count)
                report = said[one.program]
                yield Row(kernel.version, *_hook(report, one.program), outcome, _said(report))


def _hook(report: PreflightReport, name: str) -> tuple[str, str]:
    return str(report.hook.kind if report.hook else ""), name


def _outcome(not_loaded: int, not_attached: int | bool, count: int) -> str:
    return _OUTCOMES[3 if not_loaded else 2 if not_attached else 0 if count else 1]


def _said(report: PreflightReport) -> str:
    rules = [each.rule for each in report.diagnoses if each.rule not in here.OF_THE_MACHINE]
    return ", ".join(rules) or (f"not known: {report.unknown[0]}" if report.unknown else "")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--guests", action="store_true")
    rows = [*_on_this_kernel(), *(_in_guests() if options.parse_args().guests else ())]
    for row in rows:
        print(f"{row.where:8} {row.hook:13} {row.program:22} {row.outcome:12} {row.said:.70}")
    print()
    of_kind = Counter((row.hook, row.outcome) for row in rows)
    print(f"{'hook':13}" + "".join(f"{each:>14}" for each in _OUTCOMES))
    for kind in dict.fromkeys(row.hook for row in rows):
        print(f"{kind:13}" + "".join(f"{of_kind[kind, each]:14}" for each in _OUTCOMES))
    print(f"{'all':13}" + "".join(f"{sum(row.outcome == each for row in rows):14}" for each in _OUTCOMES))


if __name__ == "__main__":
    main()
