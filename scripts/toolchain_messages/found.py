"""One message of one version of one tool, as an extractor hands it over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """`format` is in the tool's own notation: printf, Go's verbs, Rust's braces."""

    tool: str
    version: str
    format: str
    file: str
    kind: str = "error"  # error | warning | info | hint
    function: str = ""
    how: str = "source"  # source | binary | compiler: where we have it from
    example: str = ""
    snippet: str = ""
