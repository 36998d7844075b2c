"""From the file names and lines that a log, an object or a compiler prints to the user's files and lines."""

from __future__ import annotations

from functools import cached_property

from bpfdoctor.model.report import LineMap, RawReport, SourceFile

_NEAREST = 3  # lines that BCC puts in between (parameters, attributes) belong to the line above them


class Files:
    """The user's files of one report."""

    def __init__(self, raw: RawReport) -> None:
        self._raw = raw
        self._lines: dict[str, tuple[str, ...]] = {}

    @cached_property
    def texts(self) -> dict[str, str]:
        return {file.path: file.text for file in self._raw.files}

    def lines(self, path: str) -> tuple[str, ...]:
        """Lines of a file without their ends; () when its text is not at hand."""
        if path not in self._lines:
            text = self.texts.get(path)
            self._lines[path] = (
                () if text is None else tuple(line.removesuffix("\r") for line in text.split("\n"))
            )
        return self._lines[path]

    def line(self, path: str, number: int) -> str | None:
        lines = self.lines(path)
        return lines[number - 1] if 1 <= number <= len(lines) else None

    def map_for(self, printed: str, offset: int = 0) -> LineMap | None:
        """The map of a text by the name that stands at an offset of the report: the whole, else its end."""
        maps = [found for found in self._raw.line_maps if found.since <= offset]
        exact = [found for found in maps if found.file == printed]
        if exact:
            return exact[-1]
        alike = [found for found in maps if base(found.file) == base(printed)]
        return alike[0] if len(alike) == 1 else None

    def find(self, printed: str, number: int | None = None, text: str | None = None) -> str | None:
        """The user's file for a printed name (relative, absolute or only its last part); None when unsure.

        With `text`, line `number` of the file must read like it: another file may have the same name, or the
        user has changed it since.
        """
        if not printed:
            return None
        alike = [file for file in self._raw.files if base(file.path) == base(printed)]
        if number is not None and text is not None:
            alike = [file for file in alike if self._reads(file, number, text)]
        if len(alike) > 1:
            best = max(_common(file.path, printed) for file in alike)
            alike = [file for file in alike if _common(file.path, printed) == best]
        if len(alike) > 1:
            alike = [file for file in alike if file.path == self._raw.source]
        return alike[0].path if len(alike) == 1 else None

    def _reads(self, file: SourceFile, number: int, text: str) -> bool:
        line = self.line(file.path, number)
        return line is not None and line.split() == text.split()

    def mapped(self, found: LineMap, number: int) -> int | None:
        """The user's line for a line of a rewritten text."""
        for back in range(_NEAREST + 1):
            line = found.lines.get(number - back)
            if line is not None:
                return line
        return None


def base(path: str) -> str:
    """The last part of a path, of Windows too."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _common(one: str, other: str) -> int:
    """How many last parts two paths share."""
    count = 0
    for a, b in zip(reversed(_parts(one)), reversed(_parts(other)), strict=False):
        if a != b:
            break
        count += 1
    return count


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
