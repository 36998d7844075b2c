"""`bpfdoctor rules`: everything bpfdoctor can explain."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Literal

import typer

from bpfdoctor.catalogue import Rule
from bpfdoctor.catalogue.topics import Topic
from bpfdoctor.cli import terminal
from bpfdoctor.cli.options import ColorChoice

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="List every rule.")
def rules(
    output_format: Annotated[
        Literal["full", "json"], typer.Option("--output-format", help="full: by category. json: for scripts.")
    ] = "full",
    color: ColorChoice = "auto",
) -> None:
    """List every rule: its id, its name, and what it says.

    \b
    Examples:
      bpfdoctor rules | grep stack
      bpfdoctor rules --output-format json
    """
    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics

    known = catalogue.load().rules
    if output_format == "json":
        terminal.write(
            json.dumps([_as_dict(rule) for rule in known], indent=2, ensure_ascii=False) + "\n", raw=True
        )
    else:
        terminal.write(_listed(known, topics.load(), terminal.color(color, sys.stdout)))


def _as_dict(rule: Rule) -> dict[str, str | None]:
    return {
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "category": rule.category.value,
        "layer": rule.layer.value,
        "severity": rule.severity.value,
        "since": rule.since,
    }


def _listed(known: tuple[Rule, ...], topics: tuple[Topic, ...], color: bool) -> str:
    """A heading per category, the rules by id; the topics of `explain` last."""
    from bpfdoctor.render.text.paint import paint, style

    wide = max((len(rule.name) for rule in known), default=0)
    blocks = []
    for category in dict.fromkeys(rule.category for rule in known):
        lines = [style(category.value, "strong")]
        lines += [
            f"  {style(rule.id, 'dim')}  {rule.name:<{wide}}  {rule.title}"
            for rule in known
            if rule.category is category
        ]
        blocks.append("\n".join(lines) + "\n")
    about = [f"  {each.name:<{wide + 7}}  {each.title}" for each in topics]
    blocks.append("\n".join([style("What holds on which kernel", "strong"), *about]) + "\n")
    return paint("\n".join(blocks), color)
