"""The C text inside a Python tool, with everything else blanked, so that lines and columns are the tool's."""

from __future__ import annotations

import re

_QUOTES = re.compile(r"\"\"\"|'''|\"|'")


def c_inside(text: str, first: int, last: int) -> str:
    """Keeps lines first..last (1-based) of a Python file; on these two, only what is inside the string."""
    lines = text.split("\n")
    first, last = max(first, 1), min(last, len(lines))
    kept = [" " * len(line) for line in lines[: first - 1]]
    for number in range(first, last + 1):
        line = lines[number - 1]
        if number == first:
            opened = _QUOTES.search(line)
            before = line[: opened.start()] if opened else ""
            if (
                opened
                and not before.lstrip().startswith(("#include", "//", "/*"))
                and ("=" in before or "(" in before)
            ):
                line = " " * opened.end() + line[opened.end() :]
        if number == last:
            closed = line.find('"""') if '"""' in line else line.find("'''")
            if closed >= 0:
                line = line[:closed] + " " * (len(line) - closed)
        kept.append(line)
    kept += [" " * len(line) for line in lines[last:]]
    return "\n".join(kept)
