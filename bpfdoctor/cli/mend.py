"""`check --fix` and `--diff`: the patches that load, written into the files or shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bpfdoctor import regular_file, rights
from bpfdoctor.cli import output_file, terminal
from bpfdoctor.cli.examined import Jobs, examined, in_order
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.diagnosis import FixStatus, Report, Standing
from bpfdoctor.model.edits import lines
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions
from bpfdoctor.render.patch import diff
from bpfdoctor.render.words import plural

if TYPE_CHECKING:
    from bpfdoctor.cli.comments import Obeyed
    from bpfdoctor.experiments.patches import Mended

_MOST = 64 << 20  # bytes of a source; capture has looked at its size before


@dataclass(frozen=True, slots=True)
class Mender:
    """How a file is mended, and checked again after that; and how many at once."""

    mend: Callable[[Path], Mended]  # raises Problem
    check: Callable[[Path], list[Report]]
    jobs: Jobs

    def mended(self, sources: Sequence[str]) -> Iterator[tuple[str, Mended | Problem]]:
        """What becomes of each file, in their order; nothing is written."""
        return in_order(sources, lambda source: self.mend(Path(source)), self.jobs)


@contextmanager
def on_kernels(
    asked: Callable[[Path], CaptureOptions],
    kernels: Sequence[str],
    sets: Sequence[str],
    seconds: float,
    unsafe: bool,
    comments: Callable[[str], Obeyed],
    jobs: int | None,
) -> Iterator[Mender]:
    """On this kernel, or on those that are named: a patch is one that all of them load. What a comment wants
    to be refused is not mended.
    """
    if not kernels and len(sets) == 1:
        from bpfdoctor import mending, pipeline

        yield Mender(
            lambda path: mending.mend(path, asked(path), seconds, unsafe, comments(str(path)).reports),
            lambda path: pipeline.check(path, asked(path)),
            Jobs(jobs),
        )
        return
    from bpfdoctor.cli.kernels_asked import KernelsAsked

    with KernelsAsked(kernels or ["host"], sets, jobs) as them:
        yield Mender(
            lambda path: them.there().mend(path, asked(path), seconds, unsafe, comments(str(path)).reports),
            lambda path: them.there().check(path, asked(path), 0),
            them,
        )


def written(sources: Sequence[str], mender: Mender) -> Iterator[tuple[str, list[Report] | Problem]]:
    """Mends each file in place; what is left to say of it. Of one with a problem nothing is written."""
    ours: dict[str, str] = {}

    def settled(source: str, done: Mended) -> list[Report]:
        if any(ours.get(os.path.realpath(name), text) != text for name, text in done.before.items()):
            done = mender.mend(Path(source))  # with what the file before it has made of a header
        changed = _written(done)
        ours.update(changed)
        return mender.check(Path(source)) if changed else list(done.left)

    for source, done in mender.mended(sources):
        if isinstance(done, Problem):
            yield source, done
        else:
            yield source, examined(source, partial(settled, done=done))


def _written(done: Mended) -> dict[str, str]:
    """Writes what is mended; the texts by their real places. Raises Problem, and writes nothing then."""
    before, after = done.before, done.after
    changed = [name for name, text in after.items() if text != before[name]]
    for name in changed:
        if regular_file.read(name, _MOST) != before[name].encode():
            raise Problem(
                f"{name} was changed while its patches were tried, or is not UTF-8; nothing was written.",
                "Run it again.",
            )
    for name in changed:
        output_file.write(after[name].encode(), Path(os.path.realpath(name)))
        terminal.say(f"{name}: mended{rights.as_whom()}.")
    return {os.path.realpath(name): after[name] for name in changed}


def shown(sources: Sequence[str], mender: Mender) -> RC:
    """Prints one diff for all files, for `patch -p1` and `git apply` in this folder; nothing is written."""
    from bpfdoctor.experiments.steps import name_of

    status = RC.OK
    for source, done in mender.mended(sources):
        if isinstance(done, Problem):
            terminal.complain(done, source)
            status = RC.FAILED
            continue
        patch = _diff(done.before, done.after)
        terminal.write(patch, raw=True)
        meant = [report for report in done.left if name_of(report) not in done.excused]
        left = [report for report in meant if report.standing is Standing.FOUND]
        flags = {id(report): found for report in left if (found := _compiled_with(report))}
        for report in left:
            if flag := flags.get(id(report)):
                name = report.program.name if report.program else None
                terminal.say(f"{source}: {name or 'the program'} loads as it is when compiled with {flag}.")
        other = [report for report in left if id(report) not in flags]
        doubtful = sum(map(_has_patch, other))
        if doubtful:
            terminal.say(
                f"{source}: {plural(doubtful, 'program')} still refused; what loads may change what it does "
                "(--unsafe-fixes)."
            )
        if rest := len(other) - doubtful:
            terminal.say(f"{source}: {plural(rest, 'program')} still refused, without a patch that loads.")
        if (patch or left) and status is RC.OK:
            status = RC.FOUND
    return status


def _compiled_with(report: Report) -> str:
    """The flag, or the compiler, with which the source needs no change; "" where none is known."""
    fixes = report.diagnoses[-1].fixes if report.diagnoses else ()
    return next((fix.compile for fix in fixes if fix.compile), "")


def _has_patch(report: Report) -> bool:
    """Whether a patch loads that was not taken: one that may change the meaning."""
    fixes = (fix for each in report.diagnoses for fix in each.fixes)
    return any(fix.edits and fix.outcome.status is FixStatus.LOADS for fix in fixes)


def _diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    return "".join(diff(_shown(name), lines(text), lines(after[name])) for name, text in before.items())


def _shown(name: str) -> str:
    """A file's name in a diff: below this folder relative to it."""
    below = os.path.relpath(name)
    return os.path.abspath(name).lstrip("/") if below.startswith("..") else below
