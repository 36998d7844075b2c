"""Compiles, loads and answers: what `bpfdoctor check` does once its options are known."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bpfdoctor import regular_file
from bpfdoctor.cli import linting
from bpfdoctor.cli.answer import answer
from bpfdoctor.cli.examined import Jobs
from bpfdoctor.cli.linting import MakesLints
from bpfdoctor.cli.output_options import OutputOptions
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import MENDABLE, CaptureOptions, RawReport

if TYPE_CHECKING:
    from bpfdoctor.cli.comments import Obeyed
    from bpfdoctor.cli.kernels_asked import KernelsAsked

Asked = Callable[[Path], CaptureOptions]  # a file's options
_PATCH_SECONDS = 3.0  # of CPU, for trying patches; at least one of each program is tried


def check(
    sources: Sequence[str],
    asked: Asked,
    output: OutputOptions,
    kernels: Sequence[str] = (),
    sets: Sequence[str] = ("full",),
    witness: str | None = None,
    preflight: bool = True,
    jobs: int | None = None,
    lints: MakesLints | None = None,
    keeps: bool = True,
) -> RC:
    """Checks the files on this kernel, or on real ones in VMs. `asked` are a file's options, `sets` are
    names of capability sets, `witness` is a folder for the inputs with which programs go wrong here,
    `preflight` says also which of them will not fire here, `lints` look at those that load; `jobs`
    are done side by side, by default one on each core. `keeps`: answers about several files are kept, and
    given again while nothing that they depend on changes.
    """
    output = replace(output, comments=obeyed(asked, preflight and not kernels))
    first = asked(Path(sources[0]))
    without = _without_rights(first) if first.load and not kernels else None
    if isinstance(without, str):
        kernels, without = [without], None
    store = None
    of_files = len(sources) > 1 and all(regular_file.given(source) is None for source in sources)
    if keeps and of_files and witness is None and not any("/" in kernel for kernel in kernels):
        from bpfdoctor.cli.answer_store import Store

        store = Store(sources, asked, (*kernels, sets, preflight, without, linting.told(lints)))
    with ExitStack() as at_the_end:
        if store is not None:
            at_the_end.callback(store.prune)
        run: Jobs = Jobs(jobs)
        examine = partial(
            _here, asked, without_rights=without, witness=witness, preflight=preflight, lints=lints
        )
        if several := bool(kernels) or len(sets) > 1:
            from bpfdoctor.cli.kernels_asked import KernelsAsked

            run = at_the_end.enter_context(KernelsAsked(kernels or ["host"], sets, jobs))
            examine = partial(_on_kernels, asked, run, lints)
        return answer(
            sources,
            partial(store.examined, examine=examine) if store else examine,
            output,
            jobs=run,
            streams=not several,
            summed_up=True,
            store=store,
        )


def check_shapes(sources: Sequence[str], asked: Asked, output: OutputOptions, jobs: int | None = None) -> RC:
    """Checks the files on this kernel with each value of their constants that their branches test."""

    def examine(source: str) -> list[Report]:
        from bpfdoctor import shapes

        return shapes.check(Path(source), asked(Path(source)))

    output = replace(output, comments=obeyed(asked, hooks=False))
    return answer(sources, examine, output, jobs=Jobs(jobs))


def nothing(output: OutputOptions, why: str) -> RC:
    """The answer about no file: what merges answers finds one."""
    from bpfdoctor.cli import terminal

    terminal.say(why)
    return answer([], lambda _: [], output)


def check_plainly(paths: Sequence[str]) -> RC:
    """What `bpfdoctor check PATH...` does without an option."""
    from bpfdoctor.cli import piped_program

    asked = CaptureOptions(experiments=True, environment=dict(os.environ))
    return check(files(piped_program.taken(paths)), lambda _: asked, OutputOptions(), lints=linting.factory())


def obeyed(asked: Asked, hooks: bool) -> Callable[[str], Obeyed]:
    """How a source's comments are obeyed; `hooks`: it is also looked at whether its programs fire here."""
    from bpfdoctor.cli.comments import Obeyed

    return lambda source: Obeyed(source, partial=bool(asked(Path(source)).programs), hooks=hooks)


def files(paths: Sequence[str]) -> list[str]:
    """The programs that the paths stand for, each once; a pattern that nothing matches stays, for a sentence
    of its own.
    """
    from bpfdoctor.capture import programs_in
    from bpfdoctor.cli import patterns

    named = [each for path in paths for each in patterns.matches(path) or [path]]
    return list(dict.fromkeys(each for path in named for each in programs_in(Path(path))))


def _without_rights(asked: CaptureOptions) -> str | Problem | None:
    """None where this process may load; else the lab's newest kernel, or what to say of what compiles.

    A kernel that cannot be started is one more way out; it hides no other.
    """
    from bpfdoctor.capture import privileges

    try:
        privileges.require(asked)
    except privileges.NoRights as problem:
        from bpfdoctor.cli import terminal
        from bpfdoctor.lab import kernels as lab  # takes a while, and most people have the rights
        from bpfdoctor.lab import pool

        try:
            newest = lab.newest_installed().version
        except Problem:
            return problem
        try:
            pool.Lab(terminal.progress).close()
        except Problem as lacking:
            in_a_vm = f"Or ask kernel {newest}, which is in the cache, in a VM. {lacking.sentence}"
            return Problem(problem.sentence, *problem.ways_out, " ".join((in_a_vm, *lacking.ways_out)))
        finally:
            terminal.progress_done()
        instead = f"Asking kernel {newest} in a VM instead (--kernel {newest})."
        sys.stderr.write(f"{problem.sentence} {instead}\n")
        return newest
    return None


def _here(
    options: Asked,
    source: str,
    without_rights: Problem | None = None,
    witness: str | None = None,
    preflight: bool = True,
    lints: MakesLints | None = None,
) -> list[Report]:
    from bpfdoctor import capture, pipeline
    from bpfdoctor.capture.privileges import NoRights

    path = Path(source)
    asked = options(path)
    try:
        raws = pipeline.for_steps(capture.check(path, asked), asked)
    except NoRights as problem:
        raise without_rights or problem from None
    reports = _with_hooks(path, asked, raws) if preflight else pipeline.diagnosed(raws)
    if lints is not None:
        reports = lints().all_added(raws, reports)
    if all(report.verdict not in MENDABLE for report in reports):
        return reports
    from bpfdoctor import mending

    told = mending.tried(path, asked, raws, reports, _PATCH_SECONDS)
    if witness is not None:
        from bpfdoctor.cli import witness_files

        witness_files.write(Path(witness), source, told)
    return told


def _with_hooks(path: Path, asked: CaptureOptions, raws: Sequence[RawReport]) -> list[Report]:
    """What is said of a file's programs, also of those that load and will not fire."""
    from bpfdoctor import pipeline
    from bpfdoctor.preflight.beside import Beside

    beside = Beside(path, asked)
    return [report for raw in raws for report in beside.warned(raw, pipeline.diagnose(raw))]


def _on_kernels(options: Asked, kernels: KernelsAsked, lints: MakesLints | None, source: str) -> list[Report]:
    from bpfdoctor.cli import terminal

    path = Path(source)
    try:
        return kernels.there().check(path, options(path), _PATCH_SECONDS, lints)
    finally:
        terminal.progress_done()
