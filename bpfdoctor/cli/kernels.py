"""`bpfdoctor kernels`: the kernels that `check --kernel` can use."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.cli import terminal
from bpfdoctor.cli.rc import RC
from bpfdoctor.kernel.capabilities import NAMES
from bpfdoctor.model.problem import Problem

if TYPE_CHECKING:
    from bpfdoctor.lab.inventory import KernelEntry
    from bpfdoctor.lab.results import Result

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="""The kernels that `check --kernel` can use: real ones, each in a small VM. Nothing needs root.

\b
Examples:
  bpfdoctor kernels get all              fetch the seven kernels, 5.10 to 7.3
  bpfdoctor kernels list                 what is installed, and what can be fetched
  bpfdoctor kernels run 6.1,7.3 pkt.o    load an object there
""",
    short_help="Fetch and list the kernels that `check --kernel` uses.",
)

Kernels = Annotated[
    list[str], typer.Argument(metavar="KERNEL...", help="6.12, 5.10.218, ./bzImage, /boot/vmlinuz-… or all")
]


@app.command("list", short_help="List the kernels that are installed, or can be fetched.")
def list_(
    output_format: Annotated[
        Literal["full", "json"], typer.Option("--output-format", help="json: for scripts.")
    ] = "full",
) -> None:
    """List the kernels that are installed, and those that can be fetched."""
    from bpfdoctor.lab import inventory

    found = inventory.entries()
    if output_format == "json":
        terminal.write(json.dumps([_as_dict(entry) for entry in found], indent=2) + "\n", raw=True)
    else:
        terminal.write(_listed(found))


@app.command(short_help="Fetch kernels and prepare them.")
def get(
    names: Kernels,
    update: Annotated[bool, typer.Option("--update", help="Also look for newer packages.")] = False,
) -> None:
    """Fetch kernels from Debian's signed archive and boot each once, so that checks are quick.

    \b
    Examples:
      bpfdoctor kernels get all              seven representative kernels, 5.10 to 7.3
      bpfdoctor kernels get 6.16 ./bzImage
    """
    from bpfdoctor.lab import inventory

    failed = False
    for fetched in inventory.get(names, _say, refresh=update):
        if fetched.problem:
            failed = True
            terminal.complain(fetched.problem)
        else:
            terminal.write(f"{fetched.kernel.version} is ready ({fetched.kernel.origin})\n")
    raise typer.Exit(RC.FAILED if failed else RC.OK)


@app.command(short_help="Remove kernels and their snapshots.")
def remove(names: Kernels) -> None:
    """Remove kernels from the cache, with their snapshots."""
    from bpfdoctor.lab import inventory

    for kernel, size in inventory.remove(names):
        terminal.write(f"{kernel.version} was removed ({size / 1e6:.0f} MB)\n")


@app.command(short_help="Load an object on kernels and print their logs.")
def run(
    names: Annotated[str, typer.Argument(metavar="KERNELS", help="5.10,6.12 or all")],
    path: Annotated[Path, typer.Argument(metavar="OBJECT", help="A compiled program: prog.o")],
    level: Annotated[Literal[1, 2], typer.Option("--level", help="The verifier's log level.")] = 1,
    caps: Annotated[
        str, typer.Option("--caps", metavar="SET", help=f"Load with fewer capabilities: {', '.join(NAMES)}.")
    ] = "full",
    prog: Annotated[str | None, typer.Option("--prog", metavar="NAME", help="Only this program.")] = None,
    prog_type: Annotated[
        str | None, typer.Option("--prog-type", metavar="TYPE", help="Load as this type.")
    ] = None,
    always: Annotated[
        bool, typer.Option("--always", help="Also print the log of programs that load.")
    ] = False,
    seconds: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="The time limit for one program.")
    ] = 60,
) -> None:
    """Load an object on kernels and print their logs, unchanged. `check --kernel` explains it.

    \b
    Examples:
      bpfdoctor kernels run 5.10,7.3 pkt.bpf.o
      bpfdoctor kernels run all pkt.bpf.o --level 2 | less
    """
    from bpfdoctor import regular_file
    from bpfdoctor.capture._limits import MOST_OBJECT
    from bpfdoctor.lab import kernels, pool
    from bpfdoctor.lab.results import Request

    opt.check_capabilities([caps])
    try:
        data = regular_file.read(path, MOST_OBJECT)
    except OSError as error:
        raise Problem(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    request = Request(
        data,
        name=path.name.split(".")[0],
        program=prog,
        levels=(level,),
        always=always,
        capabilities=caps,
        prog_type=prog_type,
        seconds=seconds,
    )
    status = RC.OK
    for result in pool.run(kernels.resolve(names.split(","), _say), [request], _say):
        status = max(status, _print(result, level))
    raise typer.Exit(status)


def _print(result: Result, level: int) -> RC:
    from bpfdoctor.lab.printed import printed
    from bpfdoctor.lab.reasons import not_possible
    from bpfdoctor.lab.results import Lost

    status = RC.OK
    for entry in result.programs:
        head = f"== {result.kernel.version}"
        if isinstance(entry, Lost):
            status = RC.FAILED
            text = entry.messages.decode("utf-8", "replace") or entry.console
            name = f" {entry.program}" if entry.program else ""
            terminal.write(f"{head}{name}: {entry.sentence}\n{text}\n")
            continue
        why = not_possible(entry, result.kernel)
        says = f"{entry.verdict}, {entry.insns} insns" if entry.verdict == "loads" else entry.verdict.value
        terminal.write(f"{head} {entry.program.name} ({entry.program.type}): {why or says}\n")
        if entry.verdict != "loads":
            status = max(status, RC.FOUND)
        if entry.verdict != "loads" or level in entry.logs:
            terminal.write(printed(entry, entry.at(level) or None).decode("utf-8", "replace"))
    return status


def _as_dict(entry: KernelEntry) -> dict[str, object]:
    kernel = entry.kernel
    return {
        "name": entry.name,
        "installed": kernel is not None,
        "release": kernel and kernel.release,
        "origin": entry.origin,
        "package": kernel and kernel.package,
        "source": kernel and kernel.source,
        "checksum": kernel and kernel.checksum,
        "arch": kernel and kernel.arch,
        "btf": kernel and kernel.btf,
        "cannot": list(kernel.cannot) if kernel else [],
        "ready": entry.warm,
        "bytes": entry.disk,
        "note": entry.note,
    }


def _listed(found: list[KernelEntry]) -> str:
    lines = []
    for entry in found:
        if entry.kernel:
            state = f"{'ready' if entry.warm else 'fetched'}, {entry.disk / 1e6:.0f} MB"
        else:
            state = "can be fetched"
        lines.append(f"{entry.name:<10}  {state:<16}  {entry.origin:<26}  {entry.note or ''}".rstrip() + "\n")
    return "".join(lines)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
