"""The JSON document of docs/json.md: one object with all reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.render import Canvas
from bpfdoctor.render.plain import document


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """Indented, in the order of the contract."""
    return dump(document(reports, canvas), canvas, indent=2) + "\n"


def dump(value: Any, canvas: Canvas, indent: int | None = None) -> str:
    r"""JSON text. Lone surrogates, which UTF-8 cannot hold, stay escaped as `\ud800`."""
    text = json.dumps(value, indent=indent, ensure_ascii=not canvas.unicode)
    if text.isascii() or text.isprintable():
        return text
    return "".join(f"\\u{ord(char):04x}" if _must_escape(char) else char for char in text)


def _must_escape(char: str) -> bool:
    """DEL, C1 controls, separators, surrogates, U+FFFE: legal or not, some reader trips over them."""
    return "\x7f" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" or char in "\u2028\u2029\ufffe\uffff"
