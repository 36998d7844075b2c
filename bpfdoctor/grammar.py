"""Builds a lark parser from a file in grammars/, once per process and cached on disk."""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark, Transformer

from bpfdoctor import __version__, resources


@cache
def parser(name: str, start: str = "start", transformer: type[Transformer[Any, Any]] | None = None) -> Lark:
    """The LALR parser for grammars/NAME.lark.

    With a `transformer` class the tree is built while parsing. lark's own cache file (a pickle in the user's
    private cache folder, keyed by the grammar's text) makes the second start cheap.
    """
    cached = resources.cache_dir()
    return Lark(
        (resources.folder("grammars") / f"{name}.lark").read_text(),
        start=start,
        parser="lalr",
        maybe_placeholders=True,
        transformer=transformer() if transformer else None,
        cache=str(cached / f"{name}-{start}-{__version__}.lark") if cached else False,
    )
