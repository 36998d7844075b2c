"""The JSON document of docs/json.md: one object with all reports."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.render import Canvas
from bpfdoctor.render.plain import document

# DEL, C1 controls, what turns the direction of letters, surrogates, separators, U+FFFE: legal or not, some
# reader trips over them, or obeys.
_TROUBLE = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """Indented, in the order of the contract."""
    return dump(document(reports, canvas), canvas, indent=2) + "\n"


def dump(value: Any, canvas: Canvas, indent: int | None = None) -> str:
    r"""JSON text. Lone surrogates, which UTF-8 cannot hold, stay escaped as `\ud800`."""
    text = json.dumps(value, indent=indent, ensure_ascii=not canvas.unicode)
    return text if text.isascii() else _TROUBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
