"""The last step of `check` and `log`: choose, draw, write, and set the exit status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, assert_never

from bpfdoctor.cli import config_path, select, terminal
from bpfdoctor.cli.drawn import canvas_of, drawn, links
from bpfdoctor.cli.examined import Examine, Found, Jobs, in_order
from bpfdoctor.cli.output_options import OutputOptions
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.diagnosis import Report, Severity, Standing
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.render import LeftOut, Unexamined, kernels, render
from bpfdoctor.render.words import by_comments, plural, tally

if TYPE_CHECKING:
    from bpfdoctor.cli.answer_store import Store
    from bpfdoctor.cli.baseline import Baseline

_OF_THE_REPOSITORY = ("sarif", "github", "gitlab")  # their readers know its paths, not the current folder's


def answer(
    sources: Sequence[str],
    examine: Examine,
    output: OutputOptions,
    *,
    jobs: Jobs | None = None,
    streams: bool = False,
    summed_up: bool = False,
    store: Store | None = None,
) -> RC:
    """Examines every source, prints what was found and says how it went.

    By default this process looks at one after the other; in the copies that `jobs` allows, `examine` changes
    nothing for the next one. What `streams` is printed source by source, where the format allows it; what is
    `summed_up` gets a line of counts on standard error. `store` has what was said before.
    """
    found = in_order(sources, examine, jobs or Jobs(1), store)
    return told(len(sources), found, output, streams=streams, summed_up=summed_up, store=store)


def told(
    sources: int,
    examined: Iterator[tuple[str, Found]],
    output: OutputOptions,
    *,
    streams: bool = False,
    summed_up: bool = False,
    store: Store | None = None,
) -> RC:
    """The same of sources that are `examined` as they are asked for.

    A file that cannot be examined does not lose the others: its problem goes to standard error and the
    status is 2, because 0 and 1 promise that everything was looked at (grep counts so too). Whoever ends it
    gets what is done so far; raises SystemExit then.
    """
    want = select.wanted(output.select, output.ignore)
    known = _known(output)
    everything: list[Report] = []
    reports: list[Report] = []
    failures: list[Unexamined] = []
    stream = None
    if streams and sources > 1:
        from bpfdoctor.cli.streamed import streamed

        stream = streamed(output)
    ended: SystemExit | None = None
    seen = 0
    try:
        for source, found in examined:
            seen += 1
            if isinstance(found, Problem):
                failures.append(Unexamined(source, found))
                continue
            own = output.ignore_for(source)
            wanted = select.wanted(output.select, (*output.ignore, *own)) if own else want
            heard = output.comments(source).reports(found) if output.comments else found
            everything.extend(heard)
            kept = select.filtered(heard, wanted)
            reports.extend(stream.shown(kept) if stream else kept)
    except SystemExit as end:
        if not seen:
            raise
        left = f"Ended before {sources - seen} of {plural(sources, 'file')} were looked at."
        failures.append(Unexamined("", Problem(left)))
        ended = end
    if everything and not reports:  # nothing is printed, and that must not look like nothing found
        terminal.say(f"--select and --ignore leave out every finding ({plural(len(everything), 'program')}).")
    elif hidden := select.hidden(everything, reports):
        terminal.say(f"--select and --ignore leave out {hidden}.")
    if problem := _listed(reports, failures, output):
        failures.append(Unexamined("", problem))
    by_options = select.lost(everything, reports)
    fresh = _new(reports, known, failures, output)
    left_out = LeftOut(by_options, select.lost(reports, fresh))
    reports = fresh
    if (output.format != "full" or kernels.several(reports)) and (excused := by_comments(reports)):
        terminal.say(f"By comments in the source: {excused}.")  # full has it in its last line
    try:
        reports = stream.end(reports) if stream else _shown(reports, failures, output, left_out)
    except Problem as problem:  # nobody gets this answer
        failures.append(Unexamined("", problem))
    failures.extend([*_also_written(reports, failures, output, left_out)])
    for failure in failures:
        terminal.complain(failure.problem, failure.source)
    if summed_up and sources > 1:
        hits = f"; {store.hits} from the cache" if store and store.hits else ""
        terminal.say(f"{_summary(sources, reports)}{hits}")
    if ended is not None:
        raise ended
    return _status(reports, failures, output)


def _summary(files: int, reports: Sequence[Report]) -> str:
    """`40 files: 43 programs: 40 load, 3 refused (kernel 6.18.44), 2 warnings`."""
    severities = [diagnosis.severity for report in reports for diagnosis in report.diagnoses]
    warnings = severities.count(Severity.WARNING)
    return f"{plural(files, 'file')}, {tally(reports)}" + (
        f", {plural(warnings, 'warning')}" if warnings else ""
    )


def _known(output: OutputOptions) -> Baseline | None:
    """The findings that are not told again. Raises Problem."""
    if output.baseline is None or output.write_baseline is not None:
        return None
    from bpfdoctor.cli import baseline

    return baseline.read(output.baseline)


def _listed(
    reports: Sequence[Report], failures: Sequence[Unexamined], output: OutputOptions
) -> Problem | None:
    """Writes what --write-baseline asks for; what kept it from that."""
    if output.write_baseline is None:
        return None
    if failures:
        return Problem(f"{output.write_baseline} is not written: not everything was examined.")
    from bpfdoctor.cli import baseline

    try:
        count = baseline.write(reports, output.write_baseline)
    except Problem as problem:
        return problem
    terminal.say(f"{output.write_baseline} lists {plural(count, 'finding')} now.")
    return None


def _new(
    reports: list[Report], known: Baseline | None, failures: Sequence[Unexamined], output: OutputOptions
) -> list[Report]:
    """The reports without what the baseline lists."""
    if known is None:
        return reports
    left, gone = known.without(reports)
    if hidden := select.hidden(reports, left):
        terminal.say(f"{known.file} lists {hidden} already.")
    if gone and not failures and not output.select:
        terminal.say(f"{plural(gone, 'finding')} of {known.file} {'is' if gone == 1 else 'are'} gone.")
    return left


def _shown(
    reports: list[Report], failures: Sequence[Unexamined], output: OutputOptions, left_out: LeftOut
) -> list[Report]:
    """Prints the answer. The reports as they were printed."""
    if failures and not reports and output.format in ("full", "concise") and output.file is None:
        return reports
    text, reports = drawn(lambda some: _drawn(some, failures, output, left_out), reports)
    if output.file is not None:
        from bpfdoctor.cli import output_file

        output_file.write(text.encode("utf-8", "backslashreplace"), output.file)
    else:
        terminal.write(text, raw=output.format in terminal.MACHINE)
    return reports


def _also_written(
    reports: list[Report], failures: Sequence[Unexamined], output: OutputOptions, left_out: LeftOut
) -> Iterator[Unexamined]:
    """Writes what --also asks for; the files that it was not possible for."""
    for format, file in output.also:
        try:
            _shown(reports, failures, replace(output, format=format, file=file), left_out)
        except Problem as problem:
            yield Unexamined("", problem)


def _drawn(
    reports: Sequence[Report], failures: Sequence[Unexamined], output: OutputOptions, left_out: LeftOut
) -> str:
    top = config_path.repository() if output.format in _OF_THE_REPOSITORY else ""
    return render(
        reports,
        output.format,
        **canvas_of(output),
        **links(top),
        failures=failures,
        left_out=left_out,
        obeyed=terminal.obeyed(),
    )


def _status(reports: Sequence[Report], failures: Sequence[Unexamined], output: OutputOptions) -> RC:
    if failures:
        return RC.FAILED
    status = max((_counts(report, output) for report in reports), default=RC.OK)
    forgiven = output.exit_zero or output.write_baseline is not None
    return RC.OK if status is RC.FOUND and forgiven else status


def _counts(report: Report, output: OutputOptions) -> RC:
    match report.standing:
        case Standing.WARNED:  # who asks for a warning by name wants to know of it
            return RC.FOUND if output.select or output.strict else RC.OK
        case Standing.FINE | Standing.EXCUSED | Standing.NOT_ASKED | Standing.NOTHING:
            return RC.OK
        case Standing.FOUND:
            return RC.FOUND
        case Standing.UNANSWERED:
            return RC.FAILED
        case _:
            assert_never(report.standing)
