"""Takes off code fences, emphasis and the indentation that a log got in a question or an error chain."""

from __future__ import annotations

import re
from collections.abc import Callable

from bpfdoctor.pattern import later

# A fence separates what stands before it from what stands after it: it leaves an empty line.
_FENCE = later(
    rb"^[ \t]*+(?:```+|~~~+)[ \t]*+[\w.+-]{0,20}[ \t]*+$"
    rb"|^[ \t]*+(?:\[/?code\]|\{(?:code|noformat)(?::[^}\n]{0,40})?\}|\[/?quote\])[ \t]*+$",
    re.MULTILINE | re.IGNORECASE,
)
# Compiled where there is markup at all.
_FENCE_IN_LINE = rb"(?m)^[ \t]*+```+(?=[^\s`])|(?<=[^\s`])```+[ \t]*+$"
# **; __sync_fetch_and_add(&histp->slots[slot], 1);**
_BOLD = rb"(?m)^([ \t]*+)\*\*([^*\n][^\n]*+)$"
_CODE = rb"(?m)^([ \t]*+)`([^`\n]++)`[ \t]*+$"


def markup_found(text: bytes) -> bool:
    if b"`" in text and (_FENCE.search(text) or re.search(_FENCE_IN_LINE, text) or re.search(_CODE, text)):
        return True
    return _FENCE.search(text) is not None or (b"**" in text and _bold(text) != text)


def strip_markup(text: bytes) -> bytes:
    """Without code fences and without emphasis around whole lines."""
    text = _FENCE.sub(b"", text)
    text = re.sub(_FENCE_IN_LINE, b"", text)
    text = re.sub(_CODE, rb"\1\2", text)
    return _bold(text)


def _bold(text: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        inner = match[2].rstrip()
        return match[1] + inner[:-2] if inner.endswith(b"**") and len(inner) > 2 else match[0]

    return re.sub(_BOLD, plain, text)


# Lines that a loader or the kernel never indents: where one is indented, somebody indented the whole log.
# (5.10's ` R0=inv(id=0) …` begins with one space; tables and the kernel's reports are indented as well; and
# a rotated log begins anywhere, so that `                 ; R3=1` may be half of an instruction's line.)
_NEVER_INDENTED = (
    rb"libbpf: |; (?!R\d|frame\d|fp-|refs=)|from \d+ to \d+|processed \d+ insns|func#\d+ @"
    rb"|verification time \d|stack depth \d|mark_precise: |last_idx \d|regs=|-- (?:BEGIN|END) "
    rb"|\d+: (?:R\d|frame\d+: ?R|safe)|Validating |invalid access to "
    rb"|caller:|callee:|returning from callee:|to caller at \d|R\d+ (?:!read_ok|invalid |offset is )"
    rb"|bpf: Failed to load program|Error loading program: |Prog section '|Traceback \(most recent"
    rb"|[\w./+-]{1,200}:\d{1,6}:\d{1,6}: (?:fatal )?error: "
)
_ANCHOR = later(rb"([ \t]+)(?:" + _NEVER_INDENTED + rb"|(\d{1,20}): \([0-9a-f]{2}\) )")
_ANY_ANCHOR = later(rb"^[ \t]++(?:" + _NEVER_INDENTED + rb"|\d+: \([0-9a-f]{2}\) )", re.MULTILINE)
_TABLE_WIDTH = 3  # "%3d: (bf) r2 = r10": the tables of 7.2 right-align their numbers


def indent_found(text: bytes) -> bool:
    return any(_anchored(match[0]) for match in _ANY_ANCHOR.finditer(text))


def _anchored(line: bytes) -> int:
    """How far an indented log is indented, going by this line; 0 when the line does not tell."""
    match = _ANCHOR.match(line)
    if match is None:
        return 0
    space, number = match[1], match[2]
    if number is not None and b"\t" not in space and len(space) + len(number) <= _TABLE_WIDTH:
        return 0
    return len(space)


def indent_stripper() -> Callable[[bytes], bytes]:
    """Takes off the indentation of the last line that showed one; keeps what is indented further."""
    indent = 0

    def strip_line(line: bytes) -> bytes:
        nonlocal indent
        if not line.startswith((b" ", b"\t")):
            return line
        if width := _anchored(line):
            indent = width
            return line[width:]
        body = line.lstrip(b" \t")
        return line[min(indent, len(line) - len(body)) :]

    return lambda text: b"\n".join(map(strip_line, text.split(b"\n")))
