"""What else a refused call could get: what its function has at hand, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bpfdoctor.fixes.spans import replaced
from bpfdoctor.model.diagnosis import Diagnosis, Fix, Place, Safety
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import Op
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Call, Declaration, Function

_MOST_ARGUMENTS = 16
_MOST_LINES = 400  # of a function
_REGISTER = re.compile(r"[Rr]([1-5])")
_ARGUMENT = re.compile(r"arg#?([0-4])")
_NUMBER = re.compile(r"\(?(?:0x[0-9a-fA-F]+|\d+)\)?")
_ARRAY = re.compile(r"[^\[]*\[([^\]]+)\]")
_TYPES = {"map_ptr": "map", "ctx": "context", "func": "function", "scalar": "number", "inv": "number"}
_NAME = re.compile(r"[A-Za-z_]\w*")
_NOTHING = ("0", "NULL")
_SIZEOF = re.compile(r"sizeof\s*\(([^()]*)\)")
_MEMORY = re.compile(r"\bsize=[1-9]")  # what a message says of memory that is too short
_FOLLOWED = "invalid mem access"
_EXPECTED = re.compile(r"expected=(\w+)$")


def arguments(
    refused: Diagnosis, place: Place, c: CFile, function: Function, said: str
) -> Iterator[tuple[bool, Fix]]:
    """What else the refused call could get: what is declared and never used, what other calls get …"""
    kind = _kind(said)
    if not is_call(refused):
        if _FOLLOWED in said:
            yield from _followed(place, c, function, "pointer")
        return
    indexes, params = _indexes(refused, said), {each.name for each in function.params}
    for call in c.calls_on(place.line, place.column):
        if any(call.args[index].text in params for index in indexes if index < len(call.args)):
            yield from _followed(replace(place, line=function.start, column=None), c, function, kind)
        odd = _odd(call)
        if _MEMORY.search(said):
            for index in (each + 1 for each in indexes):
                if index < len(call.args) and _is_constant(c, call.args[index].text):
                    yield from _others(place, c, function, call, index, "size", True)
        for index in indexes or odd:
            if index < len(call.args):
                # A length that is a variable is more often checked badly than passed in error.
                is_likely = kind != "size" or index in odd
                yield from _others(place, c, function, call, index, kind, is_likely)


def _others(
    place: Place, c: CFile, function: Function, call: Call, index: int, kind: str, is_likely: bool
) -> Iterator[tuple[bool, Fix]]:
    texts = [each.text for each in call.args]
    found = (text for text in _things(place, c, function, call, index, kind) if text not in texts)
    for text in list(dict.fromkeys(found))[:_MOST_ARGUMENTS]:
        for fix in passed(place.file, c, call, index, text):
            yield is_likely, fix


def _odd(call: Call) -> list[int]:
    """The arguments that look like a slip: nothing, or the same as another one."""
    texts = [each.text for each in call.args]
    return [i for i, text in enumerate(texts) if text in _NOTHING or text in texts[:i] + texts[i + 1 :]]


def _is_constant(c: CFile, text: str) -> bool:
    macro = c.macros.get(text)
    return _NUMBER.fullmatch(macro.value if macro is not None else text) is not None


def _followed(place: Place, c: CFile, function: Function, kind: str) -> Iterator[tuple[bool, Fix]]:
    """What a call passes that its function, or its callback, then uses."""
    for call in c.calls_on(place.line, place.column):
        for index in _odd(call):
            yield from _others(place, c, function, call, index, kind, True)
    for line in range(1, len(c.lines) + 1) if function.section is None else ():
        for call in c.calls_on(line):
            caller = c.function_at(line)
            if call.span.line != line or caller is None or caller == function:
                continue
            texts = [each.text.lstrip("&") for each in call.args]
            first = texts.index(function.name) + 1 if function.name in texts else 0
            if first == 0 and call.name != function.name:
                continue
            at = replace(place, line=line, column=call.span.column)
            types = [each.type for each in function.params if each.type.endswith("*")]
            for index in (each for each in _odd(call) if each >= first):
                for text in _of_type(c, caller, line, types):
                    yield from ((True, fix) for fix in passed(place.file, c, call, index, text))
                yield from _others(at, c, caller, call, index, kind, True)


def _of_type(c: CFile, function: Function, line: int, types: Sequence[str]) -> Iterator[str]:
    """The variables that a pointer of these types may point to."""
    for each in reversed(c.locals(function)):
        if each.span.line <= line and not each.arrays and f"{each.type} *" in types:
            yield f"&{each.name}"


def is_call(refused: Diagnosis) -> bool:
    return refused.finding.step is not None and refused.finding.step.insn.op is Op.CALL


def _indexes(refused: Diagnosis, said: str) -> list[int]:
    """Which arguments the message speaks of."""
    known = [str(value) for value in refused.finding.captures.values()]
    known += refused.facts.registers if refused.facts is not None else ()
    text = " ".join([said, *known])
    found = [int(n) - 1 for n in _REGISTER.findall(text)] + [int(n) for n in _ARGUMENT.findall(text)]
    return list(dict.fromkeys(found))


def _kind(said: str) -> str:
    """What the call wants there."""
    if said.endswith("is not a scalar"):
        return "number"
    if "zero-sized" in said or "min value" in said or "unbounded memory access" in said:
        return "size"
    expected = _EXPECTED.search(said)
    return _TYPES.get(expected[1], "pointer") if expected else "pointer" if "=" in said else "any"


def passed(file: str, c: CFile, call: Call, index: int, text: str) -> Iterator[Fix]:
    was = call.args[index]
    edit = replaced(file, c, was.span, text)
    if edit is not None:
        title = f"Pass “{text}” to {call.name}, not “{was.text}”"
        why = "Of what the function has at hand, it is the first that a kernel takes there."
        yield Fix(title, why, Safety.UNSAFE, (edit,))


def _things(place: Place, c: CFile, function: Function, call: Call, index: int, kind: str) -> Iterator[str]:
    """Expressions that may be meant, the likeliest first."""
    if kind == "number" and call.name.endswith("_impl"):
        yield "0"  # what the loader, or the verifier, fills in
    if kind == "size":
        yield from _tested(place, c, function, call)
    if kind in ("size", "any", "number") and not (kind == "size" and _varies(c, call, index)):
        for name, macro in c.macros.items():
            if macro.params is None and _NUMBER.fullmatch(macro.value) and not c.mentions(name):
                yield name
        yield from _sizes(place, c, call, index)
    if kind == "context":
        yield from (each.name for each in function.params[:1])
    maps = [f"&{name}" for name in sorted(c.maps, key=lambda name: c.mentions(name) > 1)]
    if kind == "map":
        yield from maps
    if kind == "function":
        yield from _functions(c, function)
    if kind in ("map", "function", "context"):
        return
    if kind != "size":
        yield from _of_map(place, c, function, call, index)
        yield from _type_id(c, call)
        used = {name for each in c.functions for name in c.callees(each)}
        yield from (name for name in _functions(c, function) if name not in used)
        yield from _measured(place, c, function, call, index)
    known = [each for each in reversed(c.locals(function)) if each.span.line <= place.line]
    known = [each for each in known if (each.name != call.name)]
    unused = [each for each in known if c.mentions(each.name, function.start, function.end) < 2]
    unused += [each for each in c.globals() if c.mentions(each.name) < 2 and not _is_placed(c, each)]
    for each in unused:
        yield from _forms(each, kind)
    if kind != "size":
        yield from _unwritten(c, function, known)
    others = list(_other_calls(c, function, call))
    for same in others:
        if same.name == call.name and index < len(same.args):
            yield same.args[index].text
    if kind in ("pointer", "any"):
        for other in others:
            yield from (each.text for each in other.args if each.text.startswith("&"))
    for each in known:
        yield from _forms(each, kind)
    if kind != "size":
        yield from (each.name for each in function.params)
    if kind in ("pointer", "any"):
        yield from maps


def _of_map(place: Place, c: CFile, function: Function, call: Call, index: int) -> Iterator[str]:
    """The structures of the type that the call's map has as its key, or as its value."""
    declared = c.maps.get(call.args[0].text.lstrip("&"))
    if declared is None or index not in (1, 2):
        return
    type_ = declared.key if index == 1 else declared.value
    for each in reversed(c.locals(function)):
        is_plain = each.struct is not None and not each.pointer and not each.arrays
        if is_plain and each.type == type_ and each.span.line <= place.line:
            yield f"&{each.name}"


def _tested(place: Place, c: CFile, function: Function, call: Call) -> Iterator[str]:
    """Numbers that the call hangs on and that nothing else gets: `if (!len) return 0;`."""
    for each in c.locals(function):
        checks = c.conditions_before(call.span.line, each.name)
        if each.pointer or each.arrays or each.struct or not checks:
            continue
        in_checks = sum(len(re.findall(rf"\b{each.name}\b", check.text)) for check in checks)
        made = c.assignments(each.name, function.start, place.line)
        if c.mentions(each.name, function.start, function.end) <= in_checks + len(made):
            yield each.name


def _varies(c: CFile, call: Call, index: int) -> bool:
    """Whether a length is a variable's: with a constant the call would read what nobody has asked for."""
    text, line = call.args[index].text, call.span.line
    return "sizeof" not in text and any(c.declaration_of(name, line) for name in _NAME.findall(text))


def _type_id(c: CFile, call: Call) -> Iterator[str]:
    """What tells bpf_obj_new which structure is meant: that of the variable that it is put into."""
    for made in c.assignments(None, call.span.line, call.span.line) if "obj_new_impl" in call.name else ():
        declared = c.declaration_of(made.target, call.span.line)
        if declared is not None and declared.struct is not None:
            yield f"bpf_core_type_id_local({declared.struct})"


def _measured(place: Place, c: CFile, function: Function, call: Call, index: int) -> Iterator[str]:
    """`name` for `f(0, sizeof(name))`: what is measured is what is meant."""
    for near in (index + 1, index - 1):
        text = call.args[near].text if 0 <= near < len(call.args) else ""
        found = _SIZEOF.fullmatch(text)
        if found is None:
            continue
        what = found[1].strip()
        declared = c.declaration_of(what, place.line) if what.isidentifier() else None
        if what.startswith("*"):
            yield what[1:].strip()
        elif declared is not None:
            yield what if declared.arrays else f"&{what}"
        elif "->" in what or "." in what:
            member = re.split(r"->|\.", what)[-1]
            fields = [each for kind in c.structs.values() for each in kind.fields if each.name == member]
            is_array = any(each.arrays for each in fields)
            yield from (what, f"&{what}") if is_array else (f"&{what}", what)
        else:
            same = (each for each in c.locals(function) if what in (each.type, each.struct))
            yield from (f"&{each.name}" for each in same if not each.pointer)


def _unwritten(c: CFile, function: Function, known: Sequence[Declaration]) -> Iterator[str]:
    """Members of the function's own structures that nothing writes."""
    for each in known:
        kind = c.structs.get(each.struct or "")
        if kind is None or each.pointer or each.arrays:
            continue
        written = {made.target for made in c.assignments(None, function.start, function.end)}
        for member in kind.fields:
            whole = f"{each.name}.{member.name}"
            if not any(re.match(rf"{re.escape(whole)}\b", target) for target in written):
                yield whole if member.arrays else f"&{whole}"


def _is_placed(c: CFile, declared: Declaration) -> bool:
    """A map, the licence: what stands in a section of its own."""
    span = declared.statement
    return any("SEC(" in c.line(line) for line in range(span.line, span.end_line + 1))


def _functions(c: CFile, function: Function) -> Iterator[str]:
    """Callbacks; those that nothing names first."""
    found = [each.name for each in c.functions if each.section is None and each.name != function.name]
    yield from sorted(found, key=lambda name: c.mentions(name) > 1)


def _other_calls(c: CFile, function: Function, call: Call) -> Iterator[Call]:
    """The calls of the function, nearest lines first."""
    lines = range(function.start, min(function.end, function.start + _MOST_LINES) + 1)
    seen = {call.span}
    for line in sorted(lines, key=lambda line: abs(line - call.span.line)):
        for each in c.calls_on(line):
            if each.span not in seen:
                seen.add(each.span)
                yield each


def _forms(declared: Declaration, kind: str) -> Iterator[str]:
    """A variable as an argument."""
    if declared.arrays or declared.pointer:
        if kind not in ("size", "number"):
            yield declared.name
    elif declared.struct:
        yield f"&{declared.name}"
    else:
        if kind in ("size", "number", "any"):
            yield declared.name
        if kind in ("pointer", "any"):
            yield f"&{declared.name}"


def _sizes(place: Place, c: CFile, call: Call, index: int) -> Iterator[str]:
    """The size of what stands beside it."""
    for near in (index - 1, index + 1):
        text = call.args[near].text if 0 <= near < len(call.args) else ""
        name = text.lstrip("&")
        declared = c.declaration_of(name, place.line) if name.isidentifier() else None
        if declared is None:
            if "->" in name or "." in name:
                yield f"sizeof({name})"
        elif declared.arrays or not declared.pointer or name != text:
            yield f"sizeof({name})"
        elif declared.struct:
            yield f"sizeof(*{name})"
        elif looked_up := [each for each in c.lookups(1, place.line) if each.variable == name]:
            known = c.maps.get(looked_up[-1].map.lstrip("&"))
            if known is not None and known.value:
                array = _ARRAY.fullmatch(known.value)
                yield array[1] if array else f"sizeof({known.value})"
