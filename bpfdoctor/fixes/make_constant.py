"""Makes a text constant where a helper takes it only from read-only data, which the loader freezes."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of, call_of
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Declaration

_READERS = ("bpf_strncmp", "bpf_snprintf")
_MEASURED = re.compile(r"\bsizeof\s*\(?\s*$")
_ELEMENT = re.compile(r"\s*\[[^\]]*\](?!\s*(?:[-+*/%|&^]|<<|>>)?=[^=])(?!\s*(?:\+\+|--))")
_TOO_SHORT = re.compile(r'\[(\d{1,4})\]\s*=\s*"([^"\\]*)"')
_QUALIFIERS = re.compile(r"(?:(?:static|const)\s+)*")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`char name[] = "…";` becomes `static const char name[] = "…";` where nothing writes it.

    A size that leaves no room for the zero at the end goes as well.
    """
    at = site(context)
    declared = _text(context, at) if at is not None else None
    if at is None or declared is None or not declared.arrays or not declared.alone:
        return ()
    if not (declared.initialiser or "").startswith('"') or _is_written(at, declared):
        return ()
    line, column = declared.statement.line, declared.statement.column
    found = _QUALIFIERS.match(at.c.line(line)[column - 1 :])
    was = found[0] if found is not None else ""
    wanted = "const " if declared.scope == "global" and "static" not in was else "static const "
    text = at.c.line(line)[column - 1 :]
    start, size = len(was), _TOO_SHORT.search(text)
    if size is not None and int(size[1]) <= len(size[2]):
        end = size.end(1)
        return (at.replacement(line, column, column + end, wanted + text[start : size.start(1)]),)
    return (at.replacement(line, column, column + start, wanted),) if was != wanted else ()


def _text(context: Context, at: Site) -> Declaration | None:
    """The text that the message is about; where it names no argument, the only constant one of the call."""
    argument, call = argument_of(context), call_of(context)
    if argument is None and call is not None and call.name in _READERS:
        declared = [at.c.declaration_of(each.text, at.line) for each in call.args if each.text.isidentifier()]
        texts = [each for each in declared if each is not None and (each.initialiser or "").startswith('"')]
        return texts[0] if len(texts) == 1 else None
    if argument is None or not argument.text.isidentifier():
        return None
    return at.c.declaration_of(argument.text, at.line)


def _is_written(at: Site, declared: Declaration) -> bool:
    """Whether anything but such a helper, a size or a read of an element names it."""
    first, last = (1, len(at.c.lines)) if declared.scope == "global" else (at.function.start, at.function.end)
    for span in at.c.mention_spans(declared.name, first, last):
        line = at.c.line(span.line)
        before, behind = line[: span.column - 1], line[span.end_column - 1 :]
        is_element = _ELEMENT.match(behind) and not before.rstrip().endswith("&")
        is_passed = any(
            each.span == span
            for call in at.c.calls_on(span.line)
            if call.name in _READERS
            for each in call.args
        )
        if span.line != declared.span.line and not (is_element or is_passed or _MEASURED.search(before)):
            return True
    return False
