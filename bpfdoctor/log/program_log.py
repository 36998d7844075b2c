"""Reads the log of one program as the kernel wrote it, handed over by who asked: its ends are enough."""

from __future__ import annotations

from bpfdoctor.log.attempt import LoadAttempt
from bpfdoctor.log.events import Event, events_of
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.messages import Known
from bpfdoctor.log.repair import odd_forms
from bpfdoctor.log.shape import log_of
from bpfdoctor.model.report import Buffer, RawReport, Verdict
from bpfdoctor.model.transcript import Transcript

# Bytes read at a log's end: more where the last instruction is not among them.
TAILS = (192 << 10, 2 << 20, 16 << 20)
_HEAD = 16 << 10  # bytes; they show whether the beginning is missing
_NEVER = (Kind.LOADER, Kind.COMPILER)  # the verifier's words, however much they look like somebody else's


def read(raw: RawReport, log: Buffer, known: Known | None) -> Transcript:
    """What the verifier said of `raw.program`, in the log that `raw` has."""
    text = odd_forms.of_kernels(log)
    for tail in TAILS:
        lines = _ends(text, tail)
        shape = log_of(line._replace(kind=Kind.TEXT) if line.kind in _NEVER else line for line in lines)
        refused = raw.verdict in (Verdict.REFUSED, Verdict.NOT_LOADED)
        attempt = LoadAttempt(errno=raw.errno, failed=refused, log=shape)
        made = attempt.transcript(raw, text, known)
        if not attempt.unseen or len(text) <= tail:
            break
    return made or Transcript(raw=raw, text=text, succeeded=raw.verdict is Verdict.LOADS)


def _ends(text: Buffer, tail: int) -> list[Event]:
    """The lines of a log without those in the middle, which whoever wants a step reads for himself."""
    if len(text) <= _HEAD + tail:
        return events_of(bytes(text[:]).removesuffix(b"\n"))
    first = text.rfind(b"\n", 0, _HEAD) + 1
    last = text.find(b"\n", len(text) - tail) + 1 or len(text) - tail
    head = events_of(bytes(text[:first]).removesuffix(b"\n")) if first else []
    middle = Event(Kind.GAP, first, last, b"")
    return [*head, middle, *events_of(bytes(text[last:]).removesuffix(b"\n"), last)]
