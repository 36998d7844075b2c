"""The exit status of every command; the numbers are ruff's."""

from __future__ import annotations

from enum import IntEnum


class RC(IntEnum):
    """What a script may rely on."""

    OK = 0  # everything loads, no findings
    FOUND = 1  # a program was refused, or something selected was found
    FAILED = 2  # bpfdoctor could not do its job: usage, no permission, no compiler, unreadable log
    INTERRUPTED = 130  # Ctrl-C; SIGTERM is 143 and SIGHUP 129, as shells count them
