"""Gives a structure of the program's another name: vmlinux.h has one that is called so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, everywhere
from bpfdoctor.model.diagnosis import Facts


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Every `struct NAME` of the file; every change has its own text."""
    file, name = context.source.user_file, str(context.captures.get("what") or "")
    c = context.source.c(file) if file else None
    if file is None or c is None:
        return
    uses = re.compile(rf"\b(?:struct|union|enum)\s+({re.escape(name)})\b")
    for new in (f"my_{name}", f"{name}_t"):
        if not c.mentions(new):
            yield everywhere(file, c, uses, new)
