"""Takes the words out of structured logs, one record a line: logfmt (logrus, slog) and JSON."""

from __future__ import annotations

import re

from bpfdoctor.log.repair.escapes import unescape
from bpfdoctor.pattern import later

# level=warning msg="1: (61) r1 = *(u32 *)(r6 +56)" subsys=datapath-loader
_LOGFMT = later(rb"^(?:time|ts|t|level|lvl|timestamp|severity|name|caller)=[^\n]*+$", re.MULTILINE)
_LOGFMT_PAIR = later(rb"([\w.@-]{1,60})=(?:\"((?>(?:[^\"\\\n]|\\.)*))\"|([^\s\"]*+))")
# {"log":"0: (bf) r6 = r1\n","stream":"stderr","time":"2024-05-01T12:00:00.1Z"}
_JSON = later(
    rb"^[ \t]*+\{(?=[^\n]{0,4000}?\"(?:log|msg|message|MESSAGE|error|err)\" ?:)[^\n]*\}[ \t]*,?$",
    re.MULTILINE,
)
_JSON_PAIR = later(rb"\"([\w.@-]{1,60})\" ?: ?\"((?>(?:[^\"\\\n]|\\.)*))\"()")
# 12:00:00.1 ERROR agent main.go:3 load failed {"line": 0, "log": "R1 !read_ok"}   (zap, on a terminal)
_TAILED = later(
    rb"^[^\n{\"]{1,300}?(\{ ?(?=[^\n]{0,4000}?\"(?:log|err|error|reason)\" ?:)"
    rb"\"[\w.@-]{1,60}\" ?:[^\n]*\})[ \t]*$",
    re.MULTILINE,
)
# 2026/09/12 04:15:18 ERROR no probe error="attaching kprobe x: …"   (slog by default, logrus on a terminal)
_WORDED = later(
    rb"^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?"
    rb"(?:(?:ERROR|WARN|INFO|FATAL) |(?:ERRO|WARN|INFO|FATA)\[\d{1,9}\] ?)?"
    rb"([^\n\"={]{1,200}?) +((?:[\w.@-]{1,60}=(?:\"(?>(?:[^\"\\\n]|\\.)*)\"|[^\s\"]*+) *+)+)$",
    re.MULTILINE,
)
# error="load program: invalid argument: \        (a shell's way to break a line)
_BROKEN = later(
    rb"^((?:time|ts|t|level|lvl|msg|err|error)=[^\n]*?|[^\n;]*?\"[^\n]*?: )\\\n[ \t]*", re.MULTILINE
)
_LEADING = later(rb"(?:[\w.@-]{1,60}=(?:\"(?>(?:[^\"\\\n]|\\.)*)\"|[^\s\"]*+) *+)*")
_MOST_BREAKS = 40  # of one record
_DEVICE = later(rb"[A-Za-z][\w.@-]{0,15}")
_NAME = later(rb"[A-Za-z_]\w{0,127}")  # msg="Failed to attach" program=on_accept error="…"
_WORDS = (b"msg", b"message", b"MESSAGE", b"log", b"error", b"err")


def found(text: bytes) -> bool:
    if b'rror="' in text and _WORDED.search(text) is not None:
        return True
    return (b"level=" in text and _LOGFMT.search(text) is not None) or (
        b'":' in text and (_JSON.search(text) is not None or _TAILED.search(text) is not None)
    )


def strip(text: bytes) -> bytes:
    """Of each record only what was said: its message, and its error after a colon."""
    for _ in range(_MOST_BREAKS):
        text, joined = _BROKEN.subn(rb"\1", text)
        if not joined:
            break
    text = _LOGFMT.sub(lambda match: _said(match[0], _LOGFMT_PAIR) or _freely(match[0]), text)
    text = _WORDED.sub(_worded, text)
    text = _JSON.sub(lambda match: _said(match[0], _JSON_PAIR), text)
    return _TAILED.sub(_tailed, text)


def _worded(match: re.Match[bytes]) -> bytes:
    """What was said, and the error among the pairs behind it."""
    said = _said(match[2], _LOGFMT_PAIR) if b"rr" in match[2] else b""
    return match[1] + b": " + said if said else match[0]


def _tailed(match: re.Match[bytes]) -> bytes:
    """A line with a record after its words: what the record says of the log or the error, else the line."""
    fields = {found[1]: found[2] for found in _JSON_PAIR.finditer(match[1])}
    if b"log" in fields:
        return unescape(fields[b"log"]).rstrip(b"\n")
    error = next((fields[word] for word in (b"error", b"err", b"reason") if fields.get(word)), None)
    words = match[0][: match.start(1) - match.start()].rstrip()
    return words + b": " + unescape(error).rstrip(b"\n") if error else match[0]


def _freely(record: bytes) -> bytes:
    """What follows the level, where the words are in no field any more: level=fatal it failed"."""
    words = _LEADING.sub(b"", record)
    return words.rstrip(b'"') if words.count(b'"') % 2 else words


def _said(record: bytes, pair: re.Pattern[bytes]) -> bytes:
    fields = {match[1]: match[2] if match[2] is not None else match[3] for match in pair.finditer(record)}
    program = next(
        (fields[word] for word in (b"program", b"prog") if _NAME.fullmatch(fields.get(word) or b"")), b""
    )
    message = next((fields[word] for word in (b"msg", b"message") if fields.get(word)), b"")
    device = next(
        (
            fields[word]
            for word in (b"device", b"interface", b"iface")
            if _DEVICE.fullmatch(fields.get(word) or b"")
        ),
        b"",
    )
    if device and message and any(fields.get(word) for word in (b"error", b"err")):
        fields[b"msg"] = message = message + b" device '" + device + b"'"
        fields.pop(b"message", None)
    if program and message and any(fields.get(word) for word in (b"error", b"err")):
        fields[b"msg"] = message + b" program '" + program + b"'"
        fields.pop(b"message", None)
    return b": ".join(unescape(fields[word]).rstrip(b"\n") for word in _WORDS if fields.get(word))
