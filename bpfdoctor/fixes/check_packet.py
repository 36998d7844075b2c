"""Compares the end of what is read with the packet's end: mends the check that is there, or makes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from bpfdoctor.analysis.collectors.packet_range import PacketRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import loop_head, way_out
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.kernel.calls import moves_packet
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.source.cvalues import Access, AccessKind, Call, Condition, Span

_MOST = 6  # places that are tried where the log does not tell which one it is
_COMPARED = re.compile(r"(?P<left>[^<>=&|]+?)\s*(?P<operator>[<>]=?)\s*(?P<right>[^<>=&|]+)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_UNEVALUATED = re.compile(r"\b(?:sizeof|typeof|__typeof__|offsetof)\s*\(?\s*$")
_END = re.compile(r"\b\w+(?:->|\.)(\w*end)\b")
_CONTEXT = re.compile(r"struct (?:xdp_md|__sk_buff) ?\*")
_COPIES = re.compile(r"(?:__builtin_)?mem(?:cpy|cmp|move|set)")


@dataclass(frozen=True, slots=True)
class _Use:
    """A piece of the packet that is used: where, the pointer's name, and the first byte after it, in C."""

    line: int
    column: int
    pointer: str
    reach: str


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A check as it should be. `turned`: it was the wrong way round, so that no other check can help."""

    plan: Plan
    turned: bool


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `reach` (where the access ends), `end` (the packet's end), `leave`."""
    at = site(context)
    if at is None:
        return
    uses = _uses(at, at.line, at.column, facts)
    if uses:
        yield from _of_use(at, uses[0], facts)
    yield from islice(_elsewhere(context, at, {use.line for use in uses[:1]}, facts), _MOST)


def _of_use(at: Site, use: _Use, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    end = _end(at, facts)
    if end is None:
        return
    names = _aliases(at, use)
    checks = [
        each
        for each in at.c.conditions_before(use.line)
        if end[0] in each.names
        and names & each.names
        and each.span.line < use.line
        and (each.branch == "then" or each.exits)
        and not each.elsewhere
    ]
    found = list(_corrected(at, checks[-1], use, end[0])) if checks else []
    if checks and (_is_first_use(at, checks[-1], use) or any(each.turned for each in found)):
        yield from ((each.plan,) for each in found)
    if not any(each.turned for each in found):
        yield _checked(at, use, end)


def _checked(at: Site, use: _Use, end: tuple[str, str]) -> tuple[Plan, ...]:
    name, type_ = end
    cast = "(void *)" if type_.endswith("*") else f"({type_})"
    if head := loop_head.condition_around(at, use.line, use.column):
        return loop_head.joined(at, head, f"{cast}({use.reach}) <= {name}")
    leave = way_out.of_packet(at, use.line)
    return at.before(use.line, {"reach": f"{cast}({use.reach})", "end": name, "leave": leave}, use.column)


def _elsewhere(
    context: Context, at: Site, tried: set[int], facts: Facts | None
) -> Iterator[tuple[Plan, ...]]:
    """Uses of pointers that are not compared before, anywhere in the program's functions.

    The compiler moves reads to other lines, and joins lines of several functions in one.
    """
    for function in (at.function, *(each for each in at.c.functions if each != at.function)):
        here = replace(at, function=function, line=function.start, column=None)
        end = _end(here, facts if function == at.function else None)
        if end is None:
            continue
        unchecked: set[str] = set()
        corrected: set[str] = set()
        for line in range(function.body.line, function.end + 1):
            for use in _uses(here, line, None, None):
                if line in tried or not _is_packet_pointer(here, use):
                    continue
                checks = [
                    each
                    for each in here.c.conditions_before(line, use.pointer)
                    if end[0] in each.names and each.span.line <= line and not each.elsewhere
                ]
                if not checks and use.pointer not in unchecked:
                    unchecked.add(use.pointer)
                    yield _checked(replace(here, line=line), use, end)
                elif (
                    len(checks) == 1 and use.pointer not in corrected and _is_first_use(here, checks[0], use)
                ):
                    corrected.add(use.pointer)
                    yield from ((each.plan,) for each in _corrected(here, checks[0], use, end[0]))


def _is_packet_pointer(at: Site, use: _Use) -> bool:
    """Whether a variable may point into the packet: made from another pointer, or a parameter."""
    declared = at.c.declaration_of(use.pointer, use.line)
    if declared is None or not declared.pointer or use.pointer == at.context:
        return False
    made = [each.value for each in at.c.assignments(use.pointer, at.function.start, use.line)]
    return (declared.scope == "parameter" or bool(made)) and not any("(" in v and "bpf_" in v for v in made)


def _aliases(at: Site, use: _Use) -> frozenset[str]:
    """The pointer, and the variables that it was made from."""
    made = at.c.assignments(use.pointer, at.function.start, use.line)
    names = {name for each in made for name in _NAME.findall(each.value)}
    known = {name for name in names if (d := at.c.declaration_of(name, use.line)) is not None and d.pointer}
    return frozenset(known) | {use.pointer}


def _is_first_use(at: Site, check: Condition, use: _Use) -> bool:
    """Whether nothing between uses or moves the pointer: what the check lets through is enough for that."""
    between = range(check.span.line + 1, use.line)
    used = any(each.pointer == use.pointer for line in between for each in _uses(at, line, None, None))
    return not used and not at.c.assignments(use.pointer, check.span.line, use.line - 1)


def _corrected(at: Site, check: Condition, use: _Use, end: str) -> Iterator[_Corrected]:
    """The comparison of this pointer in a check, the right way round and with the right size."""
    span = check.span
    if check.kind != "if" or span.line != span.end_line:
        return
    text = at.c.line(span.line)[span.column - 1 : span.end_column - 1]
    inner = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
    for part in _COMPARED.finditer(inner):
        whole, (side, operator, other) = part[0].strip(), (each.strip() for each in part.groups())
        if end not in (side, other) or text.count(whole) != 1:
            continue
        is_left = other == end
        pointer = side if is_left else other
        if not _aliases(at, use) & set(_NAME.findall(pointer)):
            continue
        short = check.branch != "then"  # what is done where the comparison holds
        wanted = (">" if short else "<=") if is_left else ("<" if short else ">=")
        bare = re.sub(r"[()\s*]|void", "", pointer) == use.pointer  # then no byte of it is checked
        sides = [pointer] if operator[0] != wanted[0] and not bare else []
        size = re.sub(rf"\bsizeof\s*\(?\s*{use.pointer}\b\s*\)?", f"sizeof(*{use.pointer})", pointer)
        if use.pointer not in check.names and not sides and size == pointer:
            return  # it is about more than this pointer
        sides += [size] if size != pointer else []
        sides.append(f"(void *)({use.reach})")
        start = span.column + text.index(whole)
        for each in dict.fromkeys(sides):
            new = f"{each} {wanted} {end}" if is_left else f"{end} {wanted} {each}"
            if new != whole:
                plan = at.replacement(span.line, start, start + len(whole), new)
                yield _Corrected(plan, operator[0] != wanted[0])
        return


def _uses(at: Site, line: int, column: int | None, facts: Facts | None) -> list[_Use]:
    """What a line uses of memory behind pointers, the likeliest to be refused first."""
    found = [
        each
        for each in at.c.accesses_on(line, column)
        if each.root != at.context
        and not _UNEVALUATED.search(at.c.line(each.span.line)[: each.span.column - 1])
    ]
    reads = [each for each in found if not each.address and each.kind is not AccessKind.DOT]
    calls = at.c.calls_on(line, column)
    here = [r for r in reads if column and r.span.column <= column < r.span.end_column]
    # A macro such as bpf_ntohs stands where the code begins that it is made of.
    named = next((each.span for each in calls if (each.span.line, each.span.column) == (line, column)), None)
    here = here or [r for r in reads if named is not None and _is_in(r.span, named)] or reads
    uses = [use for each in here if (use := _of_access(each)) is not None]
    uses += [use for call in calls for use in _of_call(at, call, facts)]
    if calls:
        uses += [use for each in found if each.address and (use := _of_access(each)) is not None]
    return uses


def _is_in(inner: Span, outer: Span) -> bool:
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _of_access(access: Access) -> _Use | None:
    names = _NAME.findall(access.base)
    pointer = access.base if access.base in names else access.root
    if access.kind is AccessKind.ARROW or access.kind is AccessKind.DEREF:
        reach = f"{access.base} + 1"
    elif access.kind is AccessKind.INDEX:
        after = f"{int(access.member) + 1}" if access.member.isdigit() else f"{access.member} + 1"
        reach = f"{access.base} + {after}"
    else:
        return None
    return _Use(access.span.line, access.span.column, pointer, reach)


def _of_call(at: Site, call: Call, facts: Facts | None) -> Iterator[_Use]:
    """memcpy, memcmp: as many bytes of each pointer."""
    if not _COPIES.fullmatch(call.name) or len(call.args) != 3:
        return
    wanted = facts.pointer if isinstance(facts, PacketRange) else None
    for argument in call.args[:2]:
        name = next(iter(_NAME.findall(argument.text)), "")
        declared = at.c.declaration_of(name, call.span.line)
        if argument.text.startswith("&") or declared is None or not declared.pointer:
            continue
        if wanted is not None and wanted in (call.args[0].text, call.args[1].text) and wanted != name:
            continue
        base = (
            argument.text
            if declared.type in ("void *", "char *", "__u8 *", "u8 *")
            else f"(void *){argument.text}"
        )
        yield _Use(call.span.line, call.span.column, name, f"{base} + {call.args[2].text}")


def _as_it_is(at: Site, end: str) -> str:
    """The variable; where the packet was moved since it was set, what it was set to, read again."""
    made = at.c.assignments(end, at.function.start, at.line)
    if not made or at.line == at.function.start:
        return end
    lines = range(made[-1].span.end_line + 1, at.line)
    moved = any(moves_packet(call.name) for line in lines for call in at.c.calls_on(line))
    return made[-1].value if moved else end


def _end(at: Site, facts: Facts | None) -> tuple[str, str] | None:
    """The variable or the member that holds the packet's end, and its type; else the context's own field."""
    names = [facts.end] if isinstance(facts, PacketRange) else []
    for assignment in at.c.assignments(None, at.function.start, at.function.end):
        if assignment.value.endswith("data_end"):
            names.append(assignment.target)
    names += [each.name for each in at.function.params if each.name.endswith("end")]
    for name in names:
        if name and (declared := at.c.declaration_of(name, at.function.end)):
            return _as_it_is(at, name), declared.type
    for check in at.c.conditions_before(at.function.end):
        for member in _END.finditer(check.text):
            types = [
                field.type
                for each in at.c.structs.values()
                for field in each.fields
                if field.name == member[1]
            ]
            if types:
                return member[0], types[0]
    contexts = [each.name for each in at.function.params if _CONTEXT.fullmatch(each.type)]
    return (f"(void *)(long){contexts[0]}->data_end", "void *") if contexts else None
