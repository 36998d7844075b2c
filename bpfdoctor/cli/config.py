"""`bpfdoctor config`: which settings hold, and where each comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from bpfdoctor.cli import check, config_file, config_path, terminal
from bpfdoctor.cli import options as opt

app = typer.Typer(rich_markup_mode=None, add_completion=False)
_ENVIRONMENT = {"experiments": "BPFDOCTOR_EXPERIMENTS"}


@app.command(short_help="Print the settings that apply, and where they come from.")
def config(
    context: typer.Context,
    program: Annotated[
        str | None, typer.Argument(metavar="[PROGRAM]", help="Also the settings for this program alone.")
    ] = None,
    file: opt.Config = None,
    clear_cache: Annotated[
        bool, typer.Option("--clear-cache", help="Forget what `check` has said of files, and end.")
    ] = False,
) -> None:
    """Print the settings that apply here to `check` and `log`, and where they come from.

    They are in bpfdoctor.toml, or in pyproject.toml under [tool.bpfdoctor], in this folder or above it, up
    to the folder of the repository. An option on the command line replaces a setting; -I, -D, --cflags, --set
    and --ignore add to it.

    \b
    Examples:
      bpfdoctor config
      bpfdoctor config src/bpf/legacy/tool.bpf.c

    \b
    A file:
      paths = ["src/bpf"]
      kernel = ["5.10", "6.12"]
      ignore = ["BD207"]
      [per-file."src/bpf/legacy/*"]
      define = { OLD_API = 1 }
    """
    if clear_cache:
        from bpfdoctor.cli import answer_store
        from bpfdoctor.render.words import plural

        terminal.write(f"{plural(answer_store.cleared(), 'stored answer')} removed.\n")
        return
    told: config_file.Config | None = context.obj
    terminal.write("".join(f"{line}\n" for line in _lines(told, program)))


def _lines(told: config_file.Config | None, program: str | None) -> Iterator[str]:
    if told is None:
        yield f"No {' and no '.join(config_path.NAMES)} with settings in this folder or above it."
    else:
        yield f"Settings from {told.file}:"
    rows = list(_rows(told, program))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for key, value, source in rows:
        yield f"  {key:{widths[0]}}  {value:{min(widths[1], 50)}}  {source}"


def _rows(told: config_file.Config | None, program: str | None) -> Iterator[tuple[str, str, str]]:
    """(key, value, where it comes from)"""
    parameters = {each.name: each for each in typer.main.get_command(check.app).params}
    defaults = told.defaults() if told else {}  # looks at paths, too
    for key in config_file.KEYS:
        name = config_file.parameter(key)
        variable = _ENVIRONMENT.get(key, "")
        if variable and os.environ.get(variable):
            yield key, os.environ[variable], f"the environment ({variable})"
        elif told is not None and name in defaults:
            yield key, _written(defaults[name]), told.file.name
        else:
            yield key, _written(parameters[name].default), "the default"
    if told is not None and program is not None:
        for pattern, special in told.of(program):
            for key, value in special.items():
                yield key, _written(value), f"{told.file.name}, {pattern}"


def _written(value: Any) -> str:
    match value:
        case None | [] | ():
            return "-"
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ", ".join(map(str, value))
    return str(value)
