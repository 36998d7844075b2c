"""Reserves as much as a size that varies can be at most: how much memory is asked for must be a constant."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts

_MASKED = re.compile(r".*&\s*(\w+)\)?")
_ABOVE = r"\(?{name}\)? (>=?) ((?:\w+|sizeof\([^()]*\))(?: - \w+)?)"
_NAME = re.compile(r"(?<![\w>.])[a-zA-Z_]\w*(?!\w*\s*\()")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`sizeof(*e) + len` becomes `sizeof(*e) + 128` where a check or a mask lets no more than 128 through."""
    at = site(context)
    return largest(at) if at is not None else ()


def largest(at: Site) -> tuple[Plan, ...]:
    """The same for the ring buffer's record that is reserved at a place."""
    for call in at.c.calls_on(at.line, at.column):
        size = call.args[1] if call.name == "bpf_ringbuf_reserve" and len(call.args) == 3 else None
        if size is None or size.span.line != size.span.end_line:
            continue
        text = re.sub(r"sizeof\s*\([^()]*\)", lambda found: " " * len(found[0]), size.text)
        names = [found for found in _NAME.finditer(text) if _is_local(at, found[0])]
        most = _most(at, names[0][0]) if len(names) == 1 else None
        if most is not None:
            start = size.span.column + names[0].start()
            return (at.replacement(size.span.line, start, start + len(names[0][0]), most),)
    return ()


def _is_local(at: Site, name: str) -> bool:
    declared = at.c.declaration_of(name, at.line)
    return declared is not None and declared.scope != "global" and not declared.pointer


def _most(at: Site, name: str) -> str | None:
    """The largest value of a number at the place, as the text tells; None where it does not."""
    made = at.c.assignments(name, at.function.start, at.line)
    for check in reversed(at.c.conditions_before(at.line, name)):
        above = re.fullmatch(_ABOVE.format(name=name), check.text)
        after = [each for each in made if each.span.line >= check.span.line]
        if above is None or check.kind != "if" or check.encloses:
            continue
        limit = f"({above[2]} - 1)" if above[1] == ">=" else above[2]
        if check.exits and not after:
            return limit
        if not check.exits and len(after) == 1 and after[0].span.line <= check.span.end_line + 1:
            return limit if after[0].value == above[2] and above[1] == ">" else after[0].value
    masked = _MASKED.fullmatch(made[-1].value) if made and made[-1].operator in ("=", "&=") else None
    if made and made[-1].operator == "&=":
        return made[-1].value
    return masked[1] if masked is not None else None
