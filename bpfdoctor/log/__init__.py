"""Bytes to transcripts: which lines are whose, and what was said against each program."""

from bpfdoctor.log.scan import read

__all__ = ["read"]
