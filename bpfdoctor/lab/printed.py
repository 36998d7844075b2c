"""A log as libbpf or libbcc would print it among its own words: for people, and for the corpus to keep."""

from __future__ import annotations

import os
import re

from bpfdoctor.lab.results import Loaded
from bpfdoctor.model.report import Verdict

_REFUSED = re.compile(rb"^libbpf: prog '[^\n]*': BPF program load failed[^\n]*\n", re.MULTILINE)


def printed(entry: Loaded, log: bytes | None = None, *, bcc: bool = False) -> bytes:
    """The best log there is, or `log`, where the loader has it."""
    log = entry.log if log is None else log
    if bcc:
        said = f"bpf: Failed to load program: {os.strerror(entry.errno)}\n".encode() if entry.errno else b""
        return entry.messages + said + log + (b"\n" if said else b"")
    if entry.verdict is Verdict.NOT_LOADED:
        return entry.messages
    begin = f"libbpf: prog '{entry.program.name}': -- BEGIN PROG LOAD LOG --\n".encode()
    body = begin + log + b"-- END PROG LOAD LOG --\n"
    refused = _REFUSED.search(entry.messages)
    at = refused.end() if refused and entry.verdict is Verdict.REFUSED else len(entry.messages)
    return entry.messages[:at] + body + entry.messages[at:]
