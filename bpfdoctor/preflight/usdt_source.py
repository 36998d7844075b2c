"""What a program's text does with the arguments of a USDT probe."""

from __future__ import annotations

import re

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Function
from bpfdoctor.source.syntax_types import SyntaxTypes, UnknownType

_READ = "bpf_usdt_readarg"
_LISTED = "BPF_USDT"  # libbpf's: its arguments are the probe's, in their order

#: (number of the argument, bytes of the variable if known, the variable, the call)
Reading = tuple[int, int | None, str, Place]


def reads(c: CFile, function: Function, file: str) -> tuple[Reading, ...]:
    """BCC's `bpf_usdt_readarg(2, ctx, &name)` in a function."""
    found: list[Reading] = []
    for line in range(function.start, function.end + 1):
        for call in c.calls_on(line) if _READ in c.line(line) else ():
            number = call.args[0].text.strip() if call.args else ""
            if call.name not in (_READ, f"{_READ}_p") or len(call.args) < 3 or not number.isdigit():
                continue
            name = call.args[2].text.strip()
            place = Place(file, line, call.span.column, call.span.end_column, function.name, c.line(line))
            variable = name.removeprefix("&").strip()
            is_whole = call.name == _READ and name.startswith("&") and variable.isidentifier()
            found.append((int(number), _size(c, variable, line) if is_whole else None, variable, place))
    return tuple(found)


def listed(c: CFile, function: Function, file: str) -> tuple[Reading, ...]:
    """What libbpf's BPF_USDT(name, a, b) reads: arguments of any size, and 0 for one that is not there."""
    if function.macro != _LISTED:
        return ()
    text = c.line(function.start)
    found = []
    for number, each in enumerate(function.params, 1):
        at = re.search(rf"\b{re.escape(each.name)}\b(?=\s*[,)])", text)
        column, end = (at.start() + 1, at.end() + 1) if at else (None, None)
        found.append((number, None, each.name, Place(file, function.start, column, end, function.name, text)))
    return tuple(found)


def _size(c: CFile, name: str, line: int) -> int | None:
    """The bytes of a variable, where its declaration tells them."""
    declared = c.declaration_of(name, line)
    if declared is None:
        return None
    if declared.pointer and not declared.arrays:
        return 8
    types = SyntaxTypes(c)
    try:
        known = types.declared(declared.type, declared.arrays)
        return types.size(known) if known is not None else None
    except UnknownType:
        return None


def parameters(c: CFile, function: Function, file: str) -> tuple[str, Place] | None:
    """The first parameter after the context: BCC takes it for one of a C function."""
    if len(function.params) < 2 or "pt_regs" not in function.params[0].type:
        return None
    name = function.params[1].name
    text = c.line(function.start)
    at = text.find(name)
    column = at + 1 if at >= 0 else None
    end = at + 1 + len(name) if at >= 0 else None
    return name, Place(file, function.start, column, end, function.name, text)
