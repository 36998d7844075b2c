"""Reads just enough C to tell styles apart: functions with their parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later

_NAME_BEFORE = later(r"([A-Za-z_]\w*)\s*$")
_KEYWORDS = frozenset({"if", "for", "while", "switch", "do", "else", "return", "sizeof"})


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function definition, or a use of a macro that looks like one (`XDP_PROBE(name) {`)."""

    name: str
    parameters: str  # "struct pt_regs *ctx, int a"
    head: str  # what stands before the name: "static __always_inline int"
    line: int
    start: int  # offsets of the body in the text, braces included
    end: int


def functions(code: str) -> Iterator[FunctionText]:
    """The function definitions at file level of a text that went through c_text.code_only."""
    depth = 0
    since = 0  # where the current declaration began
    line, counted = 1, 0
    found: tuple[str, str, str, int, int] | None = None
    for match in re.finditer(r"[{};]", code):
        at, mark = match.start(), match[0]
        if mark == "{":
            if depth == 0:
                signature = _signature(code[since:at])
                found = None
                if signature:
                    name, parameters, head, offset = signature
                    line += code.count("\n", counted, since + offset)
                    counted = since + offset
                    found = (name, parameters, head, line, at)
            depth += 1
        elif mark == "}":
            depth = max(0, depth - 1)
            if depth == 0:
                if found:
                    yield FunctionText(*found, at + 1)
                    found = None
                since = at + 1
        elif depth == 0:
            since = at + 1


def _signature(text: str) -> tuple[str, str, str, int] | None:
    """(name, parameters, head, offset of the name) when `text` ends like a function's head."""
    stripped = text.rstrip()
    if not stripped.endswith(")"):
        return None
    depth = 0
    for at in range(len(stripped) - 1, -1, -1):
        if stripped[at] == ")":
            depth += 1
        elif stripped[at] == "(":
            depth -= 1
            if depth == 0:
                name = _NAME_BEFORE.search(stripped[max(0, at - 256) : at])
                if not name or name[1] in _KEYWORDS:
                    return None
                start = max(0, at - 256) + name.start(1)
                head = " ".join(
                    line for line in stripped[:start].splitlines() if not line.lstrip().startswith("#")
                )
                return name[1], stripped[at + 1 : -1].strip(), " ".join(head.split()), start
    return None
