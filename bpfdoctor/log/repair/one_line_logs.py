"""Cuts a log whose lines were joined by spaces, as chats and issue titles do, into its lines again."""

from __future__ import annotations

import re

_INSN = rb"\d+: \([0-9a-f]{2}\) "
_MEMORY = rb"\*\(\w+ \*\)\(?r\d+ ?[+-]?\d+\)?"
_REGISTER = rb"[rw]\d+"
_VALUE = rb"-?(?:\(\w+\))?(?:" + _REGISTER + rb"\b|0x[0-9a-f]+(?: ll)?|\d+|" + _MEMORY + rb")"
_TEXT = (
    rb"(?:exit|call \S+|(?:may_goto|gotol?) pc[+-]\d+|if \S+ \S+ \S+ goto pc[+-]\d+"
    rb"|(?:lock )?(?:" + _MEMORY + rb"|" + _REGISTER + rb") \S{1,4} "
    rb"(?:"
    + _VALUE
    + rb"|(?:bswap|be|le)\d+ "
    + _REGISTER
    + rb"|atomic\w+\([^;]{1,60}?, "
    + _REGISTER
    + rb"\)"
    rb"|\*\(u\d+ \*\)skb\[[^\]]{1,20}\]))"
)
# R1=ctx(id=0,off=0,imm=0) R2_w=inv(id=0,var_off=(0x0; 0xff)) fp-8=mmmm????
_SLOT = (
    rb"(?:(?:R\d+|fp-\d+)(?:_[rwD]+)?=[^\s(]*(?:\((?:[^()]|\([^()]*\))*\))?[^\s(]*"
    rb"|refs=[\d,]*|cb|async_cb)(?= |$)"
)
_STATE = rb"(?:frame\d+: ?)?" + _SLOT + rb"(?: " + _SLOT + rb")*"
_INSN_LINE = re.compile(rb"(" + _INSN + _TEXT + rb")(?: *; *(" + _STATE + rb"))?(?: |$)")
_STATE_LINE = re.compile(rb"((?:(?:from )?\d+(?: to \d+)?: ?)?" + _STATE + rb")(?: |$)")
_REMARK_LINE = re.compile(
    rb"(func#\d+ @\d+|Validating \S+ func#\d+\.\.\.|call(?:er|ee):|returning from callee:|to caller at \d+:"
    rb"|(?:mark_precise: frame\d+: )?regs=\S* stack=\S* before "
    + _INSN
    + _TEXT
    + rb"|(?:mark_precise: frame\d+: )?last_idx \d+ first_idx \d+(?: subseq_idx -?\d+)?"
    rb"|; .{0,300}? @ \S{1,200}:\d+)(?: |$)"
)
# Where else a line begins. (mark_precise: frame0: regs=r1 stack= before 9: (57) r1 &= -4)
_MARKS = (
    rb"(?<!before )"
    + _INSN
    + rb"|(?<!before )\d+: (?:R\d+|frame\d+)|from \d+ to \d+[: ]|processed \d+ insns|func#\d+ @"
    rb"|mark_precise: |(?<!frame\d: )(?:last_idx \d|regs=\w* stack=)|Validating |Func#\d|(?:caller|callee):"
    rb"|returning from callee:|to caller at \d|parent (?:didn't|already)|verification time \d|stack depth \d"
    rb"|libbpf: |-- END PROG LOAD LOG|(?:cur|old) state:|Live regs before insn:"
)
_MARK = re.compile(rb"(?<![^ ])(?:" + _MARKS + rb")")
# A semicolon with a blank before it is the log's, without one it is C's.
_BEGINS = re.compile(rb" (?=" + _MARKS + rb"|; (?!R\d|frame\d|fp-|refs=|0x))|(?<=-- BEGIN PROG LOAD LOG --) ")
# The second line of a pair: "invalid access to packet, off=0 size=1, R1(id=0,off=0,r=0)", "R1 offset is …"
_SECOND = re.compile(
    rb" (?=Caller passes invalid args into func#)"
    rb"|(?<=\)|\d) (?=R\d+ (?:offset is outside|(?:min|max) value is outside|unbounded memory) )"
)
# What 7.3 adds is laid out with its line breaks; without them the terse message says as much.
_REPORT = re.compile(rb" Verification failed: .*?(?= processed \d+ insns|$)")
_LONGEST = 1 << 20  # bytes of such a line


def separate(text: bytes) -> bytes:
    """The text with every joined line on lines of its own again."""
    if len(text) > _LONGEST:
        return text
    return b"\n".join(_lines(line) if _is_joined(line) else line for line in text.split(b"\n"))


def _is_joined(line: bytes) -> bool:
    """Whether a line that begins somewhere in this one is followed by another."""
    marks = _MARK.finditer(line, 1)
    return next(marks, None) is not None and next(marks, None) is not None


def _lines(line: bytes) -> bytes:
    parts = _BEGINS.sub(b"\n", _REPORT.sub(b"", line)).split(b"\n")
    return b"\n".join(piece for part in parts for piece in _pieces(part.strip()) if piece)


def _pieces(part: bytes) -> list[bytes]:
    """An instruction, what stands after it, and the message after that."""
    if found := _INSN_LINE.match(part):
        state = b" ; " + found[2] if found[2] else b""
        return [found[1] + state, *_pieces(part[found.end() :].strip())] if part else []
    if found := _STATE_LINE.match(part) or _REMARK_LINE.match(part):
        return [found[1], *_pieces(part[found.end() :].strip())]
    return [_SECOND.sub(b"\n", part)]
