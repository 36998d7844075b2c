"""Reads logs and answers: what `bpfdoctor log` does once its options are known."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from bpfdoctor.cli.answer import answer
from bpfdoctor.cli.output_options import OutputOptions
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem


def read_logs(
    files: Iterable[str], output: OutputOptions, programs: Sequence[str] = (), object: str | None = None
) -> RC:
    """Explains the logs in `files`; `-` is standard input. `programs`: the sources they are about;
    `object`: what these were compiled to.
    """
    sources = list(dict.fromkeys(files))
    if "-" in sources and sys.stdin is not None and sys.stdin.isatty():
        print("reading the log from the terminal; end it with Ctrl-D", file=sys.stderr)
    return answer(sources, lambda source: _examine(source, programs, object, output.steps), output)


def _examine(source: str, programs: Sequence[str], object: str | None, steps: bool) -> list[Report]:
    from bpfdoctor import pipeline

    if source == "-" and sys.stdin is None:
        raise Problem("Standard input is closed.", "Name the file that holds the log.")
    return pipeline.read_log(None if source == "-" else source, programs, object, stepped=steps)
