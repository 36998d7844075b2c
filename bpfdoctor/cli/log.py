"""`bpfdoctor log`: explain a verifier log or compiler errors that somebody pasted."""

from __future__ import annotations

from typing import Annotated

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.cli.reading import read_logs

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Explain an existing log.")
def log(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...|-]", help="Texts to read; - or nothing is standard input."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="FILE", help="The program's source, for a patch; may be repeated."),
    ] = None,
    object: Annotated[
        str | None,
        typer.Option("--object", metavar="FILE", help="The object it was loaded from, for lines and names."),
    ] = None,
    config: opt.Config = None,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    also: opt.Also = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    exit_zero: opt.ExitZero = False,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
    ascii: opt.Ascii = False,
) -> None:
    """Explain a log of the verifier, a loader or the compiler, even inside other output.

    A single line is enough for an answer; the whole log gives the line in your source. The log may be cut
    off, quoted, or full of timestamps. Nothing is compiled or loaded: a patch (--source) is not tried.

    \b
    Examples:
      bpfdoctor log ci.log
      bpfdoctor log ci.log --source pkt.bpf.c
      sudo ./loader 2>&1 | bpfdoctor
      echo 'R3 !read_ok' | bpfdoctor log
    """
    output = opt.output(
        output_format, output_file, select, ignore, exit_zero, color, width, context.obj, also, ascii
    )
    raise typer.Exit(read_logs(files or ["-"], output, source or (), object))
