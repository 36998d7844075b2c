"""`bpfdoctor check`: compile, load, explain."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.kernel.capabilities import NAMES
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import COMPILE_SECONDS, CaptureOptions, Flavour

_PATCH_SECONDS = 3.0  # of CPU, for trying patches; at least one of each program is tried

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Compile and load programs, and explain every refusal.")
def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Programs: .c (BCC or libbpf style), .py with BPF(text=…), .o, or a directory of them",
        ),
    ],
    include: Annotated[
        list[str] | None, typer.Option("-I", metavar="DIR", help="Also look for headers in DIR.")
    ] = None,
    define: Annotated[
        list[str] | None, typer.Option("-D", metavar="NAME[=VALUE]", help="Define a macro.")
    ] = None,
    cflags: Annotated[
        list[str] | None,
        typer.Option("--cflags", metavar="FLAGS", help="Extra clang flags (shell-quoted)."),
    ] = None,
    clang: Annotated[str | None, typer.Option("--clang", metavar="PROGRAM", help="The clang to use.")] = None,
    target_arch: Annotated[
        str | None,
        typer.Option("--target-arch", metavar="ARCH", help="x86, arm64 …, as in -D__TARGET_ARCH_x86."),
    ] = None,
    flavour: Annotated[
        Literal["bcc", "libbpf", "bcc-python", "object"] | None,
        typer.Option("--flavour", help="Input type, if detection is wrong."),
    ] = None,
    prog_type: Annotated[
        str | None,
        typer.Option(
            "--prog-type", metavar="TYPE", help="Load as this type (xdp, kprobe …), whatever SEC says."
        ),
    ] = None,
    prog: Annotated[
        list[str] | None, typer.Option("--prog", metavar="NAME", help="Only this program; may be repeated.")
    ] = None,
    set_globals: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Set a constant (const volatile) before loading, as its loader would; may be repeated.",
        ),
    ] = None,
    kernel: Annotated[
        list[str] | None,
        typer.Option(
            "--kernel",
            metavar="KERNELS",
            help="Real kernels in small VMs: 5.10,6.12, a path, all; host is this one. Needs no root.",
        ),
    ] = None,
    caps: Annotated[
        list[str] | None,
        typer.Option("--caps", metavar="SETS", help=f"Load with fewer capabilities: {', '.join(NAMES)}."),
    ] = None,
    compile_limit: Annotated[
        int,
        typer.Option("--compile-limit", metavar="SECONDS", min=1, help="How long clang may take for a file."),
    ] = COMPILE_SECONDS,
    load: Annotated[bool, typer.Option("--load/--no-load", help="--no-load only compiles.")] = True,
    fix: Annotated[bool, typer.Option("--fix", help="Write the patches that load into the files.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print the patches that load as one diff; write nothing.")
    ] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="With --fix or --diff: also what may change behaviour."),
    ] = False,
    fix_timeout: Annotated[
        float,
        typer.Option("--fix-timeout", metavar="SECONDS", min=0, help="With --fix and --diff: for each file."),
    ] = 20.0,
    experiments: Annotated[
        bool,
        typer.Option(
            "--experiments/--no-experiments",
            envvar="BPFDOCTOR_EXPERIMENTS",
            help="Of what is refused: try other flags, other clangs, newer kernels in the cache (3 s).",
        ),
    ] = True,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    exit_zero: opt.ExitZero = False,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
) -> None:
    """Compile and load programs on this kernel, and explain every refusal.

    Programs are loaded, never attached, and nothing is left loaded. Loading on this kernel needs root or
    CAP_BPF; --kernel and --no-load need neither.

    \b
    Examples:
      bpfdoctor check pkt.bpf.c
      bpfdoctor check tool.py --prog trace_open
      bpfdoctor check src/bpf
      bpfdoctor check -I include --output-format github -- src/*.bpf.c
      bpfdoctor check pkt.bpf.c --kernel 5.10,6.1,6.12,7.3
      bpfdoctor check --fix pkt.bpf.c
    """
    from bpfdoctor.cli.answer import answer

    sets, kernels = _listed(caps) or ["full"], _listed(kernel)
    opt.check_capabilities(sets)
    asked = CaptureOptions(
        include_dirs=tuple(include or ()),
        defines=tuple(define or ()),
        cflags=_split(cflags),
        clang=clang,
        target_arch=target_arch,
        prog_type=prog_type,
        programs=tuple(prog or ()),
        globals=tuple(set_globals or ()),
        flavour=Flavour(flavour) if flavour else None,
        load=load,
        compile_seconds=compile_limit,
        experiments=experiments,
        capabilities=sets[0],
        environment=dict(os.environ),
    )

    output = opt.output(output_format, output_file, select, ignore, exit_zero, color, width)
    sources = _files(paths)
    if fix or diff:
        _check_mending(fix, diff, load, kernels, sets)
        from bpfdoctor.cli import mend

        if diff:
            raise typer.Exit(mend.shown(sources, asked, fix_timeout, unsafe_fixes))
        wanted = partial(mend.written, options=asked, seconds=fix_timeout, unsafe=unsafe_fixes)
        raise typer.Exit(answer(sources, wanted, output))
    without = _without_rights(asked) if load and not kernels else None
    if isinstance(without, str):
        kernels, without = [without], None
    if kernels or len(sets) > 1:
        raise typer.Exit(answer(sources, _on_kernels(sources, asked, kernels or ["host"], sets), output))
    raise typer.Exit(answer(sources, partial(_here, asked, without_rights=without), output))


def _check_mending(fix: bool, diff: bool, load: bool, kernels: list[str], sets: list[str]) -> None:
    """Patches are tried on the running kernel. Raises a usage error for anything else."""
    if fix and diff:
        raise typer.BadParameter("--fix writes and --diff shows: name one of them.")
    if not load or kernels or len(sets) > 1:
        raise typer.BadParameter("--fix and --diff try patches on this kernel, with one set of capabilities.")


def _without_rights(asked: CaptureOptions) -> str | Problem | None:
    """None where this process may load; else the lab's newest kernel, or what to say of what compiles.

    A kernel that cannot be started is one more way out; it hides no other.
    """
    from bpfdoctor.capture import privileges

    try:
        privileges.require(asked)
    except privileges.NoRights as problem:
        from bpfdoctor.cli import terminal
        from bpfdoctor.lab import kernels as lab  # takes a while, and most people have the rights
        from bpfdoctor.lab import pool

        try:
            newest = lab.newest_installed().version
        except Problem:
            return problem
        try:
            pool.Lab(terminal.progress).close()
        except Problem as lacking:
            in_a_vm = f"Or ask kernel {newest}, which is in the cache, in a VM. {lacking.sentence}"
            return Problem(problem.sentence, *problem.ways_out, " ".join((in_a_vm, *lacking.ways_out)))
        finally:
            terminal.progress_done()
        instead = f"Asking kernel {newest} in a VM instead (--kernel {newest})."
        sys.stderr.write(f"{problem.sentence} {instead}\n")
        return newest
    return None


def _here(asked: CaptureOptions, source: str, without_rights: Problem | None = None) -> list[Report]:
    from bpfdoctor import mending, pipeline
    from bpfdoctor.capture.privileges import NoRights

    try:
        if asked.load:
            return mending.check(Path(source), asked, _PATCH_SECONDS)
        return pipeline.check(Path(source), asked)
    except NoRights as problem:
        raise without_rights or problem from None


def _on_kernels(
    sources: list[str], asked: CaptureOptions, kernels: list[str], sets: list[str]
) -> Callable[[str], list[Report]]:
    """Answers file by file; the guests stay warm from one to the next."""
    from bpfdoctor import matrix
    from bpfdoctor.cli import terminal

    told = matrix.check([Path(source) for source in sources], asked, kernels, sets, terminal.progress)
    broken: list[Problem] = []  # what keeps every file from being tried

    def examine(_: str) -> list[Report]:
        try:
            found = broken[0] if broken else next(told)[1]
        except Problem as problem:
            broken.append(found := problem)
        finally:
            terminal.progress_done()
        if isinstance(found, Exception):
            raise found
        return found

    return examine


def _files(paths: list[str]) -> list[str]:
    """The paths, each once, with the programs in a directory in its place."""
    from bpfdoctor.capture import programs_in

    listed = [each for path in paths for each in (programs_in(Path(path)) if os.path.isdir(path) else [path])]
    return list(dict.fromkeys(listed))


def _listed(values: list[str] | None) -> list[str]:
    """`--kernel 5.10,6.1 --kernel all` as a list."""
    return list(
        dict.fromkeys(word.strip() for value in values or () for word in value.split(",") if word.strip())
    )


def _split(flags: list[str] | None) -> tuple[str, ...]:
    try:
        return tuple(word for text in flags or () for word in shlex.split(text))
    except ValueError as error:
        raise Problem(
            f"--cflags cannot be split: {str(error).lower()}.", "Quote it as for a shell."
        ) from None
