"""Reads one line of a verifier log: its beginning says which kind it is, one small grammar reads the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from bpfdoctor import grammar, statistics
from bpfdoctor.log.events import LONGEST, Event, kind_of
from bpfdoctor.log.insn import parse_insn
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.line import (
    BlankLine,
    CallLine,
    CallSide,
    CommentLine,
    FromLine,
    InsnLine,
    Line,
    MessageLine,
    PrecisionLine,
    RemarkLine,
    ReportLine,
    SafeLine,
    StateLine,
    StatsLine,
    TableLine,
    UnknownLine,
)
from bpfdoctor.log.number import NUMBER, position
from bpfdoctor.log.state import parse_state
from bpfdoctor.model.trace import Comment
from bpfdoctor.parser import Token
from bpfdoctor.pattern import later


def parse(text: str) -> Line:
    """What one line says. Never raises; what its grammar cannot read is an UnknownLine."""
    data = text.encode("utf-8", "surrogatepass")
    return read(Event(kind_of(data), 0, len(data), data))


def read(event: Event) -> Line:
    """The same of a line whose kind is known."""
    line = event.whole
    if len(line) >= LONGEST:
        return UnknownLine(line)
    try:
        return _READERS[event.kind](line)
    except ValueError:
        return UnknownLine(line)


_INDEX = later(rf"({NUMBER}): ")
# What the tables of 6.18 and later add to an instruction: it was not executed.
_ROW_MARK = later(r"\t| // |; (?:use|def|zext)\b")
# The state after an instruction; var_off=(0x0; 0xff) has a semicolon too.
_PRINTED = later(r" ?;(?= ?(?:R\d|fp-|frame\d|refs=|\*\(R|cb|async_cb|use:|def:|zext|$))")
# "15: (55) if r1 != 0x7 goto pc+1 17: R0=…": the newline was that of a branch explored before.
_GLUED = later(rf" ({NUMBER}):(?= ?(?:R\d|frame\d|fp-|refs=))")
# The same, when the verifier has something to say about the branch before it prints a state.
_SAID = later(r"(\([0-9a-f]{2}\) (?:.*goto pc[+-]\d+|call \S+#-?\d+)) (\S.*)")


def _insn_line(line: str) -> Line:
    if (index := _INDEX.match(line)) is None:
        return UnknownLine(line)
    number, text = index[1], line[index.end() :]
    printed = next_index = next_state = None
    is_read = True
    if (semicolon := _PRINTED.search(text)) is not None:
        printed = parse_state(text[semicolon.end() :].strip())
        is_read = printed is not None
        text = text[: semicolon.start()]
    elif (glued := _GLUED.search(text)) is not None:
        next_index, next_state = int(glued[1]), parse_state(text[glued.end() :].strip())
        is_read = next_state is not None
        text = text[: glued.start()]
    insn = parse_insn(int(number), text)
    message = ""
    if insn is None and not semicolon and (said := _SAID.match(text)) is not None:
        insn, message = parse_insn(int(number), said[1]), said[2]
    if insn is None or (not is_read and _ROW_MARK.search(line)):
        return TableLine(line) if _ROW_MARK.search(line) else UnknownLine(line)
    return InsnLine(insn, printed, next_index, next_state, message)


_OWN_INDEX = later(rf"\s*(?:marking .*error)?(?:({NUMBER}):)?\s*(?=R|fp|frame|refs|\*)")


def _state_line(line: str) -> Line:
    match = _OWN_INDEX.match(line)
    state = parse_state(line[match.end() :].strip()) if match else None
    if match is None or state is None:
        return UnknownLine(line)
    return StateLine(int(match[1]) if match[1] else None, state)


class _ToLine:
    """Builds a Line while a line is parsed; states inside are read with their own grammar."""

    def located(self, children: list[Token | None]) -> Line:
        _, text, place = children
        assert place is not None
        file, _, number = place.partition("@ ")[2].rpartition(":")
        return CommentLine(Comment(str(text or "").strip(), file, position(number)))

    def bare(self, children: list[Token | None]) -> Line:
        return CommentLine(Comment(str(children[1] or "").strip()))

    def from_safe(self, children: list[Any]) -> Line:
        source, target, speculative = children
        return FromLine(int(source), int(target), speculative is not None, safe=True)

    def from_state(self, children: list[Any]) -> Line:
        source, target, speculative, text = children
        state = parse_state(str(text or "").strip())
        return FromLine(int(source), int(target), speculative is not None, state=state)

    def safe(self, children: list[Token]) -> Line:
        return SafeLine(int(children[0]))

    def caller(self, _: list[Token]) -> Line:
        return CallLine(CallSide.CALLER)

    def callee(self, _: list[Token]) -> Line:
        return CallLine(CallSide.CALLEE)

    def returning(self, _: list[Token]) -> Line:
        return CallLine(CallSide.RETURNING)

    def to_caller(self, children: list[Token]) -> Line:
        return CallLine(CallSide.TO_CALLER, int(children[0]))


@cache
def _parser(name: str, start: str) -> Callable[[str], Any]:
    parse: Callable[[str], Any] = grammar.parser(name, start, _ToLine).parse
    return parse


def _path_line(line: str) -> Line:
    found: Line = _parser("verifier_line", "path")(line)
    return found


def _statistics_line(line: str) -> Line:
    found = statistics.of_line(line)
    return UnknownLine(line) if found is None else StatsLine(found)


@lru_cache(maxsize=1024)  # loops come back to the same lines
def _comment_line(line: str) -> Line:
    found: Line = _parser("source_line", "start")(line)
    return found


_READERS: dict[Kind, Callable[[str], Line]] = {
    Kind.BLANK: lambda _: BlankLine(),
    Kind.INSN: _insn_line,
    Kind.STATE: _state_line,
    Kind.FROM: _path_line,
    Kind.SAFE: _path_line,
    Kind.CALL: _path_line,
    Kind.COMMENT: _comment_line,
    Kind.PRECISION: PrecisionLine,
    Kind.TABLE: TableLine,
    Kind.BTF: TableLine,
    Kind.STATS: _statistics_line,
    Kind.NOTE: RemarkLine,
    Kind.SOFT: RemarkLine,
    Kind.LOOP: RemarkLine,
    Kind.REPORT: ReportLine,
    Kind.LOADER: MessageLine,
    Kind.COMPILER: MessageLine,
    Kind.ELLIPSIS: MessageLine,
    Kind.TEXT: MessageLine,
}
