"""Writes a macro of later libbpf's by the name that the headers here have for the same."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, everywhere
from bpfdoctor.model.diagnosis import Facts

# libbpf's bpf_tracing.h defines each by the other.
_SAME = {"BPF_UPROBE": "BPF_KPROBE", "BPF_URETPROBE": "BPF_KRETPROBE"}


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Every use in the file; every change has its own text."""
    file, name = context.source.user_file, str(context.captures.get("name") or "")
    c = context.source.c(file) if file else None
    if file is None or c is None or name not in _SAME:
        return ()
    return everywhere(file, c, re.compile(rf"\b({name})\b(?=\s*\()"), _SAME[name])
