"""Looks at a text, whole or at its two ends, and hands its lines to the Reader.

A text of ordinary size is looked at whole. Of a large one only its head and its tail are: a log's message
stands at the end, its loader's words at both ends, and what lies between is read by whoever wants a step
of it. Everything here works on bytes and offsets.
"""

from __future__ import annotations

import re

from bpfdoctor.model.report import Buffer, RawReport
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.transcript import quirks
from bpfdoctor.transcript.kinds import Kind, Line, kind_of, lines_of
from bpfdoctor.transcript.messages import Known
from bpfdoctor.transcript.reader import Reader

WHOLE = 4 << 20  # bytes; texts up to this size are looked at whole
HEAD = 64 << 10  # bytes looked at in front of a larger text
TAILS = (192 << 10, 2 << 20, 16 << 20)  # and behind it: more where the last instruction is not among them

# A log that begins in the middle of a loader's line. Rust: "Verifier output: 0: R1=ctx() R10=fp0".
_GLUED = re.compile(
    rb"(?:Verifier output: |verifier_log: (?:VerifierLog\()?\"?|log_buf ?[=:] ?"
    rb"|load program: [A-Za-z' -]{3,60}: |VERIFIER LOG: ?)(?=[^\s(])"
)


def read(raw: RawReport, text: Buffer, known: Known | None = None) -> list[Transcript]:
    """One Transcript per program or compilation in `text`; never none.

    `text` is `raw.data` without decoration. `known` says whether a line is a message that somebody knows
    (the catalogue does): it decides about messages that stand alone among a user's words.
    """
    if len(text) <= WHOLE:
        text = quirks.rewrite(bytes(text[:]), text)
        return Reader(raw, text, known).read(_split(lines_of(bytes(text[:]))))
    for tail in TAILS:
        reader = Reader(raw, text, known)
        found = reader.read(_split(_ends(text, tail)))
        if not reader.unseen:
            break
    return found


def _ends(text: Buffer, tail: int) -> list[Line]:
    """The lines of a large text's two ends, whole ones only, with a GAP between them."""
    head = bytes(text[:HEAD])
    head = head[: head.rfind(b"\n") + 1]
    start = max(len(head), len(text) - tail)
    rest = bytes(text[start:])
    if start > len(head):
        cut = rest.find(b"\n") + 1
        start, rest = start + cut, rest[cut:]
    gap = [Line(Kind.GAP, len(head), start, b"")] if start > len(head) else []
    return lines_of(head[:-1]) + gap + lines_of(rest, start)


def _split(lines: list[Line]) -> list[Line]:
    """A loader's line that ends in the first line of a log becomes two lines."""
    found: list[Line] = []
    for line in lines:
        glued = _GLUED.search(line.data, 0, 2000) if line.kind is Kind.LOADER else None
        if glued is None:
            found.append(line)
            continue
        at = line.start + glued.end()
        rest = line.data[glued.end() :]
        found.append(Line(Kind.LOADER, line.start, at, line.data[: glued.end()].rstrip()))
        found.append(Line(kind_of(rest), at, line.end, rest))
    return found
