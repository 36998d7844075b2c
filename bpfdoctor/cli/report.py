"""`bpfdoctor report`: what runs have stored, compared, put together or told as a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from bpfdoctor.cli import options as opt
from bpfdoctor.cli import terminal
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.problem import Problem

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="""What runs have stored with --output-format json: compared, put together, told as a table.

\b
Examples:
  bpfdoctor report diff main.json branch.json
  bpfdoctor report merge shard-*.json -o all.json
  bpfdoctor report summary all.json
""",
    short_help="Compare stored runs, put them together, or tell them as a table.",
)

Run = Annotated[Path, typer.Argument(metavar="FILE", help="JSON of bpfdoctor, or CSV of veristat")]


@app.command(short_help="Say what has changed from one run to another.")
def diff(
    old: Run,
    new: Run,
    output_format: Annotated[
        Literal["full", "markdown"], typer.Option("--output-format", help="markdown: for a comment in CI.")
    ] = "full",
    threshold: Annotated[
        float,
        typer.Option("--threshold", metavar="PERCENT", min=0, help="Tell numbers that change by this much."),
    ] = 0.0,
    fail_over: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-over",
            metavar="PERCENT",
            help="Exit 1 where a number grows by more: 10%, or insns=10%; may be repeated.",
        ),
    ] = None,
    output_file: opt.OutputFile = None,
    exit_zero: opt.ExitZero = False,
) -> None:
    """Say which programs load or are refused now, and which need more or fewer instructions, states or stack.

    Programs are told apart by file, name and kernel; releases of one series are one kernel. Exits 1 where a
    program no longer loads, or a new one does not, and where a number grows by more than --fail-over says:
    insns, states, peak-states, stack.

    \b
    Examples:
      bpfdoctor report diff main.json branch.json
      bpfdoctor report diff --fail-over insns=10% --fail-over stack=0 main.json branch.json
      bpfdoctor report diff --threshold 5 --output-format markdown old.csv new.csv
    """
    from bpfdoctor import stored_runs
    from bpfdoctor.render.changes import table

    limits = _limits(fail_over or ())
    changes = stored_runs.changes(stored_runs.read(old), stored_runs.read(new))
    markdown = output_format == "markdown"
    unicode = markdown or output_file is not None or terminal.unicode(sys.stdout)
    _written(table(changes, threshold, limits, markdown=markdown, unicode=unicode), output_file)
    worse = any(change.is_worse or change.over(limits) for change in changes)
    raise typer.Exit(RC.FOUND if worse and not exit_zero else RC.OK)


@app.command(short_help="Put the reports of several runs into one.")
def merge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON, or JSON lines, of bpfdoctor")],
    output_file: opt.OutputFile = None,
) -> None:
    """Put the reports of several runs into one JSON document, in the order of the programs' files.

    \b
    Examples:
      bpfdoctor report merge shard-*.json -o all.json
    """
    from bpfdoctor import stored_runs

    merged = stored_runs.merged(files)
    _written(json.dumps(merged, indent=2) + "\n", output_file)
    raise typer.Exit(RC.FAILED if merged["problems"] else RC.OK)


@app.command(short_help="Tell a run as a table, program × kernel.")
def summary(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON, or JSON lines, of bpfdoctor")],
    output_format: Annotated[
        Literal["markdown", "counts"],
        typer.Option("--output-format", help="counts: NAME=NUMBER lines, for a CI job's variables."),
    ] = "markdown",
    link: Annotated[
        str,
        typer.Option("--link", metavar="URL", help="Where files are seen: their paths are added to it."),
    ] = "",
    output_file: opt.OutputFile = None,
) -> None:
    """Tell one run, or several as one, as a table in Markdown: programs × kernels, and each finding once.

    Exits 0 whatever was found: the runs themselves have told it.

    \b
    Examples:
      bpfdoctor report summary bpfdoctor.json >> "$GITHUB_STEP_SUMMARY"
      bpfdoctor report summary --output-format counts shard-*.json
    """
    from bpfdoctor import stored_runs
    from bpfdoctor.cli import config_path
    from bpfdoctor.cli.drawn import links
    from bpfdoctor.render import Canvas
    from bpfdoctor.render import summary as drawing

    run = stored_runs.merged(files)
    canvas = Canvas(**links(config_path.repository()))
    try:
        if output_format == "counts":
            text = drawing.counts(run["reports"], run["problems"]).lines
        else:
            text = drawing.markdown(run["reports"], run["problems"], canvas, link)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Problem(f"{', '.join(map(str, files))}: not what --output-format json has stored.") from None
    _written(text, output_file)
    raise typer.Exit(RC.OK)


def _limits(words: Sequence[str]) -> dict[str, float]:
    """`insns=10%` as {"insns": 10.0}; a number alone is for each. Raises BadParameter."""
    from bpfdoctor.stored_runs import NUMBERS

    limits: dict[str, float] = {}
    for word in words:
        name, equals, most = word.rpartition("=")
        name = name.replace("-", " ")
        try:
            percent = float(most.strip().removesuffix("%"))
        except ValueError:
            percent = -1.0
        if not 0 <= percent < float("inf") or (equals and name not in NUMBERS):
            names = ", ".join(each.replace(" ", "-") for each in NUMBERS)
            raise typer.BadParameter(f"{word!r} is not like 10% or insns=10%; there are {names}")
        limits |= dict.fromkeys([name] if equals else NUMBERS, percent)
    return limits


def _written(text: str, file: Path | None) -> None:
    if file is None:
        terminal.write(text)
        return
    from bpfdoctor.cli import output_file

    output_file.write(text.encode("utf-8", "backslashreplace"), file)
