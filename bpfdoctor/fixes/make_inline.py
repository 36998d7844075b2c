"""Makes a function of the user's `static __always_inline`."""

from __future__ import annotations

import re

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan

_SPECIFIERS = re.compile(
    r"\b(?:static|inline|extern|__inline|__noinline|noinline|__attribute__\s*\(\(noinline\)\))\s+"
)


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The head of the function that the message names (`name` or `callee`)."""
    name = context.captures.get("callee") or context.captures.get("name") or getattr(facts, "name", None)
    file = context.source.user_file
    c = context.source.c(file) if file else None
    function = c.function(name) if c is not None and isinstance(name, str) else None
    if file is None or c is None or function is None or function.section is not None:
        return ()
    head = c.line(function.start)
    body = _SPECIFIERS.sub("", head)
    indent = head[: len(head) - len(head.lstrip())]
    word = "__always_inline" if "SEC(" in c.text else "inline"
    return (Plan(file, function.start, function.start, lines=(f"{indent}static {word} {body.lstrip()}",)),)
