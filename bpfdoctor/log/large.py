"""Reads a large text where somebody speaks in it: messages, last lines, the words of loaders and compilers.

It is looked through once (survey.py) and read around what was found. What lies inside of a log is read by
whoever wants a step of it.
"""

from __future__ import annotations

from bpfdoctor.log import survey
from bpfdoctor.log.events import Event, events_of
from bpfdoctor.log.glued import split
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.lonely import Asked
from bpfdoctor.log.messages import Found, Known
from bpfdoctor.log.program_log import TAILS
from bpfdoctor.log.reader import Reader
from bpfdoctor.model.report import Buffer, RawReport
from bpfdoctor.model.transcript import Transcript


def read(raw: RawReport, text: Buffer, known: Known | None, piece: Found | None) -> list[Transcript]:
    """See scan.read."""
    seen = survey.look_through(text)
    found = _around(raw, text, (known, piece), seen)
    if not any(part.blocks or part.succeeded or part.incomplete for part in found):
        asked = Asked(known, piece)
        if marks := asked.marks(text, seen.walks):
            found = _around(raw, text, (known, piece), seen._replace(marks=marks))
        if asked.unasked:
            found.append(Transcript(raw=raw, text=text, incomplete=asked.passed_over()))
    return found


def _around(
    raw: RawReport, text: Buffer, who: tuple[Known | None, Found | None], seen: survey.Seen
) -> list[Transcript]:
    for tail in TAILS:
        chosen = survey.windows(text, seen, tail)
        reader = Reader(raw, text, *who)
        found = reader.read(split(_lines(text, chosen.windows)))
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
