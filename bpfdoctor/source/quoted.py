"""What the user calls a register's value, from the one source line that a log quotes when there is no file.

Patterns instead of a C parser: loading that takes as long as all the rest, and the line may be half of a
statement. Where the line leaves a choice there is no name.
"""

from __future__ import annotations

import re

from bpfdoctor.formats.c_text import bare
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.names import short

_LONGEST = 1000  # characters; a longer line has a choice, and the patterns take their time over it
_PATH = re.compile(
    r"(?P<before>[&*]?)\s*(?<![\w.>])(?P<root>[A-Za-z_]\w*)(?P<rest>(?:->\w+|\.\w+|\[[^\[\]]*\])*)(?!\w*\s*\()"
)
_SIZEOF = re.compile(r"\b(?:sizeof|typeof)\s*\([^()]*\)")
_DECLARES = re.compile(r"^\s*(?:const\s+)?(?:struct\s+)?\w+\s*\*+\s*(?=\w+\s*=)")
_FACTOR = re.compile(r"(?<!\breturn)(?<!\bcase)(?<!\belse)(?<!\bdo)(?<=[^\W_])\s*\Z")  # `a *p` multiplies
_CALL = re.compile(r"\b(\w+)\s*\(")


def name(text: str, step: Step, register: str, callee: str | None) -> str | None:
    """The name for `register` before the step; None when the line does not tell."""
    if len(text) > _LONGEST:
        return None
    line = _SIZEOF.sub(" ", bare(text))
    insn = step.insn
    if insn.op is Op.CALL:
        return _argument(line, callee, register)
    if insn.op in (Op.LOAD, Op.STORE, Op.ATOMIC):
        return _base(_DECLARES.sub("", line)) if register == insn.base else None
    return None


def _base(line: str) -> str | None:
    """The pointer of the line's only access: `udp` of `udp->dest`, `p` of `*p` and `p[i]`."""
    found = set()
    for path in _PATH.finditer(line):
        rest = path["rest"]
        arrow, bracket = rest.rfind("->"), rest.rfind("[")
        if path["before"] == "&":
            continue
        if arrow >= 0:
            found.add(path["root"] + rest[:arrow])
        elif bracket >= 0:
            found.add(path["root"] + rest[:bracket])
        elif path["before"] == "*" and not _FACTOR.search(line[: path.start()]):
            found.add(path["root"] + rest)
    return short(found.pop()) if len(found) == 1 else None


def _argument(line: str, callee: str | None, register: str) -> str | None:
    """The argument of the line's only call of that function."""
    calls = [found for name, found in _calls(line) if name == callee]
    number = int(register[1:]) - 1
    return short(calls[0][number]) if len(calls) == 1 and 0 <= number < len(calls[0]) else None


def _calls(line: str) -> list[tuple[str, list[str]]]:
    """(function, arguments) of the calls on the line that are closed on it."""
    found = []
    for call in _CALL.finditer(line):
        depth, start, arguments = 1, call.end(), []
        for at in range(call.end(), len(line)):
            depth += (line[at] in "([{") - (line[at] in ")]}")
            if depth == 0 or (depth == 1 and line[at] == ","):
                arguments.append(line[start:at].strip())
                start = at + 1
            if depth == 0:
                found.append((call[1], arguments))
                break
    return found
