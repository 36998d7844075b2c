"""`bpfdoctor explain`: a rule's page, found by its name, its id, or a message; or a topic's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bpfdoctor.catalogue import UNKNOWN, Catalogue, Rule
from bpfdoctor.cli import complete, terminal
from bpfdoctor.cli.options import ColorChoice, Width
from bpfdoctor.cli.output_options import Color
from bpfdoctor.model.problem import Problem

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(short_help="Show the page of a rule, or of a topic.")
def explain(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE|TOPIC",
            help="packet-bounds, BD101, a message in quotes, or loops.",
            autocompletion=complete.rules_and_pages,
        ),
    ],
    color: ColorChoice = "auto",
    width: Width = None,
) -> None:
    """Show the page of a rule: what the verifier wants, a program that fails, one that loads.

    A topic's page says what applies to which kernel: loops, instruction-limit, nesting, stack, probe-read,
    strings, helpers.

    \b
    Examples:
      bpfdoctor explain packet-bounds
      bpfdoctor explain BD101
      bpfdoctor explain "R1 type=scalar expected=fp"
      bpfdoctor explain loops
    """
    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics
    from bpfdoctor.render.rule_page import rule_page

    if (topic := topics.find(rule.strip())) is not None:
        _show(f"# {topic.title}\n\n{topic.page}", color, width)
        return
    rules = catalogue.load()
    found = find(rules, rule)
    _show(rule_page(rules, found), color, width)


def find(rules: Catalogue, key: str) -> Rule:
    """The rule with this name or id, or the one this message is about. Raises Problem with the nearest."""
    from bpfdoctor.cli.select import unknown

    try:
        return rules.rule(key)
    except KeyError:
        name = rules.find_text(key).rule
    if name != UNKNOWN:
        return rules.rule(name)
    if " " not in key.strip():
        raise unknown(key)
    near = [
        f"Near, because of {_listed(one.words)}: bpfdoctor explain {one.rule}" for one in rules.nearest([key])
    ]
    raise Problem("No rule knows this message.", *near, "The whole log may say more: bpfdoctor log FILE")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"‘{word}’" for word in words[:4])


def _show(page: str, color: Color, width: int | None) -> None:
    """Rendered Markdown on a terminal, the Markdown itself for everything else."""
    if not terminal.color(color, sys.stdout) and not sys.stdout.isatty():
        terminal.write(page)
        return
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    out = io.StringIO()
    console = Console(
        file=out,
        force_terminal=terminal.color(color, sys.stdout),
        color_system="standard",
        width=min(width or terminal.width(sys.stdout), 100),
        legacy_windows=False,
    )
    console.print(Markdown(page, code_theme="ansi_dark", hyperlinks=False))
    terminal.write("\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n")
