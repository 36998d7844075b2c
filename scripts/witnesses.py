"""Which refused programs of the corpus are seen to go wrong on an input: `make witnesses`.

Every program that this kernel refuses is run on made-up inputs. So is what it should have been (fixed.bpf.c),
and there no input may lead to a fault.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor import capture, mending, pipeline
from bpfdoctor.experiments import witness
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.resources import folder
from scripts.running import reads_zeros

#: What goes wrong when it is run, without any doubt; what others refuse is a rule of the verifier's.
FAMILIES = (
    "infinite-loop", "invalid-dereference", "map-value-bounds", "map-value-or-null", "memory-bounds",
    "null-dereference", "packet-bounds", "probe-read-needed", "stack-bounds", "stale-packet-pointer",
    "unbounded-access", "uninitialized-register", "uninitialized-stack", "unreleased-reference",
    "used-after-release",
)  # fmt: skip
_SECONDS = 0.6  # of CPU, as `check` takes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", default=FAMILIES, help="rules whose cases are run")
    parser.add_argument("-v", "--verbose", action="store_true", help="print each program")
    asked = parser.parse_args()
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for family in asked.families:
        for source in sorted((folder("corpus") / "cases" / family).glob("*/prog.bpf.c")):
            for what, said in (*_refused(source), *_mended(source.with_name("fixed.bpf.c"))):
                rows[family][what] += 1
                if asked.verbose or what == "wrong":
                    print(f"{family}/{source.parent.name}: {what} {said}", flush=True)
    columns = ("found", "none", "can't run", "mended", "wrong")
    print(f"{'':24}" + "".join(f"{column:>11}" for column in columns))
    total: Counter[str] = sum(rows.values(), Counter())
    for name, row in (*rows.items(), ("all", total)):
        print(f"{name:24}" + "".join(f"{row[column]:11}" for column in columns))
    refused = total["found"] + total["none"] + total["can't run"]
    print(f"a witness for {100 * total['found'] / max(refused, 1):.0f} % of {refused} refusals")
    return 1 if total["wrong"] else 0


def _refused(source: Path) -> Iterator[tuple[str, str]]:
    elf, reports = _captured(source)
    for report in reports:
        last = report.diagnoses[-1] if report.diagnoses else None
        slot = mending.refused_slot(last) if last is not None else None
        if report.verdict is not Verdict.REFUSED or slot is None or report.program is None:
            continue
        program = mending.runnable(elf, report.program.name or "", CaptureOptions())
        if program is None:
            continue
        found = witness.search(program, slot, _SECONDS)
        if found.witness is not None:
            yield "found", witness.words(found.witness)
        else:
            yield ("can't run", found.why) if found.why else ("none", f"in {found.runs} runs")


def _mended(source: Path) -> Iterator[tuple[str, str]]:
    elf, reports = _captured(source)
    if not reports or any(report.verdict is not Verdict.LOADS for report in reports):
        return
    for report in reports:
        program = mending.runnable(elf, report.program.name or "" if report.program else "", CaptureOptions())
        if program is None:
            continue
        found = witness.search(program, None, _SECONDS)
        if found.witness is None or reads_zeros(found.witness.fault, source.read_text()):
            yield "mended", f"{found.runs} runs"
        else:
            yield "wrong", f"{program.name} at {found.witness.slot}: {witness.words(found.witness)}"


def _captured(source: Path) -> tuple[bytes, list[Report]]:
    try:
        raws = capture.check(source, CaptureOptions(include_dirs=(str(source.parent),)))
    except Problem:
        return b"", []
    return mending.object_of(raws), pipeline.diagnosed(raws)


if __name__ == "__main__":
    sys.exit(main())
