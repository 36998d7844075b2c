"""What the message itself says of a register: that it is a number to the verifier."""

from __future__ import annotations

from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.pattern import later

# R6 invalid mem access 'scalar'; R1 type=inv expected=fp, pkt
_NUMBER = later(r"^R(\d{1,2}) (?:invalid mem access '(?:scalar|inv)'|type=(?:scalar|inv) expected=)")


def number_in(transcript: Transcript) -> str | None:
    """ "r6" when the newest message of the verifier's is about a number in R6; None when it is not."""
    blocks = [block for block in transcript.blocks if block.stage is Stage.VERIFIER]
    found = (_NUMBER.match(line) for line in (blocks[-1].lines if blocks else ()))
    return next((f"r{each[1]}" for each in found if each is not None), None)
