"""The file `format` of a tracepoint: which fields its record has, and where."""

from __future__ import annotations

import re

from bpfdoctor.model.record import dataclass

# 	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
_FIELD = re.compile(
    r"^\s+field:[^;\n]*?(\w+)(?:\[[^\];\n]*\])?;\s*offset:(\d{1,6});\s*size:(\d{1,6});", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Field:
    """`end` is the first byte after it."""

    name: str
    offset: int
    end: int


def fields(text: str) -> tuple[Field, ...]:
    """The fields in their order, the common ones first; () for what is no such file."""
    return tuple(
        Field(found[1], int(found[2]), int(found[2]) + int(found[3])) for found in _FIELD.finditer(text)
    )
