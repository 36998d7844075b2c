"""The last step of `check` and `log`: choose, draw, write, and set the exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from bpfdoctor.cli import select, terminal
from bpfdoctor.cli.crash import as_problem
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.diagnosis import Report, Severity
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Verdict
from bpfdoctor.render import Failure, render

Format = Literal["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "html"]
Color = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Output:
    """What the user asked of the answer."""

    format: Format = "full"
    file: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exit_zero: bool = False
    color: Color = "auto"
    width: int | None = None


def answer(sources: Iterable[str], examine: Callable[[str], list[Report]], output: Output) -> RC:
    """Examines every source, prints what was found and says how it went.

    A file that cannot be examined does not lose the others: its problem goes to standard error and the
    status is 2, because 0 and 1 promise that everything was looked at (grep counts so too).
    """
    want = select.wanted(output.select, output.ignore)
    reports: list[Report] = []
    failures: list[Failure] = []
    for source in sources:
        try:
            reports.extend(examine(source))
        except Problem as problem:
            failures.append(Failure(source, problem))
        except OSError as error:
            failures.append(Failure(source, _unreadable(source, error)))
        except Exception as error:  # a bug in one file's diagnosis must not cost the other answers
            failures.append(Failure(source, as_problem(error)))
    reports = select.filtered(reports, want)
    _show(reports, failures, output)
    for failure in failures:
        terminal.complain(failure.problem, failure.source)
    return _status(reports, failures, output)


def _unreadable(source: str, error: OSError) -> Problem:
    """The file itself cannot be read; anything else is a bug."""
    if error.filename != source:
        return as_problem(error)
    return Problem(
        f"{source} cannot be read: {(error.strerror or str(error)).lower()}.", "Name another file."
    )


def _show(reports: Sequence[Report], failures: Sequence[Failure], output: Output) -> None:
    machine = output.format in terminal.MACHINE
    if failures and not reports and not machine:
        return
    in_file = output.file is not None
    text = render(
        reports,
        output.format,
        width=output.width or (terminal.PIPED_WIDTH if in_file else terminal.width(sys.stdout)),
        color=output.color == "always" if in_file else terminal.color(output.color, sys.stdout),
        unicode=in_file or machine or terminal.unicode(sys.stdout),
        base=str(Path.cwd()) if output.format in ("sarif", "github", "gitlab") else "",
        failures=failures,
    )
    if output.file is not None:
        terminal.write_file(text, output.file)
    else:
        terminal.write(text, raw=machine)


def _status(reports: Sequence[Report], failures: Sequence[Failure], output: Output) -> RC:
    if failures:
        return RC.FAILED
    found = any(_counts(report) for report in reports)
    return RC.FOUND if found and not output.exit_zero else RC.OK


def _counts(report: Report) -> bool:
    """A refusal, or a finding that is more than a note."""
    if report.verdict in (Verdict.REFUSED, Verdict.NOT_COMPILED, Verdict.NOT_LOADED):
        return True
    return any(diagnosis.severity is not Severity.NOTE for diagnosis in report.diagnoses)
