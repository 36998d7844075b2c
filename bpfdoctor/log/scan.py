"""Looks at a text, whole or where somebody speaks in it, and hands its lines to the Reader.

A text of ordinary size is read whole. A large one is looked through once (survey.py) and read around what was
found: messages, last lines, the words of loaders and compilers. What lies inside of a log is read by whoever
wants a step of it. Everything here works on bytes and offsets.
"""

from __future__ import annotations

from bpfdoctor.log import program_log, survey
from bpfdoctor.log.events import Event, events_of, kind_of
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.lonely import Asked
from bpfdoctor.log.messages import Found, Known
from bpfdoctor.log.program_log import TAILS
from bpfdoctor.log.reader import Reader
from bpfdoctor.log.repair import odd_forms
from bpfdoctor.model.report import Buffer, RawReport
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.pattern import later

# A log that begins in the middle of a loader's line. Rust: "Verifier output: 0: R1=ctx() R10=fp0".
_GLUED = later(
    rb"(?:Verifier output: |verifier_log: (?:VerifierLog\()?\"?|log_buf ?[=:] ?"
    rb"|load program: [A-Za-z' -]{3,60}: |VERIFIER LOG: ?)(?=[^\s(])"
)


def read(
    raw: RawReport, text: Buffer, known: Known | None = None, piece: Found | None = None
) -> list[Transcript]:
    """One Transcript per program or compilation in `text`; never none.

    `text` is `raw.data` without decoration. `known` says whether a line is a message that somebody knows
    (the catalogue does): it decides about messages that stand alone among a user's words.
    """
    if raw.log is not None:
        return [program_log.read(raw, raw.log, known)]
    if len(text) <= odd_forms.WHOLE:
        text = odd_forms.rewrite(bytes(text[:]), text)
        return Reader(raw, text, known, piece).read(_split(events_of(bytes(text[:]))))
    seen = survey.look_through(text)
    found = _large(raw, text, (known, piece), seen)
    if not any(part.blocks or part.succeeded or part.incomplete for part in found):
        asked = Asked(known, piece)
        if marks := asked.marks(text, seen.walks):
            found = _large(raw, text, (known, piece), seen._replace(marks=marks))
        if asked.unasked:
            found.append(Transcript(raw=raw, text=text, incomplete=asked.passed_over()))
    return found


def _large(
    raw: RawReport, text: Buffer, who: tuple[Known | None, Found | None], seen: survey.Seen
) -> list[Transcript]:
    for tail in TAILS:
        chosen = survey.windows(text, seen, tail)
        reader = Reader(raw, text, *who)
        found = reader.read(_split(_lines(text, chosen.windows)))
        if not reader.unseen:
            break
    if chosen.loads:
        found.append(Transcript(raw=raw, text=text, succeeded=True, programs=chosen.loads))
    if chosen.unread:
        said = f"{chosen.unread >> 20} MiB of this text have so much in them that they were not read"
        found.append(Transcript(raw=raw, text=text, incomplete=said))
    return found


def _lines(text: Buffer, windows: list[survey.Window]) -> list[Event]:
    """The lines of the windows, with what lies between them as one line of its own."""
    lines: list[Event] = []
    end = 0
    for window in windows:
        if window.start > end:
            kind = Kind.GAP if window.inside else Kind.BREAK
            lines.append(Event(kind, end, window.start, b""))
        part = bytes(text[window.start : window.end])
        lines += events_of(part[:-1] if part.endswith(b"\n") else part, window.start)
        end = window.end
    return lines


def _split(lines: list[Event]) -> list[Event]:
    """A loader's line that ends in the first line of a log becomes two lines."""
    found: list[Event] = []
    for line in lines:
        glued = _GLUED.search(line.data, 0, 2000) if line.kind is Kind.LOADER else None
        if glued is None:
            found.append(line)
            continue
        at = line.start + glued.end()
        rest = line.data[glued.end() :]
        found.append(Event(Kind.LOADER, line.start, at, line.data[: glued.end()].rstrip()))
        found.append(Event(kind_of(rest), at, line.end, rest))
    return found
