"""`bpfdoctor preflight`: will these programs ever run where they want to be attached?"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bpfdoctor.cli import checking
from bpfdoctor.cli import options as opt
from bpfdoctor.cli.answer import answer
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.report import CaptureOptions

if TYPE_CHECKING:
    from bpfdoctor.preflight.system import System

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Say whether programs will ever run where they want to be attached.")
def preflight(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Programs: .c (BCC or libbpf style), .py with BPF(text=…), .o, or a directory of them",
        ),
    ],
    include: opt.Include = None,
    define: opt.Define = None,
    cflags: opt.Cflags = None,
    clang: opt.Clang = None,
    prog: opt.Programs = None,
    kernel: Annotated[
        str | None,
        typer.Option("--kernel", metavar="KERNEL", help="A kernel of the lab instead of this one: 6.12."),
    ] = None,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    exit_zero: opt.ExitZero = False,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
) -> None:
    """Say whether programs will ever run where they want to be attached, and why not.

    Programs are compiled and neither loaded nor attached; the kernel's files are only read. Some of them
    (tracefs, the list of traceable functions) need root; without it the answer says what is not known.

    \b
    Examples:
      bpfdoctor preflight trace.bpf.c
      bpfdoctor preflight tool.py --kernel 6.12
      bpfdoctor preflight --output-format json build/*.o

    \b
    Exit status:
      0  nothing that is known keeps a program from firing
      1  a program will not fire
      2  bpfdoctor could not do its job
    """
    asked = CaptureOptions(
        include_dirs=tuple(include or ()),
        defines=tuple(define or ()),
        cflags=opt.split(cflags),
        clang=clang,
        programs=tuple(prog or ()),
        load=False,
        environment=dict(os.environ),
    )
    output = opt.output(output_format, output_file, select, ignore, exit_zero, color, width)
    from bpfdoctor.cli import terminal
    from bpfdoctor.preflight import system

    with system.of(kernel, terminal.progress) as machine:
        raise typer.Exit(answer(checking.files(paths), partial(_examined, asked, machine), output))


def _examined(asked: CaptureOptions, machine: System, source: str) -> list[Report]:
    from bpfdoctor.cli import terminal
    from bpfdoctor.preflight.run import preflight as looked_at

    try:
        return looked_at(Path(source), asked, machine)
    finally:
        terminal.progress_done()
