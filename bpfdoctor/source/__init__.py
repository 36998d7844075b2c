"""From an instruction of the log to the user's file, line, column, variable and statement."""

from bpfdoctor.source.map import Source

__all__ = ["Source"]
