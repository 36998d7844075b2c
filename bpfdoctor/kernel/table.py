"""Reads the rows of a JSON file beside this module."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def rows(name: str, *lists: str) -> list[dict[str, Any]]:
    """The rows of NAME.json, without what is false or empty; the values of `lists` become tuples."""
    import json

    found: list[dict[str, Any]] = json.loads((Path(__file__).parent / f"{name}.json").read_bytes())
    for row in found:
        row.update((key, tuple(row[key])) for key in lists if key in row)
    return found
