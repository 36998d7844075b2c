"""Replaces a length that is larger than the buffer by the buffer's own size."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts

_MEMBER = re.compile(r"&?\w+(?:(?:\.|->)\w+)+")  # comm of &event.comm, event->comm


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+|[A-Z_][A-Z0-9_]*", text) is not None


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`f(buf, 64)` becomes `f(buf, sizeof(buf))` where buf is a local array or structure."""
    at = site(context)
    if at is None:
        return ()
    named = argument_of(context)  # the buffer that the message is about; else the first that can be one
    for call in at.c.calls_on(at.line, at.column):
        for buffer, length in zip(call.args, call.args[1:], strict=False):
            if named is not None and buffer != named:
                continue
            name = buffer.text.lstrip("&")
            declared = at.c.declaration_of(name, at.line) if name.isidentifier() else None
            if declared is None and _MEMBER.fullmatch(buffer.text) and _is_number(length.text):
                size = f"sizeof({name})"
                return (at.replacement(length.span.line, length.span.column, length.span.end_column, size),)
            if declared is None or declared.scope == "parameter" or length.text == f"sizeof({name})":
                continue
            if length.text.isidentifier() and at.c.declaration_of(length.text, at.line) is not None:
                continue  # what varies is to be limited: with a constant the call would read something else
            if declared.arrays or (buffer.text.startswith("&") and not declared.pointer):
                span = length.span
                if span.line == span.end_line:
                    return (at.replacement(span.line, span.column, span.end_column, f"sizeof({name})"),)
    return ()
