"""`bpfdoctor run`: start a loader, and explain what it prints."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bpfdoctor.cli import options as opt

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(
    short_help="Start a loader, and explain what it prints.",
    context_settings={"allow_interspersed_args": False},
)
def run(
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND...", help="The loader with its arguments, after a --.")
    ],
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="FILE", help="The program's source, for a patch; may be repeated."),
    ] = None,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    also: opt.Also = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
    ascii: opt.Ascii = False,
) -> None:
    """Start a loader, pass on what it prints, and explain it once it has ended.

    What it prints goes where it would go without bpfdoctor; the explanation goes to standard error, or to
    the file that -o names. The exit status is the loader's own (128 and the number for a signal).

    \b
    Examples:
      bpfdoctor run -- sudo ./loader -v
      bpfdoctor run --source pkt.bpf.c -- sudo ./loader
      bpfdoctor run --output-format github -- go test ./...
    """
    from bpfdoctor import rights
    from bpfdoctor.cli import recorded, terminal

    rights.require_own(f"bpfdoctor run -- sudo {command[0]}")
    output = opt.output(
        output_format, output_file, select, ignore, False, color, width, also=also, ascii=ascii
    )
    with recorded.Recording() as recording:
        try:
            status = recorded.run(command, recording)
        except recorded.NotStarted as problem:
            terminal.complain(problem)
            raise typer.Exit(problem.status) from None
        if output.file is None:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the loader printed stays as it is
        recorded.explain(command, status, recording, output, source or ())
    raise typer.Exit(status)
