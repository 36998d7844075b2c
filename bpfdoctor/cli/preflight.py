"""`bpfdoctor preflight`: will these programs ever run where they want to be attached?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bpfdoctor.cli import checking
from bpfdoctor.cli import options as opt
from bpfdoctor.cli.answer import answer
from bpfdoctor.cli.examined import Jobs
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions

if TYPE_CHECKING:
    from bpfdoctor.preflight.system import System

_FEW = 4  # files that are looked at one after the other
app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Tell whether programs will ever run at their attach points.")
def preflight(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            help="Programs: .c (BCC or libbpf style), .py with BPF(text=…), .o, "
            "loaders with objects inside, or a directory of them; "
            "with --live a name, an id, or the process that holds them",
        ),
    ] = None,
    needs: Annotated[
        bool,
        typer.Option(
            "--needs", help="List the kernel features that the programs use, and which kernels have them."
        ),
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Watch programs that are loaded: attached? does the hook fire?")
    ] = False,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600, help="How long --live watches.")
    ] = 2,
    include: opt.Include = None,
    define: opt.Define = None,
    cflags: opt.Cflags = None,
    clang: opt.Clang = None,
    prog: opt.Programs = None,
    set_globals: opt.SetGlobals = None,
    interface: Annotated[
        str | None,
        typer.Option(
            "--interface", metavar="DEVICE", help="The device that XDP and tc programs are for: eth0."
        ),
    ] = None,
    cgroup: Annotated[
        str | None, typer.Option("--cgroup", metavar="FOLDER", help="The cgroup that the programs are for.")
    ] = None,
    kernel: Annotated[
        str | None,
        typer.Option(
            "--kernel",
            metavar="KERNEL",
            help="A kernel of the lab instead of this one: 6.12. With --needs several: 5.10,6.1.",
        ),
    ] = None,
    run: Annotated[
        bool,
        typer.Option(
            "--run",
            help="Run the .py in isolation, with a stand-in for BPF, instead of reading its source.",
        ),
    ] = False,
    arguments: Annotated[
        str | None,
        typer.Option("--args", metavar="ARGS", help="With --run: the tool's arguments (shell-quoted)."),
    ] = None,
    jobs: opt.Jobs = None,
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
    """Tell whether programs will ever run at their attach points, and if not, why.

    Programs are compiled and neither loaded nor attached; the kernel's files are only read. Some of them
    (tracefs, the list of traceable functions) need root; without it the answer says what is not known.

    \b
    Examples:
      bpfdoctor preflight trace.bpf.c
      bpfdoctor preflight tool.py --kernel 6.12
      bpfdoctor preflight --needs prog.o --kernel 5.15,6.1
      sudo bpfdoctor preflight --live        every program that is loaded here
      bpfdoctor preflight --run --args "-p 1234" tool.py
      bpfdoctor preflight --output-format json build/*.o

    \b
    Exit status:
      0  nothing known keeps a program from firing
      1  a program will not fire; a kernel lacks what one needs; a loaded one does not run
      2  bpfdoctor could not do its job
    """
    _check_request(paths, needs, live, output_format)
    as_json = output_format == "json"
    if live:
        from bpfdoctor.cli import live as watching

        raise typer.Exit(watching.live(paths[0] if paths else None, seconds, as_json=as_json))
    asked = CaptureOptions(
        include_dirs=tuple(include or ()),
        defines=tuple(define or ()),
        cflags=opt.split(cflags),
        clang=clang,
        programs=tuple(prog or ()),
        globals=tuple(set_globals or ()),
        load=False,
        environment=dict(os.environ),
    )
    if needs:
        from bpfdoctor.cli import needs as listing

        words = kernel.split(",") if kernel else []
        found = checking.files(paths or [])
        raise typer.Exit(listing.needs(found, asked, words, as_json=as_json, width=width))
    output = opt.output(
        output_format, output_file, select, ignore, exit_zero, color, width, also=also, ascii=ascii
    )
    output = replace(output, comments=checking.obeyed(lambda _: asked, hooks=True))
    from bpfdoctor.cli import terminal
    from bpfdoctor.preflight import system

    given = tuple(opt.split([arguments])) if run and arguments else () if run else None
    chosen = {key: word for key, word in (("interface", interface), ("cgroup", cgroup)) if word}
    sources = checking.files(paths or [])
    with system.of(kernel, terminal.progress) as machine:
        examine = partial(_examined, asked, machine, given, chosen)
        # A guest answers one at a time, and a tool that is run may print.
        alone = kernel not in (None, "host") or run
        raise typer.Exit(
            answer(
                sources,
                examine,
                output,
                jobs=Jobs(1 if alone or (jobs is None and len(sources) < _FEW) else jobs),
            )
        )


def _examined(
    asked: CaptureOptions,
    machine: System,
    arguments: tuple[str, ...] | None,
    chosen: Mapping[str, str],
    source: str,
) -> list[Report]:
    """`arguments` are those with which a tool is to be run; None where it is not."""
    from bpfdoctor.cli import terminal
    from bpfdoctor.preflight import run, tool_runs

    try:
        if arguments is not None and source.endswith(".py"):
            return tool_runs.ran(Path(source), arguments, asked, machine)
        return run.preflight(Path(source), asked, machine, chosen)
    finally:
        terminal.progress_done()


def _check_request(paths: list[str] | None, needs: bool, live: bool, output_format: str) -> None:
    if not paths and not live:
        raise typer.BadParameter("name a program, or a directory of them", param_hint="PATH...")
    if live and (needs or len(paths or ()) > 1):
        raise typer.BadParameter("takes one name, id or process, and no --needs", param_hint="--live")
    if (live or needs) and output_format not in ("full", "json"):
        hint = "--live" if live else "--needs"
        raise typer.BadParameter("has the formats full and json", param_hint=hint)
