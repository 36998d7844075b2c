"""What is said of a finding, or of a whole program, that bpfdoctor itself failed on."""

from __future__ import annotations

from bpfdoctor import __version__
from bpfdoctor.model.diagnosis import INTERNAL_ERROR, Diagnosis
from bpfdoctor.model.problem import bug
from bpfdoctor.model.transcript import ErrorBlock
from bpfdoctor.own_finding import own_finding


def internal_error(error: Exception, block: ErrorBlock) -> Diagnosis:
    """A finding that stands for the one that `error` kept from being made; it asks for a report."""
    return own_finding(INTERNAL_ERROR, {"error": bug(error), "version": __version__}, block)
