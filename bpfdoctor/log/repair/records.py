"""Takes the words out of structured logs, one record a line: logfmt (logrus, slog) and JSON."""

from __future__ import annotations

import re

from bpfdoctor.log.repair.escapes import unescape

# level=warning msg="1: (61) r1 = *(u32 *)(r6 +56)" subsys=datapath-loader
_LOGFMT = re.compile(rb"^(?:time|ts|t|level|lvl|timestamp|severity)=[^\n]*+$", re.MULTILINE)
_LOGFMT_PAIR = re.compile(rb"([\w.@-]{1,60})=(?:\"((?>(?:[^\"\\\n]|\\.)*))\"|([^\s\"]*+))")
# {"log":"0: (bf) r6 = r1\n","stream":"stderr","time":"2024-05-01T12:00:00.1Z"}
_JSON = re.compile(
    rb"^[ \t]*+\{(?=[^\n]{0,4000}?\"(?:log|msg|message|MESSAGE|error|err)\" ?:)[^\n]*\}[ \t]*,?$",
    re.MULTILINE,
)
_JSON_PAIR = re.compile(rb"\"([\w.@-]{1,60})\" ?: ?\"((?>(?:[^\"\\\n]|\\.)*))\"()")
_WORDS = (b"msg", b"message", b"MESSAGE", b"log", b"error", b"err")


def found(text: bytes) -> bool:
    return (b"level=" in text and _LOGFMT.search(text) is not None) or (
        b'":' in text and _JSON.search(text) is not None
    )


def strip(text: bytes) -> bytes:
    """Of each record only what was said: its message, and its error behind a colon."""
    text = _LOGFMT.sub(lambda match: _said(match[0], _LOGFMT_PAIR), text)
    return _JSON.sub(lambda match: _said(match[0], _JSON_PAIR), text)


def _said(record: bytes, pair: re.Pattern[bytes]) -> bytes:
    fields = {match[1]: match[2] if match[2] is not None else match[3] for match in pair.finditer(record)}
    return b": ".join(unescape(fields[word]).rstrip(b"\n") for word in _WORDS if fields.get(word))
