"""`bpfdoctor check`: compile, load, explain."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_BUILD = "How it is compiled"


@app.command(short_help="Compile and load programs, and explain every refusal.")
def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Programs: .c (BCC or libbpf style), .py with BPF(text=…), .o"
        ),
    ],
    include: Annotated[
        list[str] | None, typer.Option("-I", metavar="DIR", help="Look for headers in DIR too.")
    ] = None,
    define: Annotated[
        list[str] | None, typer.Option("-D", metavar="NAME[=VALUE]", help="Define a macro.")
    ] = None,
    cflags: Annotated[
        list[str] | None,
        typer.Option("--cflags", metavar="FLAGS", help="More flags for clang, as a shell splits them."),
    ] = None,
    clang: Annotated[str | None, typer.Option("--clang", metavar="PROGRAM", help="The clang to use.")] = None,
    target_arch: Annotated[
        str | None,
        typer.Option("--target-arch", metavar="ARCH", help="x86, arm64 …, as in -D__TARGET_ARCH_x86."),
    ] = None,
    flavour: Annotated[
        Literal["bcc", "libbpf", "bcc-python", "object"] | None,
        typer.Option("--flavour", help="What the file is, when the guess is wrong."),
    ] = None,
    prog_type: Annotated[
        str | None,
        typer.Option(
            "--prog-type", metavar="TYPE", help="Load as this type (xdp, kprobe …), whatever the name says."
        ),
    ] = None,
    prog: Annotated[
        list[str] | None, typer.Option("--prog", metavar="NAME", help="Only this program; may be repeated.")
    ] = None,
    caps: Annotated[
        Literal["full", "no-perfmon", "bpf+net", "unprivileged"],
        typer.Option("--caps", help="Load with fewer capabilities than you have."),
    ] = "full",
    load: Annotated[bool, typer.Option("--load/--no-load", help="--no-load only compiles.")] = True,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    exit_zero: opt.ExitZero = False,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
) -> None:
    """Compile and load programs on this kernel, and explain every refusal.

    Programs are loaded, never attached, and nothing stays behind. It needs root or CAP_BPF; --no-load needs
    neither.

    \b
    Examples:
      bpfdoctor check pkt.bpf.c
      bpfdoctor check tool.py --prog trace_open
      bpfdoctor check src/*.bpf.c -I include --output-format github
    """
    from bpfdoctor.cli.answer import answer

    asked = CaptureOptions(
        include_dirs=tuple(include or ()),
        defines=tuple(define or ()),
        cflags=_split(cflags),
        clang=clang,
        target_arch=target_arch,
        prog_type=prog_type,
        programs=tuple(prog or ()),
        flavour=Flavour(flavour) if flavour else None,
        load=load,
        capabilities=caps,
        environment=dict(os.environ),
    )

    def examine(source: str) -> list[Report]:
        from bpfdoctor import pipeline

        return pipeline.check(Path(source), asked)

    output = opt.output(output_format, output_file, select, ignore, exit_zero, color, width)
    raise typer.Exit(answer(dict.fromkeys(paths), examine, output))


def _split(flags: list[str] | None) -> tuple[str, ...]:
    try:
        return tuple(word for text in flags or () for word in shlex.split(text))
    except ValueError as error:
        raise Problem(
            f"--cflags cannot be split: {str(error).lower()}.", "Quote it as for a shell."
        ) from None
