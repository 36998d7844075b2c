"""`bpfdoctor reduce`: the smallest program that is refused in the same way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.cli import output_file, terminal
from bpfdoctor.model.report import CaptureOptions

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Make a refused program as small as it can be, for a bug report.")
def reduce(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="A .c file in libbpf's style; it stays as it is.")
    ],
    include: opt.Include = None,
    define: opt.Define = None,
    cflags: opt.Cflags = None,
    clang: opt.Clang = None,
    prog: opt.Programs = None,
    timeout: Annotated[
        float,
        typer.Option("--timeout", metavar="SECONDS", min=1, help="Of CPU; what there is by then is printed."),
    ] = 60.0,
    output: Annotated[
        str | None, typer.Option("-o", "--output-file", metavar="FILE", help="Write the program there.")
    ] = None,
) -> None:
    """Leave out of a refused program all that can be: it is still refused by this kernel (or by the compiler)
    with the same message, at the same line of code.

    What it includes is left as it is. Programs are loaded, never attached.

    \b
    Examples:
      bpfdoctor reduce pkt.bpf.c -o small.bpf.c
      bpfdoctor reduce --prog on_exec --timeout 300 trace.bpf.c
    """
    from bpfdoctor import reducing

    options = CaptureOptions(
        include_dirs=tuple(include or ()),
        defines=tuple(define or ()),
        cflags=opt.split(cflags),
        clang=clang,
        programs=tuple(prog or ()),
        environment=dict(os.environ),
    )
    try:
        found = reducing.reduce(
            Path(path), options, timeout, lambda lines: terminal.progress(f"{path}: {lines} lines")
        )
    finally:
        terminal.progress_done()
    if output is None:
        terminal.write(found.text, raw=True)
    else:
        output_file.write(found.text.encode(), Path(output))
    enough = "" if found.is_whole else "; time was up (--timeout)"
    lines = found.text.count("\n")
    terminal.say(
        f"{path}: {found.lines_before} lines, now {lines}, after {found.tries} tries{enough}: {found.refusal}"
    )
