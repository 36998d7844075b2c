"""Draws the user's source lines with labelled carets, in a box that names the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bpfdoctor.formats.c_text import before_comment
from bpfdoctor.model.diagnosis import Diagnosis, Label, Place, Report
from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.render import Canvas
from bpfdoctor.render.concise import place as place_name
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.text.carets import Excerpt, Mark, code_line, under
from bpfdoctor.render.text.measure import Drawn, cell_len, draw, wrap
from bpfdoctor.render.text.paint import style
from bpfdoctor.render.words import named, program

_WORD = later(r"\w+")
_HEADER = later(r"<[^>]*>|\"[^\"]*\"")
_INDENT = 3  # blanks between the frame and the code
MOST_LINES = 40  # labelled lines drawn of one file; a diagnosis with more explains nothing


@dataclass(frozen=True, slots=True)
class Border:
    """The characters of the frame."""

    top: str = "╭─"
    bar: str = "│"
    gap: str = "┆"
    tee: str = "├─"
    foot: str = "╰─"


ASCII_FRAME = Border("+-", "|", ":", "+-", "+-")


class Box:
    """One diagnosis's box. `lines()` gives its lines with styles; [] when there is nothing to draw."""

    def __init__(self, report: Report, diagnosis: Diagnosis, canvas: Canvas) -> None:
        self._report = report
        self._diagnosis = diagnosis
        self._canvas = canvas
        self._frame = Border() if canvas.unicode else ASCII_FRAME
        self._placed = _by_file(diagnosis)
        self._unplaced = [label for label in diagnosis.labels if label.place is None and label.text]
        numbers = [line for lines in self._placed.values() for line in lines]
        if (step := diagnosis.finding.step) and not self._placed:
            numbers.append(step.insn.index)
        self._gutter = max(2, *(len(str(number)) for number in numbers)) if numbers else 2

    def lines(self) -> Iterator[str]:
        """The box, top to bottom."""
        frame = self._frame
        if self._placed:
            for at, (file, marked) in enumerate(self._placed.items()):
                yield self._row(
                    "", frame.tee if at else frame.top, style(self._title(file, at == 0), "strong")
                )
                yield from self._file(file, marked)
            yield from self._rest(self._unplaced)
        elif self._diagnosis.finding.step or self._unplaced:
            yield from self._instructions()
        else:
            return
        yield from self._foot()

    def _row(self, number: str, bar: str, text: str = "") -> str:
        gutter = f"{number:>{self._gutter}} {bar}"
        return style(gutter, "frame") + (f" {text}" if text.strip() else "")

    def _text(self, text: str) -> str:
        return one_line(text, unicode=self._canvas.unicode)

    def _room(self, used: int = 0) -> int:
        return max(self._canvas.width - self._gutter - 2 - used, 20)

    def _title(self, file: str, first: bool) -> str:
        where = self._diagnosis.location
        if where is None or where.file != file:
            places = [
                label.place for label in self._diagnosis.labels if label.place and label.place.file == file
            ]
            where = places[0]
        title = place_name(where)
        who = program(self._report)
        name = self._report.program.name if self._report.program else None
        if where.function and where.function != name:
            title += f" in {where.function}" + (f" of {who}" if who and first else "")
        elif who and first:
            title += f" in {who}"
        return self._text(title)

    def _file(self, file: str, marked: Mapping[int, Sequence[Label]]) -> Iterator[str]:
        """The labelled lines of one file with their labels, in the file's order."""
        numbers = sorted(marked)[:MOST_LINES]
        text = self._report.sources.get(file)
        source = text.split("\n") if text is not None else []
        known = {number: _source_line(number, marked[number], source) for number in numbers}
        for number in numbers:  # one line between two labelled ones takes no more room than a gap
            if number + 2 in known and number + 1 not in known and number < len(source):
                known[number + 1] = source[number].rstrip("\r")
        drawn = {
            number: draw(line, unicode=self._canvas.unicode, around=_column(marked.get(number, ())))
            for number, line in known.items()
            if line is not None
        }
        dedent = min((line.indent for line in drawn.values() if line.text.strip()), default=0)
        before: int | None = None
        for number in sorted(known):
            if before is not None and number > before + 1:
                yield self._row("", self._frame.gap)
            yield from self._line(number, drawn.get(number), marked.get(number, ()), dedent)
            before = number

    def _line(self, number: int, line: Drawn | None, labels: Sequence[Label], dedent: int) -> Iterator[str]:
        labels = sorted(labels, key=lambda label: label.role != "access")
        if line is None:
            for text in dict.fromkeys(self._text(label.text) for label in labels):
                yield from self._wrapped(str(number), text)
            return
        room = self._room(_INDENT)
        marks = [self._mark(line, label) for label in labels]
        window = Excerpt.over(line, marks, dedent, room, self._canvas.unicode)
        pad = " " * (_INDENT - 1)
        yield self._row(str(number), self._frame.bar, pad + code_line(line, window, self._canvas.unicode))
        for row in under(marks, window, self._canvas.unicode):
            yield self._row("", self._frame.bar, pad + row)

    def _mark(self, line: Drawn, label: Label) -> Mark:
        where = label.place
        if where is None or where.column is None:
            code = before_comment(line.text) or line.text.rstrip()
            first, last = line.indent, cell_len(code)
        else:
            first = line.cell(min(where.column, line.skipped + len(line.starts)))
            end = where.end_column
            if end is None or end <= where.column:
                source = self._source_of(where)
                end = (_word_end if label.role == "access" else _expression_end)(source, where.column)
            last = line.cell(min(end, line.skipped + len(line.starts)))
        return Mark(first, max(last, first + 1), self._text(label.text), label.role == "access")

    def _source_of(self, where: Place) -> str:
        text = self._report.sources.get(where.file)
        source = text.split("\n") if text is not None else []
        return _source_line(where.line, (Label("", "", place=where),), source) or ""

    def _wrapped(self, number: str, text: str) -> Iterator[str]:
        for at, part in enumerate(wrap(text, self._room(_INDENT))):
            yield self._row("" if at else number, self._frame.bar, " " * (_INDENT - 1) + part)

    def _rest(self, labels: Sequence[Label]) -> Iterator[str]:
        """Labels whose line nobody knows."""
        if labels:
            yield self._row("", self._frame.gap)
        for label in labels:
            at = f"at instruction {label.insn}: " if label.insn is not None else ""
            yield from self._wrapped("", at + self._text(label.text))

    def _instructions(self) -> Iterator[str]:
        """Without places: instructions by number, with the source line that the log quotes, or as printed."""
        step = self._diagnosis.finding.step
        who = program(self._report)
        if step is None:
            yield self._row(
                "", self._frame.top, style(self._text(who or named(self._report.source)), "strong")
            )
            yield from self._rest(self._unplaced)
            return
        title = f"instruction {step.insn.index}" + (f" of {who}" if who else "")
        yield self._row("", self._frame.top, style(self._text(title), "strong"))
        index = step.insn.index
        rows: dict[int, list[Label]] = {index: []}
        for label in self._unplaced:
            rows.setdefault(index if label.insn is None else label.insn, []).append(label)
        before: int | None = None
        for number in sorted(rows, key=lambda number: (number == index, number)):
            if before is not None and number != before + 1:
                yield self._row("", self._frame.gap)
            labels = rows[number] or [Label("access", "")]
            line = draw(self._text(labels[0].code or step.insn.text), unicode=self._canvas.unicode)
            yield from self._line(number, line, labels, line.indent)
            before = number

    def _foot(self) -> Iterator[str]:
        headline = wrap(self._text(self._diagnosis.headline), self._room(3))
        yield self._row("", self._frame.foot, style(headline[0], "strong") if headline else "")
        for part in headline[1:]:
            yield " " * (self._gutter + 4) + style(part, "strong")


def _by_file(diagnosis: Diagnosis) -> dict[str, dict[int, list[Label]]]:
    """The labels that have a place, by file and line; the file of the diagnosis comes first."""
    files: dict[str, dict[int, list[Label]]] = {}
    where = diagnosis.location
    if where:
        files[where.file] = {}
    for label in diagnosis.labels:
        if label.place and label.place.line > 0:
            files.setdefault(label.place.file, {}).setdefault(label.place.line, []).append(label)
    if where and where.line > 0 and where.line not in files[where.file]:
        files[where.file][where.line] = [Label("access", "", place=where)]
    return {file: lines for file, lines in files.items() if lines}


def _column(labels: Sequence[Label]) -> int:
    """The column that must be seen of a very long line: where the access is, or else the first label."""
    ranked = sorted(labels, key=lambda label: label.role != "access")
    return next((each.place.column for each in ranked if each.place and each.place.column), 1)


def _source_line(number: int, labels: Sequence[Label], source: Sequence[str]) -> str | None:
    """The line's text: the file's, unless the log shows that the file has changed since."""
    in_file = source[number - 1].rstrip("\r") if 0 < number <= len(source) else None
    in_log = next(
        (label.place.text for label in labels if label.place and label.place.text is not None), None
    )
    if in_log is None or (in_file is not None and in_file.strip() == in_log.strip()):
        return in_file
    return in_log.rstrip("\r\n")


def _word_end(source: str, column: int) -> int:
    """The column after the word, or the quoted or bracketed name of a header, at `column`."""
    at = min(column - 1, len(source))
    word = _WORD.match(source, at) or _HEADER.match(source, at)
    return word.end() + 1 if word else column + 1


def _expression_end(source: str, column: int) -> int:
    """The column after the expression at `column`: up to what closes a bracket around it, or ends it."""
    depth = 0
    for at in range(max(column - 1, 0), len(source)):
        char = source[at]
        depth += char in "([{"
        if (char in ")]}" and depth == 0) or (char in ";," and depth == 0):
            return max(len(source[:at].rstrip()) + 1, column + 1)
        depth -= char in ")]}"
    return max(len(source.rstrip()) + 1, column + 1)
