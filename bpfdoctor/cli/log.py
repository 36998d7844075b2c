"""`bpfdoctor log`: explain a verifier log or compiler errors that somebody pasted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Explain a log that is already there.")
def log(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...|-]", help="Texts to read; - or nothing is standard input."),
    ] = None,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    exit_zero: opt.ExitZero = False,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
) -> None:
    """Explain a log: the verifier's, the loader's, the compiler's, with whatever stands around it.

    A single line is enough for an answer; the whole log gives the line in your source. The log may be cut
    off, quoted, or full of timestamps. Nothing is compiled or loaded.

    \b
    Examples:
      bpfdoctor log ci.log
      sudo ./loader 2>&1 | bpfdoctor
      echo 'R3 !read_ok' | bpfdoctor log
    """
    from bpfdoctor.cli.answer import answer

    sources = list(dict.fromkeys(files or ["-"]))
    if "-" in sources and sys.stdin is not None and sys.stdin.isatty():
        print("reading the log from the terminal; end it with Ctrl-D", file=sys.stderr)

    def examine(source: str) -> list[Report]:
        from bpfdoctor import pipeline

        if source == "-" and sys.stdin is None:
            raise Problem("Standard input is closed.", "Name the file that holds the log.")
        return pipeline.read_log(None if source == "-" else Path(source))

    output = opt.Output(
        output_format, output_file, opt.names(select), opt.names(ignore), exit_zero, color, width
    )
    raise typer.Exit(answer(sources, examine, output))
