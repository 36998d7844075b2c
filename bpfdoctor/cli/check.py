"""`bpfdoctor check`: compile, load, explain."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from bpfdoctor.cli import checking, complete, config_file, linting, piped_program
from bpfdoctor.cli import options as opt
from bpfdoctor.kernel.capabilities import NAMES
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import COMPILE_SECONDS, CaptureOptions, Flavour

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Compile and load programs, and explain every refusal.")
def check(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Programs: .c (BCC or libbpf style), .py with BPF(text=…), .o, "
            "loaders with objects inside, or a directory of them; - is standard input",
        ),
    ],
    stdin_name: Annotated[
        str | None,
        typer.Option(
            "--stdin-name",
            metavar="FILE",
            help="With -: the file that standard input stands for, in messages and for its headers.",
        ),
    ] = None,
    config: opt.Config = None,
    include: opt.Include = None,
    define: opt.Define = None,
    cflags: opt.Cflags = None,
    clang: opt.Clang = None,
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
    prog: opt.Programs = None,
    set_globals: opt.SetGlobals = None,
    shapes: Annotated[
        bool,
        typer.Option(
            "--shapes",
            help="Also load with each value of its constants (const volatile) that its branches test.",
        ),
    ] = False,
    kernel: Annotated[
        list[str] | None,
        typer.Option(
            "--kernel",
            metavar="KERNELS",
            autocompletion=complete.kernels,
            help="Real kernels in small VMs: 5.10,6.12, a path, all; host is this one. Needs no root.",
        ),
    ] = None,
    caps: Annotated[
        list[str] | None,
        typer.Option(
            "--caps",
            metavar="SETS",
            autocompletion=complete.capabilities,
            help=f"Load with fewer capabilities: {', '.join(NAMES)}.",
        ),
    ] = None,
    compile_limit: Annotated[
        int,
        typer.Option("--compile-limit", metavar="SECONDS", min=1, help="Processor time for clang, per file."),
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
            help="For each refused program, try other flags, other clangs and newer cached kernels (3 s).",
        ),
    ] = True,
    preflight: Annotated[
        bool,
        typer.Option(
            "--preflight/--no-preflight",
            help="Of what loads: warn, where its hook will not fire on this kernel.",
        ),
    ] = True,
    lint: Annotated[
        list[str] | None,
        typer.Option(
            "--lint",
            metavar="RULES",
            help="Of what loads: look for these, too, such as printk-left-in, or all; none: for nothing.",
        ),
    ] = None,
    oldest_kernel: Annotated[
        str | None,
        typer.Option(
            "--oldest-kernel",
            metavar="VERSION",
            help="Warn of what a kernel of this version does not have: 5.4.",
        ),
    ] = None,
    all_paths: Annotated[
        bool,
        typer.Option(
            "--all-paths",
            help="For --output-format html: step through all that the verifier walked, "
            "also of programs that load (log level 2: slower).",
        ),
    ] = False,
    witness: Annotated[
        str | None,
        typer.Option(
            "--witness",
            metavar="DIR",
            help="Write the input with which each refused program goes wrong to DIR: a packet, and JSON.",
        ),
    ] = None,
    jobs: opt.Jobs = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="N/OF",
            help="Only this part of the files, by their content: 3/8, for eight jobs.",
        ),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache/--no-cache", help="--no-cache looks at every file anew (bpfdoctor config --clear-cache)."
        ),
    ] = True,
    output_format: opt.OutputFormat = "full",
    output_file: opt.OutputFile = None,
    also: opt.Also = None,
    select: opt.Select = None,
    ignore: opt.Ignore = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 for warnings and notes, too, not for refusals alone.")
    ] = False,
    baseline: opt.KnownFindings = None,
    write_baseline: opt.WriteBaseline = None,
    exit_zero: opt.ExitZero = False,
    color: opt.ColorChoice = "auto",
    width: opt.Width = None,
    ascii: opt.Ascii = False,
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
      bpfdoctor check - --stdin-name pkt.bpf.c < pkt.bpf.c
      bpfdoctor check --diff --kernel 5.10,6.12 pkt.bpf.c
    """
    sets, kernels = _listed(caps) or ["full"], _listed(kernel)
    opt.check_capabilities(sets)
    asked = CaptureOptions(
        include_dirs=tuple(include or ()),
        defines=tuple(define or ()),
        cflags=opt.split(cflags),
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

    output = opt.output(
        output_format, output_file, select, ignore, exit_zero, color, width, context.obj, also, ascii
    )
    output = replace(output, baseline=baseline, write_baseline=write_baseline, strict=strict)
    if all_paths and not output.steps:
        raise typer.BadParameter("--all-paths is for --output-format html, which steps through them.")
    asked = replace(asked, stepped=output.steps, all_paths=all_paths)
    lints = linting.factory(_listed(lint), output.select, oldest_kernel)
    if stdin_name is not None and "-" not in paths:
        raise typer.BadParameter(
            "names what comes from standard input: put - among the paths.", param_hint="--stdin-name"
        )
    if fix and "-" in paths:
        raise typer.BadParameter("--fix writes into files, and - is none: --diff shows the patch.")
    sources = checking.files(piped_program.taken(paths, stdin_name))
    if shard is not None:
        from bpfdoctor.cli import sharding

        if not (sources := sharding.shard(sources, shard)):
            raise typer.Exit(checking.nothing(output, f"No file is in shard {shard}."))
    options = partial(_of_file, asked, context.obj, opt.given(context))
    if fix or diff:
        if shapes:
            raise typer.BadParameter("--shapes shows and --fix and --diff mend: name one of them.")
        _check_mending(fix, diff, load)
        from bpfdoctor.cli import mend
        from bpfdoctor.cli.answer import told

        comments = checking.obeyed(options, hooks=False)
        with mend.on_kernels(options, kernels, sets, fix_timeout, unsafe_fixes, comments, jobs) as mender:
            if diff:
                raise typer.Exit(mend.shown(sources, mender))
            output = replace(output, comments=comments)
            raise typer.Exit(told(len(sources), mend.written(sources, mender), output))
    if witness is not None and (not load or kernels or len(sets) > 1):
        raise typer.BadParameter("--witness runs what this kernel refuses, with one set of capabilities.")
    if shapes and (not load or kernels or len(sets) > 1 or witness is not None):
        raise typer.BadParameter("--shapes loads on this kernel, with one set of capabilities.")
    if shapes:
        raise typer.Exit(checking.check_shapes(sources, options, output, jobs))
    raise typer.Exit(
        checking.check(sources, options, output, kernels, sets, witness, preflight, jobs, lints, cache)
    )


def _of_file(
    asked: CaptureOptions, config: config_file.Config | None, given: frozenset[str], path: Path
) -> CaptureOptions:
    return config.options(asked, str(path), given) if config else asked


def _check_mending(fix: bool, diff: bool, load: bool) -> None:
    """Raises a usage error for what can't be done."""
    if fix and diff:
        raise typer.BadParameter("--fix writes and --diff shows: name one of them.")
    if not load:
        raise typer.BadParameter("--fix and --diff try patches on a kernel, and --no-load asks none.")


def _listed(values: list[str] | None) -> list[str]:
    """`--kernel 5.10,6.1 --kernel all` as a list."""
    return list(
        dict.fromkeys(word.strip() for value in values or () for word in value.split(",") if word.strip())
    )
