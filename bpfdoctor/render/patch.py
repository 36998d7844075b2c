"""A fix as lines of a diff: from its unified diff, its edits, or the example of its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bpfdoctor.model.diagnosis import Edit, Fix
from bpfdoctor.model.record import dataclass

_HUNK = r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@"
CONTEXT = 1  # unchanged lines shown around a change


@dataclass(frozen=True, slots=True)
class PatchLine:
    """One line of a diff. `number` is the line's in the patched file; of a removed line, in the old one."""

    sign: str  # "+", "-" or " "
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring lines of one change. `file` is "" for an example, which is about no file."""

    file: str
    lines: tuple[PatchLine, ...]


def hunks(fix: Fix, sources: Mapping[str, str]) -> list[Hunk]:
    """The changes with CONTEXT unchanged lines around each, but no blank ones; [] without any."""
    if diff := fix.diff or unified(fix.edits, sources):
        return [_trimmed(hunk) for hunk in _parsed(diff)]
    if fix.edits:  # the text is not at hand, so only the new lines can be shown
        return [
            Hunk(
                edit.file, tuple(PatchLine("+", text, edit.first + at) for at, text in enumerate(edit.lines))
            )
            for edit in fix.edits
        ]
    example = (line if line[:1] in ("+", "-", " ") else f" {line}" for line in fix.example)
    lines = tuple(PatchLine(line[:1], line[1:]) for line in example)
    return [Hunk("", lines)] if lines else []


def unified(edits: tuple[Edit, ...], sources: Mapping[str, str]) -> str:
    """A unified diff of `edits`; "" when the text of a file is missing."""
    if not edits or any(edit.file not in sources for edit in edits):
        return ""
    import difflib

    out: list[str] = []
    for file in dict.fromkeys(edit.file for edit in edits):
        before = sources[file].splitlines()
        after = list(before)
        for edit in sorted((e for e in edits if e.file == file), key=lambda e: e.first, reverse=True):
            after[edit.first - 1 : edit.last] = edit.lines
        out.extend(difflib.unified_diff(before, after, f"a/{file}", f"b/{file}", lineterm=""))
    return "".join(line + "\n" for line in out)


def _parsed(diff: str) -> Iterator[Hunk]:
    """The hunks of a unified diff; the counts of the @@ line say where each ends."""
    file = ""
    lines: list[PatchLine] = []
    old = new = old_end = new_end = 0
    for line in diff.splitlines():
        if old < old_end or new < new_end:
            sign = line[:1] if line[:1] in ("+", "-") else " "
            lines.append(PatchLine(sign, line[1:], old if sign == "-" else new))
            old += sign != "+"
            new += sign != "-"
            if old >= old_end and new >= new_end:
                yield Hunk(file, tuple(lines))
                lines = []
        elif line.startswith("+++ "):
            file = line[4:].split("\t")[0].removeprefix("b/")
        elif found := re.match(_HUNK, line):
            old, new = int(found[1]), int(found[3])
            old_end, new_end = old + int(found[2] or 1), new + int(found[4] or 1)
    if lines:  # the diff was cut off
        yield Hunk(file, tuple(lines))


def _trimmed(hunk: Hunk) -> Hunk:
    changed = [at for at, line in enumerate(hunk.lines) if line.sign != " "]
    if not changed:
        return hunk
    first, last = max(changed[0] - CONTEXT, 0), min(changed[-1] + 1 + CONTEXT, len(hunk.lines))
    while first < changed[0] and not hunk.lines[first].text.strip():
        first += 1
    while last > changed[-1] + 1 and not hunk.lines[last - 1].text.strip():
        last -= 1
    return replace(hunk, lines=hunk.lines[first:last])
