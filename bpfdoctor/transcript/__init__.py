"""Bytes to transcripts: which lines are whose, and what was said against each program."""

from bpfdoctor.transcript.scan import read

__all__ = ["read"]
