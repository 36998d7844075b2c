"""The templates of this folder, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template

from bpfdoctor import texts

# The stepping view's modules, each after those that it imports.
SCRIPTS = tuple(
    f"stepping/{name}.js"
    for name in (
        *("make", "address", "path", "flow", "find", "chain", "follow", "visits", "tip"),
        *("rows", "arrows", "source", "split", "ways", "state", "keys", "layout", "view", "keep"),
        *("join", "paths", "index"),
    )
)
NAMES = ("page.html.j2", "look.css", "stepping.css")
_FOLDER = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """For HTML: every value is escaped."""
    folder = FileSystemLoader(_FOLDER)
    return texts.environment("html", folder, autoescape=True, keep_trailing_newline=True)


def template(name: str, **functions: Any) -> Template:
    """The template `name`; `functions` can be called in it."""
    return environment().get_template(name, globals=functions)


def script(name: str) -> str:
    """The module `name`: no template; `{#` begins a private field there."""
    return (_FOLDER / name).read_text("utf-8")
