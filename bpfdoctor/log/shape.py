"""The shape of logs, by grammars/log.lark: kinds of line are its terminals, and a run of steps is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bpfdoctor import grammar
from bpfdoctor.log.events import Event
from bpfdoctor.log.kernel_report import SECTIONS
from bpfdoctor.log.kinds import VERIFIER, Kind
from bpfdoctor.parser import Run, Token

STEPS = VERIFIER | {Kind.GAP}
_ASIDES = frozenset({Kind.BLANK, Kind.COMMENT, Kind.ELLIPSIS})
_TOKENS = {Kind.REPORT: "REPORT", Kind.STATS: "STATS"}


class Log(NamedTuple):
    """The lines of one log; those from `ending` on stand after the last step."""

    lines: Sequence[Event] = ()
    ending: int = 0
    cut: bool = False  # somebody left lines out, and said so

    @property
    def said(self) -> Sequence[Event]:
        """What the verifier had to say at the end."""
        return self.lines[self.ending :]


class ShapeParser:
    """Takes tokens one by one, as they are found."""

    def __init__(self, start: str = "start") -> None:
        self._run = Run(grammar.parser("log", start, _Shape))

    def feed(self, terminal: str, at: int, value: object = None) -> None:
        """One more token, whose lines begin at `at`."""
        token = Token(terminal, "", at)
        token.value = value
        self._run.feed(token)

    def end(self) -> Any:
        """What the whole is."""
        return self._run.end()


class _Shape:
    """Builds logs while parsing. An attempt is what belongs to it, in order; so is the whole text."""

    def start(self, parts: list[Any]) -> list[Any]:
        return _longer(parts) if parts else parts

    def attempt(self, parts: list[Any]) -> list[Any]:
        return parts

    def words(self, parts: list[Any]) -> list[Token]:
        return _longer(parts) if isinstance(parts[0], list) else parts

    def log(self, parts: list[Any]) -> Log:
        lines: list[Event] = []
        ending, cut = 0, False
        for part in parts:
            if isinstance(part, Token):
                lines += part.value
                ending = len(lines)
            else:
                for token in part:
                    lines += token.value
                    cut = cut or token.type == "CUT"
        return Log(lines, ending, cut)


def start_of(part: Token | list[Any]) -> int:
    """Where an attempt or what stands between two begins."""
    first = part[0] if isinstance(part, list) else part
    return first.lines[0].start if isinstance(first, Log) else first.start_pos or 0


def _longer(parts: list[Any]) -> list[Any]:
    """A list that grows on its left, with its next part."""
    whole: list[Any] = parts[0]
    whole.append(parts[1])
    return whole


class LogLines:
    """Makes tokens of a log's lines."""

    def __init__(self, parser: ShapeParser) -> None:
        self.lines: list[Event] = []
        self.in_report = False
        self.summed_up = False  # `processed …` was there
        self._parser = parser
        self._steps: list[Event] = []
        self._asides: list[Event] = []

    @property
    def interrupted(self) -> bool:
        """Whether the log stops without a message: after an instruction or its state."""
        return bool(self.lines) and (self.lines[-1].kind in VERIFIER or self.lines[-1].kind is Kind.COMMENT)

    def take(self, line: Event) -> None:
        """One more line."""
        self.lines.append(line)
        self.in_report = line.kind is Kind.REPORT
        if line.kind in STEPS:
            self._steps += self._asides
            self._steps.append(line)
            self._asides = []
        elif line.kind in _ASIDES:
            self._asides.append(line)
        else:
            self.close()
            self._parser.feed(_TOKENS.get(line.kind, "SAID"), line.start, [line])
            self.summed_up = self.summed_up or (
                line.kind is Kind.STATS and line.data.startswith(b"processed ")
            )

    def takes_of_report(self, line: Event) -> bool:
        """Takes a line of the kernel's own report, which are indented except for its headings."""
        above = self.lines[-1]
        unindented = line.kind is Kind.TEXT and above.kind is Kind.REPORT and above.data.strip()
        is_part = line.data.startswith((b" ", b"\t")) or line.text in SECTIONS or unindented
        self.in_report = bool(is_part or not line.data.strip())
        if self.in_report:
            self.take(line._replace(kind=Kind.REPORT))
        return self.in_report

    def cut(self, line: Event) -> None:
        """Here somebody left lines out."""
        self.close()
        self.lines.append(line._replace(kind=Kind.ELLIPSIS))
        self._parser.feed("CUT", line.start, [self.lines[-1]])

    def close(self) -> None:
        """Nothing more comes that could belong to the run."""
        if self._steps:
            self._parser.feed("STEPS", self._steps[0].start, self._steps)
        if self._asides:
            self._parser.feed("ASIDE", self._asides[0].start, self._asides)
        self._steps, self._asides = [], []


def log_of(lines: Iterable[Event]) -> Log:
    """The shape of one log, of which every line is the verifier's."""
    parser = ShapeParser("log")
    log = LogLines(parser)
    for line in lines:
        if not (log.in_report and log.takes_of_report(line)):
            log.take(line)
    log.close()
    shape: Log = parser.end() if log.lines else Log()
    return shape
