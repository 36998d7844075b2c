"""Compares an index with the length of its array: mends the check that is there, or makes one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.map_value_range import ObjectRange
from bpfdoctor.analysis.collectors.scalar_range import ScalarRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import loop_head, way_out
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Access, AccessKind

_PARTS = 3  # variables between an index and its use: be = &pool->members[i]; be->hits++
_SIZE = r"sizeof\s*\([^()]*\)"
_NUMBER = re.compile(r"-?\d+|0[xX][0-9a-fA-F]+")
_LOGARITHM = re.compile(r"\w*(?:log|hist|slot|bucket)\w*\(")
_JOINED = re.compile(r"\|\||&&|\?|(?<![=!<>])=(?!=)")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `index`, `operator`, `count` (entries), `leave`; `index` is never negative."""
    at = site(context)
    if at is None:
        return
    for access in _indexed(at):
        if not (count := _count(context, at, access, facts)):
            continue
        line = access.span.line
        if head := loop_head.condition_around(at, access.span.line, access.span.column):
            yield loop_head.joined(at, head, f"{at.unsigned(access.member)} < {count}")
            continue
        length = _length(at, access)
        yield from _mended(at, access.member, count, length, line)
        leave = way_out.of_range(at, line)
        operator, limit = (">=", count) if length is None else (">", f"{count} - {length}")
        values = {"index": at.unsigned(access.member), "operator": operator, "count": limit, "leave": leave}
        if length is None and _is_histogram(at, access):
            yield at.before(line, {**values, "leave": f"{access.member} = {count} - 1;"}, access.span.column)
        if length is None and (guarded := _guarded(at, access, count)):
            yield guarded
        yield at.before(line, values, access.span.column)
        if length is None and (masked := _masked(at, access, count)):
            yield masked


def _is_histogram(at: Site, access: Access) -> bool:
    """Whether the element counts how often a size occurs: what is too large belongs into the last slot."""
    index, whole = access.member, re.escape(access.text)
    counts = re.search(
        rf"\b__sync_fetch_and_add\s*\(\s*&{whole}|{whole}\s*(?:\+\+|\+=)|\+\+{whole}",
        at.c.line(access.span.line),
    )
    declared = at.c.declaration_of(index, at.line) if index.isidentifier() else None
    if counts is None or declared is None or declared.scope != "local" or declared.pointer:
        return False
    made = at.c.assignments(index, at.function.start, at.line)
    is_one = "hist" in access.base or (bool(made) and _LOGARITHM.match(made[-1].value) is not None)
    return is_one and not at.c.loops_around(access.span.line)


def _guarded(at: Site, access: Access, count: str) -> tuple[Plan, ...]:
    """`if (i < 8)` before `hits[i]++;` alone, where the function looks at `i` once more: it decides there."""
    statement = at.c.statement_at(access.span.line)
    if statement is None or statement.kind != "expression_statement" or not statement.braced:
        return ()
    span, index = statement.span, access.member
    if not at.c.stands_alone(span) or not index.isidentifier() or at.c.loops_around(span.line):
        return ()
    later = at.c.mention_spans(index, span.line + 1, at.function.end)
    if not later or at.c.assignments(index, span.line + 1, later[0].line):
        return ()
    indent, unit = at.c.indent_of(span.line), at.c.style.indent
    head = f"{indent}if ({at.unsigned(index)} < {count})"
    return (Plan(at.file, span.line, span.line, lines=(head, unit + at.c.line(span.line))),)


def _masked(at: Site, access: Access, count: str) -> tuple[Plan, ...]:
    """`seen[i & 127]` of 128 entries: a compiler that knows the index's type takes half of a check away."""
    macro = at.c.macros.get(count)
    number = macro.value if macro is not None else count
    entries = int(number, 0) if _NUMBER.fullmatch(number) else 0
    span = access.member_span
    if entries < 2 or entries & (entries - 1) or span.line != span.end_line:
        return ()
    index = access.member if re.fullmatch(r"[\w.>-]+", access.member) else f"({access.member})"
    limit = f"({count} - 1)" if macro is not None else str(entries - 1)
    return (at.replacement(span.line, span.column, span.end_column, f"{index} & {limit}"),)


def _indexed(at: Site) -> Iterator[Access]:
    """The elements that the refused line uses, and those that its pointers were made from."""
    places = [(at.line, at.column)]
    for _ in range(_PARTS):
        if not places:
            return
        line, column = places.pop(0)
        found = at.c.accesses_on(line, column)
        elements = [each for each in found if each.kind is AccessKind.INDEX and not _is_constant(each.member)]
        if elements:
            yield from elements
            return
        for name in dict.fromkeys(each.root for each in found):
            made = [each for each in at.c.assignments(name, at.function.start, line) if each.operator == "="]
            earlier = [each.span for each in made if each.span.line < line]
            places += [(span.line, span.column) for span in earlier[-1:]]


def _is_constant(index: str) -> bool:
    return _NUMBER.fullmatch(index) is not None


def _length(at: Site, access: Access) -> str | None:
    """How many bytes a call uses from an element on: the argument beside `&buffer[i]`; None: one element."""
    for call in at.c.calls_on(access.span.line, access.span.column):
        if call.name.startswith("__sync_"):
            continue  # what is added is no length
        for position, argument in enumerate(call.args):
            if argument.text.lstrip("&") == access.text and access.address:
                beside = [call.args[each].text for each in (position + 1,) if each < len(call.args)]
                return next(
                    (text for text in beside if re.fullmatch(r"\d+|[A-Z_0-9]+|sizeof\([^()]*\)", text)), None
                )
    return None


def _mended(at: Site, index: str, count: str, length: str | None, line: int) -> Iterator[tuple[Plan, ...]]:
    """The comparison that is there, with the right limit and operator, and with the lower limit too."""
    for check in reversed(at.c.conditions_before(line)):
        span = check.span
        if span.line != span.end_line or span.line >= line or check.kind != "if":
            continue
        for part in re.finditer(
            rf"(?<![\w>.]){re.escape(index)}\s*(?P<operator>[<>]=?)\s*(?P<limit>{_SIZE}|[^<>=&|()]+)",
            check.text,
        ):
            low = check.exits and check.branch is None
            if (part["operator"][0] == ">") != low or at.c.assignments(index, span.end_line, line - 1):
                continue
            limit = count if length is None else f"{count} - {length}"
            operator = (">=" if low else "<") if length is None else (">" if low else "<=")
            own = f"{index} {operator} {limit}"
            declared = at.c.declaration_of(index, line) if index.isidentifier() else None
            signed = declared is not None and at.unsigned(index) != index
            texts = (
                [own]
                if re.fullmatch(rf"[\w ]+|{_SIZE}", part["limit"])
                and not _is_variable(at, part["limit"], line)
                else []
            )
            if signed:
                texts.append(
                    f"{index} < 0 || {part[0].strip()}" if low else f"{index} >= 0 && {part[0].strip()}"
                )
            old = at.c.line(span.line)[span.column - 1 : span.end_column - 1]
            whole = part[0].strip()
            if old.count(whole) != 1:
                continue
            start = span.column + old.index(whole)
            for text in texts:
                if text != whole:
                    yield (at.replacement(span.line, start, start + len(whole), text),)
            return


def _is_variable(at: Site, limit: str, line: int) -> bool:
    return limit.strip().isidentifier() and at.c.declaration_of(limit.strip(), line) is not None


def _count(context: Context, at: Site, access: Access, facts: Facts | None) -> str | None:
    """How many entries the array has, as the user wrote it; sizeof arithmetic where that isn't to be seen."""
    member = re.split(r"->|\.", access.base)[-1]
    if member == access.base:
        declared = at.c.declaration_of(member, at.line)
        if declared and declared.arrays and declared.arrays[0]:
            return declared.arrays[0]
    else:
        sizes = {
            f.arrays[0] for s in at.c.structs.values() for f in s.fields if f.name == member and f.arrays
        }
        if len(sizes) == 1:
            return sizes.pop()
        # The size of a member that is a pointer is not that of what it points to.
        if any(f.name == member for s in at.c.structs.values() for f in s.fields):
            return _in_the_log(context, facts)
        return f"sizeof({access.base}) / sizeof({access.base}[0])"
    return _in_the_log(context, facts)


def _in_the_log(context: Context, facts: Facts | None) -> str | None:
    """As many entries as the memory has after the pointer, as the verifier knows it."""
    size = element = None
    if isinstance(facts, ObjectRange):
        size, element = facts.object_size, facts.size
    elif isinstance(facts, ScalarRange) and facts.state is not None and facts.state.value_size:
        size = facts.state.value_size - (facts.state.off or 0)
        element = context.step.insn.size if context.step else None
    return str(size // element) if size and element and size >= element else None
