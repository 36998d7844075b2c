"""What `check --fix` makes of refused programs: how many it mends, and whether they then do their job.

    python -m scripts.fixes [--mutants 60] [--cases 0] [--seed 1] [--seconds 20] [--failing FILE]

A mutant is a program of the corpus that loads, with one small mistake, so that the kernel refuses it: what it
was for is known, and the mended program is run beside that origin: by the concrete machine, and by the kernel
where BPF_PROG_TEST_RUN takes such a program. A case is a refused program of the corpus with a `fixed.bpf.c`,
without its marks. Nothing is written but into DIR (--keep), where the mutants are found again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bpfdoctor import capture, catalogue, mending, processes
from bpfdoctor.experiments import meaning
from bpfdoctor.experiments.patches import Mended
from bpfdoctor.model.diagnosis import FixStatus, Report, Safety
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.render.patch import diff
from scripts import kernel_runs
from scripts.lost import is_lost
from scripts.mutants import CASES, SLOW, mutants

RUN_SECONDS = 6.0  # of CPU, for running two programs on all inputs
COLUMNS = (
    "tried", "shown", "loads", "mended", "as origin", "byte for byte", "by the kernel", "as refused",
    "unsure", "wrong", "CPU",
)  # fmt: skip
MARK = re.compile(r" */\* (?:expect|cause): [^*]* \*/")


@dataclass(frozen=True, slots=True)
class Subject:
    """A refused program, and what it was for; its headers are beside the latter."""

    program: Path
    origin: Path
    what: str = ""  # what was done to the origin
    is_lost: bool = False  # what was taken out can't be known from what is left


@dataclass(slots=True)
class Result:
    """What became of one. `like_origin` and `like_refused` are None where the programs could not be run."""

    subject: Subject
    rule: str
    shown: bool = False  # a patch is shown
    loads: bool = False  # the first one that is shown loads
    mended: bool = False  # every program of the file loads after --fix --unsafe-fixes
    safe: bool = True  # plain --fix writes it
    is_origin: bool = False  # byte for byte
    like_origin: bool | None = None
    like_refused: bool | None = None
    by_kernel: bool | None = None  # runs on the kernel say so of the origin; None where it was not asked
    seconds: float = 0.0
    why: str = ""
    patch: list[str] = field(default_factory=list)


def options(includes: Path) -> CaptureOptions:
    return CaptureOptions(include_dirs=(str(includes),), experiments=False, environment=dict(os.environ))


def origins() -> Iterator[Path]:
    """The programs of the corpus that are meant to load, each text once."""
    seen = set()
    for path in sorted(CASES.glob("*/*/*.bpf.c")):
        if SLOW not in path.parts and path.name != "prog.bpf.c" and path.read_bytes() not in seen:
            seen.add(path.read_bytes())
            yield path


def drawn(folder: Path, seed: int) -> Iterator[Subject]:
    """Mutants in the order of the seed, written into `folder`; of every program one, then one more …"""
    random.seed(seed)
    of_programs = []
    for path in origins():
        found = list(mutants(path.read_bytes()))
        random.shuffle(found)
        of_programs.append((path, found))
    random.shuffle(of_programs)
    for turn in range(6):
        for path, found in of_programs:
            if turn < len(found):
                what, text = found[turn]
                program = folder / f"{path.parent.parent.name}~{path.parent.name}~{what}~{_key(text)}.bpf.c"
                program.write_bytes(text)
                yield _subject(program, path, what)


def _subject(program: Path, origin: Path, what: str) -> Subject:
    return Subject(program, origin, what, is_lost(what, origin.read_bytes(), program.read_bytes()))


def refused_mutants(folder: Path, seed: int, count: int, jobs: int) -> list[Subject]:
    """The first mutants that this kernel refuses while it loads their origin; remembered in `folder`."""
    known = folder / f"refused-{os.uname().release}.json"
    rows = json.loads(known.read_text()) if known.exists() else {}
    found = [_subject(folder / name, CASES / origin, what) for name, origin, what in rows.get("refused", ())]
    done = int(rows.get("drawn", 0))
    if len(found) < count:
        todo = list(drawn(folder, seed))[done:]
        with ProcessPoolExecutor(jobs) as pool:
            for start in range(0, len(todo), 20):
                part = todo[start : start + 20]
                found += [each for each, yes in zip(part, pool.map(is_refused, part), strict=True) if yes]
                done += len(part)
                if len(found) >= count:
                    break
        stored = [(each.program.name, str(each.origin.relative_to(CASES)), each.what) for each in found]
        known.write_text(json.dumps({"drawn": done, "refused": stored}, indent=1))
        print(f"{done} mutants drawn, {len(found)} of them refused by {os.uname().release}")
    return found[:count]


def cases(folder: Path, count: int, seed: int) -> Iterator[Subject]:
    """Refused programs of the corpus, without the marks that say what is wrong with them."""
    found = [path.parent for path in CASES.glob("*/*/fixed.bpf.c") if SLOW not in path.parts]
    random.seed(seed)
    chosen = random.sample(sorted(found), min(count, len(found)))
    for case in chosen:
        if (case / "prog.bpf.c").is_file():
            program = folder / f"{case.parent.name}~{case.name}" / "prog.bpf.c"
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text(MARK.sub("", (case / "prog.bpf.c").read_text()))
            yield Subject(program, case / "fixed.bpf.c")


def is_refused(subject: Subject) -> bool:
    """Whether the verifier refuses one of its programs, and none of its origin's."""
    includes = subject.origin.parent
    verdicts = _verdicts(subject.program, includes)
    return Verdict.REFUSED in verdicts and set(_verdicts(subject.origin, includes)) == {Verdict.LOADS}


def _verdicts(program: Path, includes: Path) -> list[Verdict]:
    try:
        return [raw.verdict for raw in capture.check(program, options(includes))]
    except Problem:
        return []


def measured(subject: Subject, seconds: float) -> Result | None:
    """One program, mended; None where this kernel does not refuse it."""
    path, asked = subject.program, options(subject.origin.parent)
    before = _used()
    try:
        done = mending.mend(path, asked, seconds, unsafe=True)
    except Problem as problem:
        return Result(subject, "problem", why=str(problem.sentence))
    refusals = [report.diagnoses[-1] for report in done.first if _is_refused(report)]
    if not refusals:
        return None
    shown = [next((fix for fix in each.fixes if fix.edits), None) for each in refusals]
    result = Result(
        subject,
        refusals[0].rule,
        shown=any(shown),
        loads=all(fix is None or fix.outcome.status is FixStatus.LOADS for fix in shown),
        mended=not any(_is_refused(report) for report in done.left),
        safe=all(fix.safety is Safety.SAFE for fix in done.applied),
        seconds=_used() - before,
    )
    if not result.mended:
        last = next(report.diagnoses[-1] for report in done.left if _is_refused(report))
        result.why = f"{last.rule}: {'; '.join(last.finding.block.lines)}"
        return result
    name, mended = next(iter(done.after.items()))
    result.is_origin = mended == MARK.sub("", subject.origin.read_text())
    result.patch = diff(name, done.before[name].splitlines(True), mended.splitlines(True)).splitlines()
    _judge(result, done, asked)
    return result


def _judge(result: Result, done: Mended, asked: CaptureOptions) -> None:
    """Runs the mended program beside its origin, and beside the one that was refused."""
    origin = next((raw.object for raw in capture.check(result.subject.origin, asked)), None) or b""
    names = [report.program.name or "" for report in done.left if report.program]
    for name in names:
        new, old, refused = (
            mending.recorded_calls(elf, name, asked) for elf in (done.object, origin, done.first_object)
        )
        on_kernel = kernel_runs.compared(old, new) if old and new else kernel_runs.Compared(None)
        if on_kernel.same is False:
            result.why += f"[origin, on the kernel] {on_kernel.why}; "
        result.by_kernel = _both(result.by_kernel, on_kernel.same)
        like_origin = _both(_same(result, "origin", old, new), on_kernel.same)
        result.like_origin = _both(result.like_origin, like_origin)
        result.like_refused = _both(result.like_refused, _same(result, "refused", refused, new))
    if result.is_origin:
        result.like_origin = True


def _same(result: Result, what: str, old: bytes | None, new: bytes | None) -> bool | None:
    """Whether the concrete machine sees them do the same; None where it can't run them."""
    before, after = (mending.of_calls(calls) for calls in (old, new))
    if before is None or after is None:
        return None
    if before.code == after.code:
        return True
    found = meaning.compared(before, after, RUN_SECONDS)
    if found.differs:
        result.why += f"[{what}] {found.differs}; "
    return False if found.differs else True if found.runs else None


def _both(one: bool | None, other: bool | None) -> bool | None:
    """Whoever sees a difference is right; who can't tell leaves it to the other."""
    return False if one is False or other is False else one if other is None else other


def table(results: Iterable[Result]) -> Iterator[str]:
    """A row for each family: the folders of rules/."""
    topics = {rule.name: rule.topic for rule in catalogue.load().rules}
    by_family: dict[str, list[Result]] = {}
    everything = list(results)
    for each in everything:
        by_family.setdefault(topics.get(each.rule, each.rule), []).append(each)
    yield "| family | " + " | ".join(COLUMNS) + " |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    rows = [*sorted(by_family.items()), ("all", everything)]
    if lost := [each for each in everything if each.subject.is_lost]:
        left = [each for each in everything if not each.subject.is_lost]
        rows += [("what is missing is nowhere in the text", lost), ("all others", left)]
    for family, found in rows:
        yield f"| {family} | " + " | ".join(_row(found)) + " |"


def _row(found: list[Result]) -> Iterator[str]:
    count = len(found)
    shown = sum(each.shown for each in found)
    yield str(count)
    yield _share(shown, count)
    yield _share(sum(each.shown and each.loads for each in found), shown)
    yield _share(sum(each.mended for each in found), count)
    yield _share(sum(each.like_origin is True for each in found), count)
    yield str(sum(each.is_origin for each in found))
    ran = [each.by_kernel for each in found if each.by_kernel is not None]
    yield f"{sum(ran)} of {len(ran)}"
    yield _share(sum(each.like_refused is True for each in found), count)
    yield str(sum(each.mended and each.like_origin is None for each in found))
    yield str(sum(is_wrong(each) for each in found))
    yield f"{statistics.median([each.seconds for each in found] or [0.0]):.1f} s"


def is_wrong(result: Result) -> bool:
    """Shown as safe, and yet it does something else where the refused program works."""
    return result.mended and result.safe and result.like_refused is False


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part // whole} %)" if whole else "0"


def failing(results: Iterable[Result]) -> Iterator[str]:
    """What is not mended as the origin was, by rule, the most frequent first, with its patch."""
    by_rule: dict[str, list[Result]] = {}
    for each in results:
        if not each.like_origin:
            by_rule.setdefault(each.rule, []).append(each)
    for rule, found in sorted(by_rule.items(), key=lambda item: -len(item[1])):
        kinds = Counter(kind(each) for each in found)
        yield f"## {rule}: {len(found)} ({', '.join(f'{count} {name}' for name, count in kinds.items())})"
        for each in found:
            lost = ", not in the text" if each.subject.is_lost else ""
            yield f"- {each.subject.program} ({each.subject.what}{lost}, origin {each.subject.origin})"
            yield f"  {kind(each)}; {each.why}"
            yield from (f"      {line}" for line in each.patch)


def kind(result: Result) -> str:
    if not result.shown:
        return "no patch shown"
    if not result.mended:
        return "not mended"
    return "differs" if result.like_origin is False else "cannot be run"


def _is_refused(report: Report) -> bool:
    return report.verdict is Verdict.REFUSED and bool(report.diagnoses)


def _used() -> float:
    return time.process_time() + processes.seconds_of_children()


def _key(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:6]


def main() -> None:
    """Prints a table for mutants, and one for cases."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--mutants", type=int, default=500, help="refusals (default 500)")
    asked.add_argument("--cases", type=int, default=1000, help="of the corpus (default: all)")
    asked.add_argument("--seed", type=int, default=1, help="another seed, other mutants")
    asked.add_argument("--seconds", type=float, default=20, help="of CPU for each, as --fix-timeout")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--keep", type=Path, default=Path("/tmp/bpfdoctor-fixes"), metavar="DIR")  # noqa: S108
    asked.add_argument("--failing", type=Path, metavar="FILE", help="write what is not mended there")
    given = asked.parse_args()
    folder = given.keep / str(given.seed)
    folder.mkdir(parents=True, exist_ok=True)
    left = []
    for name, subjects in (
        ("mutants", refused_mutants(folder, given.seed, given.mutants, given.jobs)),
        ("cases", list(cases(folder, given.cases, given.seed))),
    ):
        if not subjects:
            continue
        with ProcessPoolExecutor(given.jobs) as pool:
            work = partial(measured, seconds=given.seconds)
            results = []
            for number, each in enumerate(pool.map(work, subjects), 1):
                results += [each] if each is not None else []
                print(f"\r{name} {number}/{len(subjects)}", end="", file=sys.stderr, flush=True)
        print(f"\n{name} (seed {given.seed}): {len(results)} refused by {os.uname().release}")
        print("\n".join(table(results)), flush=True)
        left += [f"# {name}", *failing(results)]
    if given.failing:
        given.failing.write_text("\n".join(left) + "\n")


if __name__ == "__main__":
    main()
