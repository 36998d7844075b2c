"""The templates of this folder, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template

from bpfdoctor import texts

NAMES = ("diagnosis.txt.j2", "page.html.j2")


@cache
def environment(escape: bool) -> Environment:
    return texts.environment(
        "html" if escape else "text",
        FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=escape,  # off for terminals only, see `template`
        keep_trailing_newline=True,
    )


def template(name: str, **functions: Any) -> Template:
    """The template `name`; in those for HTML every value is escaped. `functions` can be called in it."""
    return environment(".html" in name).get_template(name, globals=functions)
