"""The `bpfdoctor` command: finds the command that was asked for and imports nothing else."""

from __future__ import annotations

import os
import shlex
from difflib import get_close_matches
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bpfdoctor import __version__
from bpfdoctor.cli.rc import RC

# A command is a module of this folder with a `typer.Typer` called `app`.
COMMANDS = (
    "check",
    "preflight",
    "log",
    "run",
    "explain",
    "rules",
    "reduce",
    "kernels",
    "report",
    "config",
    "dev",
)
_MODULES = {"run": "run_loader"}  # of those that are called otherwise


class Commands(TyperGroup):
    """The commands, each imported when it is asked for: building them all would cost more than most logs."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"bpfdoctor.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name in COMMANDS or name.startswith("-") or ctx.resilient_parsing:  # a shell completes
            return super().resolve_command(ctx, args)
        if os.path.exists(name):
            word = shlex.quote(name)
            ctx.fail(
                f"{name} is a file. `bpfdoctor check {word}` checks a program, "
                f"`bpfdoctor log {word}` reads a log."
            )
        near = get_close_matches(name, COMMANDS, 1)
        return ctx.fail(f"there is no command {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"bpfdoctor {__version__}")
        raise typer.Exit()


@app.callback()
def bpfdoctor(
    version: Annotated[
        bool,
        typer.Option("-V", "--version", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Explain why the verifier refused a program, show where, and fix it.

    \b
    Examples:
      bpfdoctor check pkt.bpf.c              compile it, load it, explain what is refused
      bpfdoctor log ci.log                   explain a log
      sudo ./loader 2>&1 | bpfdoctor         the same, from a pipe
      bpfdoctor run -- sudo ./loader         the same, and what it prints as usual
      bpfdoctor explain packet-bounds        the page of a rule

    \b
    Exit status:
      0  everything loads, no findings
      1  refused, or findings reported
      2  bpfdoctor could not do its job
    """


def command_line(given: list[str]) -> int:
    """Does what `given` asks for. Raises Problem, and SystemExit with the status after a usage error."""
    return int(typer.main.get_command(app).main(args=given, prog_name="bpfdoctor") or RC.OK)
