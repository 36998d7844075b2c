"""Named rewrites for odd forms of logs, each with the excerpt that made it necessary.

They apply to texts of ordinary size only: what distorts a log in these ways is a person's paste, not a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from bpfdoctor.model.report import Buffer
from bpfdoctor.pattern import later


class Quirk(NamedTuple):
    """One odd form. `seen` is the excerpt and `told` what is made of it. `of_kernels`: they print it so."""

    name: str
    rewrite: Callable[[bytes], bytes]
    seen: bytes
    told: bytes
    of_kernels: bool = False


WHOLE = 4 << 20  # bytes; texts up to this size are looked at whole

_ERRNO = rb"[A-Za-z' -]{3,60}"
_INSN = rb"\d+: \([0-9a-f]{2}\) [^;\n]{1,200}?"
_GO_LINE = later(
    rb"(load program: "
    + _ERRNO
    + rb"): (?=[^\n]{1,4000}?\((?:truncated, )?\d+ line\(s\) omitted\)|[^\n]{1,2000}$)"
    rb"(?:(" + _INSN + rb"): )?([^\n]*)",
    re.MULTILINE,
)
# The width of a window broke the line, with the space before the break or without it.
_GO_BROKEN = later(
    rb"(load program: "
    + _ERRNO
    + rb": (?![;0-9])[^\n]{3,200})\n(?![\t0-9;])(?=[^\n]{1,200}\(\d+ line\(s\) omitted\))"
)
_GO_NEXT = later(
    rb": (?=R\d+ [!a-z]|invalid bpf_context access |expected )| (?=\((?:truncated, )?\d+ line\(s\) omitted\))"
)


def _go_error(text: bytes) -> bytes:
    if b"load program: " not in text:
        return text
    return _GO_LINE.sub(_go_lines, _GO_BROKEN.sub(rb"\1", text))


def _go_lines(match: re.Match[bytes]) -> bytes:
    """The parts of cilium/ebpf's one-line error on lines of their own."""
    start, insn, rest = match[1], match[2], match[3]
    if insn is None and not _GO_NEXT.search(rest):
        return match[0]  # the first line of a whole log, which `scan` splits
    return (
        b":\n".join(part for part in (start, None) if part)
        + b":\n"
        + b"\n".join(part for part in (insn, _GO_NEXT.sub(b"\n", rest)) if part)
    )


_PATH_AND_INSN = later(
    rb"^((?:from )?\d+ to \d+: [^\n(]{1,20}[^\n]{0,4000}?) (?=\d+: \([0-9a-f]{2}\) )", re.MULTILINE
)


def _path_and_instruction(text: bytes) -> bytes:
    return _PATH_AND_INSN.sub(rb"\1\n", text) if b" to " in text else text


_GLUED_SUMMARY = later(rb"^(?!processed )([^\n;]{3,1100}?)[ ]?(?=processed \d+ insns \(limit )", re.MULTILINE)


def _glued_summary(text: bytes) -> bytes:
    if text.count(b"processed ") == text.count(b"\nprocessed ") + text.startswith(b"processed "):
        return text
    return _GLUED_SUMMARY.sub(rb"\1\n", text)


_JOINED_PAIR = later(rb"^(invalid access to [^\n;]{3,200}); (?=R\d+ )", re.MULTILINE)


def _joined_pair(text: bytes) -> bytes:
    return _JOINED_PAIR.sub(rb"\1\n", text) if b"; R" in text else text


_SPACED_QUOTE = later(rb"(invalid mem access) ' ?(\w{1,40}) ?'")


def _spaced_quote(text: bytes) -> bytes:
    return _SPACED_QUOTE.sub(rb"\1 '\2'", text) if b"invalid mem access '" in text else text


_CONTINUES = later(rb"(?:fp-\d+(?:_[rwD]+)?=|[\w?]*[,)=]|id=|off=|var_off=|[us]?(?:32_)?m(?:in|ax))")
_STARTS = later(
    rb"\d+: |; |from \d|R\d+ |R\d+(?:_\w+)?=\S+ R|processed |regs=|last_idx|mark_prec|parent |libbpf|-- |$"
)


def _wrapped_state(text: bytes) -> bytes:
    """A terminal or a mail program broke long lines of state: a bracket stays open, or a slot comes first."""
    if b"R10=fp" not in text and b"fp-" not in text:
        return text
    lines: list[bytes] = []
    for line in text.split(b"\n"):
        if lines and _is_rest_of(lines[-1], line):
            glue = b" " if line.startswith((b"fp-", b"R")) else b""
            lines[-1] = lines[-1].rstrip() + glue + line.lstrip()
        else:
            lines.append(line)
    return b"\n".join(lines)


def _is_rest_of(above: bytes, line: bytes) -> bool:
    if not 40 <= len(above) <= 4000 or not line.strip() or b"=" not in above:
        return False
    if line.startswith(b"fp-"):
        return b"fp" in above
    state = above[above.rfind(b"R") :] if b"R" in above else above
    is_open = state.count(b"(") > state.count(b")")
    return is_open and not _STARTS.match(line) and _CONTINUES.match(line.lstrip()) is not None


def _joined(text: bytes) -> bytes:
    if b" processed " not in text and not any(line.count(b": (") > 1 for line in text.split(b"\n")):
        return text
    from bpfdoctor.log.repair.one_line_logs import separate  # its patterns take a while to compile

    return separate(text)


QUIRKS = (
    Quirk(
        "all lines of a log joined by spaces",
        _joined,
        b"0: (79) r6 = *(u64 *)(r1 +104) 1: (79) r1 = *(u64 *)(r6 +0) R6 invalid mem access 'inv' processed 2"
        b" insns",
        b"0: (79) r6 = *(u64 *)(r1 +104)\n1: (79) r1 = *(u64 *)(r6 +0)\nR6 invalid mem access 'inv'\n"
        b"processed 2 insns",
    ),
    Quirk(
        "cilium/ebpf's error on one line",
        _go_error,
        b"program drop: load program: permission denied: 17: (69) r1 = *(u16 *)(r2 +2): R2 invalid mem access"
        b" 'scalar' (40 line(s) omitted)",
        b"program drop: load program: permission denied:\n17: (69) r1 = *(u16 *)(r2 +2)\n"
        b"R2 invalid mem access 'scalar'\n(40 line(s) omitted)",
    ),
    Quirk(
        "a path's first instruction on the line of its state, as 4.14 prints it",
        _path_and_instruction,
        b"from 94 to 98: R0=inv(id=0) R6=ctx(id=0,off=0,imm=0) R10=fp0 98: (79) r7 = *(u64 *)(r10 -248)",
        b"from 94 to 98: R0=inv(id=0) R6=ctx(id=0,off=0,imm=0) R10=fp0\n98: (79) r7 = *(u64 *)(r10 -248)",
        of_kernels=True,
    ),
    Quirk(
        "a message without a newline, from the kernel or from a paste",
        _glued_summary,
        b"nonzero tailing record in func infoprocessed 0 insns (limit 1000000) max_states_per_insn 0",
        b"nonzero tailing record in func info\nprocessed 0 insns (limit 1000000) max_states_per_insn 0",
        of_kernels=True,
    ),
    Quirk(
        "two messages joined for a title",
        _joined_pair,
        b"invalid access to packet, off=42 size=2, R0(id=7,off=42,r=0); R0 offset is outside of the packet",
        b"invalid access to packet, off=42 size=2, R0(id=7,off=42,r=0)\nR0 offset is outside of the packet",
    ),
    Quirk(
        "a space that a forum put into the quotes",
        _spaced_quote,
        b"R8 invalid mem access ' inv'",
        b"R8 invalid mem access 'inv'",
    ),
    Quirk(
        "a line of state wrapped at the width of a window",
        _wrapped_state,
        b" R0=inv(id=0,umax_value=255) R1_w=pkt(id=0,off=14,r=14,imm=0) R2=pkt_end(id=0,\noff=0) R10=fp0",
        b" R0=inv(id=0,umax_value=255) R1_w=pkt(id=0,off=14,r=14,imm=0) R2=pkt_end(id=0,off=0) R10=fp0",
    ),
)


def rewrite(text: bytes, original: Buffer, quirks: tuple[Quirk, ...] = QUIRKS) -> Buffer:
    """The text in its usual form; `original` itself when nothing is odd about it."""
    told = text
    for quirk in quirks:
        told = quirk.rewrite(told)
    return original if told == text else told


def of_kernels(log: Buffer) -> Buffer:
    """A log that nobody pasted, in its usual form."""
    quirks = tuple(quirk for quirk in QUIRKS if quirk.of_kernels)
    return rewrite(bytes(log[:]), log, quirks) if len(log) <= WHOLE else log
