"""Looks at a text and hands its lines to the Reader; what is too large to be read whole goes to large.py.

Everything here works on bytes and offsets.
"""

from __future__ import annotations

from bpfdoctor.log.events import events_of
from bpfdoctor.log.glued import split
from bpfdoctor.log.messages import Found, Known
from bpfdoctor.log.reader import Reader
from bpfdoctor.log.repair import odd_forms
from bpfdoctor.model.report import Buffer, RawReport
from bpfdoctor.model.transcript import Transcript


def read(
    raw: RawReport, text: Buffer, known: Known | None = None, piece: Found | None = None
) -> list[Transcript]:
    """One Transcript per program or compilation in `text`; never none.

    `text` is `raw.data` without decoration. `known` says whether a line is a message that somebody knows
    (the catalogue does): it decides about messages that stand alone among a user's words.
    """
    if raw.log is not None:
        from bpfdoctor.log import program_log

        return [program_log.read(raw, raw.log, known)]
    if len(text) <= odd_forms.WHOLE:
        text = odd_forms.rewrite(bytes(text[:]), text)
        return Reader(raw, text, known, piece).read(split(events_of(bytes(text[:]))))
    from bpfdoctor.log import large

    return large.read(raw, text, known, piece)
