"""`bpfdoctor rules`: everything bpfdoctor can explain."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import typer

from bpfdoctor.catalogue import Rule
from bpfdoctor.catalogue.topics import Topic
from bpfdoctor.cli import terminal
from bpfdoctor.cli.options import ColorChoice
from bpfdoctor.cli.select import unknown
from bpfdoctor.model.problem import Problem

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="List every rule.")
def rules(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD...]", help="Only rules with all of these in id, name, title, kind or topic."
        ),
    ] = None,
    output_format: Annotated[
        Literal["full", "json"], typer.Option("--output-format", help="full: by category. json: for scripts.")
    ] = "full",
    color: ColorChoice = "auto",
) -> None:
    """List every rule, or those that a word finds: id, name, and what it says.

    \b
    Examples:
      bpfdoctor rules stack
      bpfdoctor rules --output-format json
    """
    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics

    wanted = [word.lower() for word in words or ()]
    known = tuple(rule for rule in catalogue.load().rules if _has({**_as_dict(rule), "": rule.topic}, wanted))
    about = tuple(topic for topic in topics.load() if _has({"": f"{topic.name} {topic.title}"}, wanted))
    if not known and not about:
        sought = " and ".join(map(repr, words or ()))
        near = unknown(" ".join(words or ()), groups=True).ways_out
        raise Problem(f"No rule has {sought} in its name or title.", *near)
    if output_format == "json":
        terminal.write(
            json.dumps([_as_dict(rule) for rule in known], indent=2, ensure_ascii=False) + "\n", raw=True
        )
    else:
        terminal.write(_listed(known, about, terminal.color(color, sys.stdout)))


def _has(told: Mapping[str, str | None], words: Sequence[str]) -> bool:
    text = " ".join(filter(None, told.values())).lower()
    return all(word in text for word in words)


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
    lines = [f"  {each.name:<{wide + 7}}  {each.title}" for each in topics]
    if lines:
        blocks.append("\n".join([style("What holds on which kernel", "strong"), *lines]) + "\n")
    return paint("\n".join(blocks), color)
