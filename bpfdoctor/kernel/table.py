"""Reads the rows of a JSON file beside this module."""

from __future__ import annotations

import os
from typing import Any


def rows(name: str, *lists: str) -> list[dict[str, Any]]:
    """The rows of NAME.json, without what is false or empty; the values of `lists` become tuples."""
    import json

    with open(os.path.join(os.path.dirname(__file__), f"{name}.json"), "rb") as file:
        found: list[dict[str, Any]] = json.load(file)
    for row in found:
        row.update((key, tuple(row[key])) for key in lists if key in row)
    return found
