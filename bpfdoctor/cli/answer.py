"""The last step of `check` and `log`: choose, draw, write, and set the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, assert_never

from bpfdoctor.cli import config_path, select, terminal
from bpfdoctor.cli.crash import as_problem
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.diagnosis import Report, Standing
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import Stage
from bpfdoctor.render import LeftOut, Unexamined, kernels, render
from bpfdoctor.render.rule_page import SITE
from bpfdoctor.render.words import by_comments, plural

if TYPE_CHECKING:
    from pathlib import Path

    from bpfdoctor.cli.baseline import Baseline
    from bpfdoctor.cli.comments import Obeyed

Format = Literal["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "rdjson", "junit", "html"]
Color = Literal["auto", "always", "never"]
_OF_THE_REPOSITORY = ("sarif", "github", "gitlab")  # their readers know its paths, not the current folder's


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What the user asked of the answer."""

    format: Format = "full"
    file: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_for: Callable[[str], tuple[str, ...]] = lambda _: ()  # of one source's findings
    baseline: Path | None = None
    write_baseline: Path | None = None
    comments: Callable[[str], Obeyed] | None = None  # of a source; None: they are not looked at
    exit_zero: bool = False
    color: Color = "auto"
    width: int | None = None
    also: tuple[tuple[Format, Path], ...] = ()


Examine = Callable[[str], list[Report]]


def answer(
    sources: Sequence[str], examine: Examine, output: OutputOptions, *, side_by_side: bool = False
) -> RC:
    """Examines every source, prints what was found and says how it went.

    A file that cannot be examined does not lose the others: its problem goes to standard error and the
    status is 2, because 0 and 1 promise that everything was looked at (grep counts so too).
    `side_by_side`: on every core, in copies of this process; `examine` changes nothing for the next one.
    """
    want = select.wanted(output.select, output.ignore)
    known = _known(output)
    told: list[Report] = []
    reports: list[Report] = []
    failures: list[Unexamined] = []
    for source, found in zip(sources, _all_examined(sources, examine, side_by_side), strict=True):
        if isinstance(found, Problem):
            failures.append(Unexamined(source, found))
            continue
        own = output.ignore_for(source)
        wanted = select.wanted(output.select, (*output.ignore, *own)) if own else want
        heard = output.comments(source).reports(found) if output.comments else found
        told.extend(heard)
        reports.extend(select.filtered(heard, wanted))
    if told and not reports:  # nothing is printed, and that must not look like nothing found
        terminal.say(f"--select and --ignore leave out every finding ({plural(len(told), 'program')}).")
    elif hidden := select.hidden(told, reports):
        terminal.say(f"--select and --ignore leave out {hidden}.")
    if problem := _listed(reports, failures, output):
        failures.append(Unexamined("", problem))
    by_options = select.lost(told, reports)
    fresh = _new(reports, known, failures, output)
    left_out = LeftOut(by_options, select.lost(reports, fresh))
    reports = fresh
    if (output.format != "full" or kernels.several(reports)) and (excused := by_comments(reports)):
        terminal.say(f"By comments in the source: {excused}.")  # full has it in its last line
    try:
        reports = _shown(reports, failures, output, left_out)
    except Problem as problem:  # nobody gets this answer
        failures.append(Unexamined("", problem))
    failures.extend([*_also_written(reports, failures, output, left_out)])
    for failure in failures:
        terminal.complain(failure.problem, failure.source)
    return _status(reports, failures, output)


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


def _all_examined(
    sources: Sequence[str], examine: Examine, side_by_side: bool
) -> Iterator[list[Report] | Problem]:
    if not side_by_side:
        yield from (_examined(source, examine) for source in sources)
        return
    from bpfdoctor.cli.side_by_side import Lost, answers

    for found in answers(len(sources), lambda number: _examined(sources[number], examine)):
        yield Problem("The process that looked at it was ended.") if isinstance(found, Lost) else found


def _examined(source: str, examine: Examine) -> list[Report] | Problem:
    try:
        found = examine(source)
    except Problem as problem:
        return problem
    except OSError as error:
        return _unreadable(source, error)
    except Exception as error:  # a bug in one file's diagnosis must not cost the other answers
        return as_problem(error)
    # Nothing to say is not the same as nothing wrong.
    return found or Problem(f"There is no answer about {source}: no program in it was looked at.")


def _unreadable(source: str, error: OSError) -> Problem:
    """The file itself cannot be read; anything else is a bug."""
    if error.filename != source:
        return as_problem(error)
    return Problem(
        f"{source} cannot be read: {(error.strerror or str(error)).lower()}.", "Name another file."
    )


def _shown(
    reports: list[Report], failures: Sequence[Unexamined], output: OutputOptions, left_out: LeftOut
) -> list[Report]:
    """Prints the answer. The reports as they were printed: in the place of one that no drawing was possible
    of stands an error of ours.
    """
    machine = output.format in terminal.MACHINE
    if failures and not reports and output.format in ("full", "concise") and output.file is None:
        return reports
    try:
        text = _drawn(reports, failures, output, left_out)
    except Exception:
        reports = [_drawable(report, output) for report in reports]
        text = _drawn(reports, failures, output, left_out)
    if output.file is not None:
        from bpfdoctor.cli import output_file

        output_file.write(text.encode("utf-8", "backslashreplace"), output.file)
    else:
        terminal.write(text, raw=machine)
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
    in_file, machine = output.file is not None, output.format in terminal.MACHINE
    top = config_path.repository() if output.format in _OF_THE_REPOSITORY else ""
    return render(
        reports,
        output.format,
        width=output.width or (terminal.PIPED_WIDTH if in_file else terminal.width(sys.stdout)),
        color=output.color == "always" if in_file else terminal.color(output.color, sys.stdout),
        unicode=in_file or machine or terminal.unicode(sys.stdout),
        base=top,
        below=os.path.relpath(os.getcwd(), top) if top else "",
        site=os.environ.get("BPFDOCTOR_SITE", SITE),
        failures=failures,
        left_out=left_out,
        obeyed=terminal.obeyed(),
    )


def _drawable(report: Report, output: OutputOptions) -> Report:
    try:
        _drawn([report], (), output, LeftOut())
    except Exception as error:
        from bpfdoctor.internal_error import internal_error
        from bpfdoctor.model.transcript import ErrorBlock

        stage = report.diagnoses[0].finding.block.stage if report.diagnoses else Stage.VERIFIER
        return replace(report, diagnoses=(internal_error(error, ErrorBlock((), stage)),), sources={})
    return report


def _status(reports: Sequence[Report], failures: Sequence[Unexamined], output: OutputOptions) -> RC:
    if failures:
        return RC.FAILED
    status = max((_counts(report, output) for report in reports), default=RC.OK)
    forgiven = output.exit_zero or output.write_baseline is not None
    return RC.OK if status is RC.FOUND and forgiven else status


def _counts(report: Report, output: OutputOptions) -> RC:
    match report.standing:
        case Standing.WARNED:  # who asks for a warning by name wants to know of it
            return RC.FOUND if output.select else RC.OK
        case Standing.FINE | Standing.EXCUSED | Standing.NOT_ASKED | Standing.NOTHING:
            return RC.OK
        case Standing.FOUND:
            return RC.FOUND
        case Standing.UNANSWERED:
            return RC.FAILED
        case _:
            assert_never(report.standing)
