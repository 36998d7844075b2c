"""A fix as lines of a diff: from its edits, or the example of its rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpfdoctor.model.diagnosis import Edit, Fix
from bpfdoctor.model.edits import apply, lines
from bpfdoctor.model.record import dataclass, replace

CONTEXT = 1  # unchanged lines shown around a change
_APART = 3  # unchanged lines on each side of changes that belong to different hunks


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
    if fix.edits and all(edit.file in sources for edit in fix.edits):
        return [
            _trimmed(hunk)
            for file, before, after in _changed(fix.edits, sources)
            for hunk in _hunks(file, before, after)
        ]
    if fix.edits:  # the text is not at hand, so only the new lines can be shown
        return [
            Hunk(
                edit.file, tuple(PatchLine("+", text, edit.first + at) for at, text in enumerate(edit.lines))
            )
            for edit in fix.edits
        ]
    example = (line if line[:1] in ("+", "-", " ") else f" {line}" for line in fix.example)
    shown = tuple(PatchLine(line[:1], line[1:]) for line in example)
    return [Hunk("", shown)] if shown else []


def unified(edits: tuple[Edit, ...], sources: Mapping[str, str]) -> str:
    """A unified diff of `edits`; "" when the text of a file is missing."""
    if not edits or any(edit.file not in sources for edit in edits):
        return ""
    return "".join(diff(file.lstrip("/"), before, after) for file, before, after in _changed(edits, sources))


def diff(name: str, before: list[str], after: list[str]) -> str:
    """A unified diff of one file's lines, for `patch -p1` and `git apply`; "" where they are the same."""
    from difflib import unified_diff

    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(before, after, f"a/{name}", f"b/{name}", n=_APART)
    )


def _changed(
    edits: tuple[Edit, ...], sources: Mapping[str, str]
) -> Iterator[tuple[str, list[str], list[str]]]:
    """(file, its lines, its lines with the edits) of each file; lines with their ends."""
    for file in dict.fromkeys(edit.file for edit in edits):
        text = sources[file]
        yield file, lines(text), lines(apply(text, [edit for edit in edits if edit.file == file]))


def _hunks(file: str, before: list[str], after: list[str]) -> Iterator[Hunk]:
    from difflib import SequenceMatcher

    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(_APART):
        found: list[PatchLine] = []
        for tag, old, old_end, new, new_end in group:
            if tag == "equal":
                found += (PatchLine(" ", _bare(after[at]), at + 1) for at in range(new, new_end))
            else:
                found += (PatchLine("-", _bare(before[at]), at + 1) for at in range(old, old_end))
                found += (PatchLine("+", _bare(after[at]), at + 1) for at in range(new, new_end))
        yield Hunk(file, tuple(found))


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


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
