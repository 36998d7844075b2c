"""Compiles the templates of this folder, once per machine: jinja2's byte code is kept in the cache folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bpfdoctor import resources


@cache
def _environment(escape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        bytecode_cache=resources.template_cache(),
        autoescape=escape,  # noqa: S701 - off for terminals only, see `template`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def template(name: str, **functions: Any) -> Template:
    """The template `name`; in those for HTML every value is escaped. `functions` can be called in it."""
    return _environment(".html" in name).get_template(name, globals=functions)
