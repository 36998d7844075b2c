"""A rule's page as Markdown: what `explain` prints and what `make site` makes a page of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfdoctor.catalogue import Catalogue, Rule

# Where `make site`'s folder is served, without a slash at its end. Empty: nobody serves it yet, and no output
# links to it.
SITE = ""


def address(rule: str, site: str = SITE) -> str | None:
    """The page of the rule with this name or id on the web; None while there is none."""
    return f"{site.rstrip('/')}/rules/{rule}.html" if site else None


def rule_page(rules: Catalogue, rule: Rule) -> str:
    """The whole page, with its title."""
    return "\n\n".join((f"# {rule.name}: {rule.title}", about(rule), body(rules, rule))) + "\n"


def about(rule: Rule) -> str:
    """The line below the title."""
    parts = (rule.id, rule.category.value, f"since {rule.since}" if rule.since else "")
    return " · ".join(part for part in parts if part)


def body(rules: Catalogue, rule: Rule) -> str:
    """What stands below that line."""
    return "\n\n".join((rules.page(rule).rstrip(), *_newer(rule)))


def _newer(rule: Rule) -> Iterator[str]:
    """Which kernels accept what earlier ones refuse with the rule's message."""
    if rule.newer:
        yield "## Newer kernels accept more"
        yield "\n".join(
            f"- Linux {each.since} and later ({each.before} does not): {each.why}." for each in rule.newer
        )
