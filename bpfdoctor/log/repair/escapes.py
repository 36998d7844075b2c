"""Takes off encodings: terminal escapes, HTML, typographic quotes, and logs inside a quoted string."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from bpfdoctor.pattern import later

# Patterns are compiled when they are first needed (`re` keeps them): most logs need none of them.
# Every repetition is possessive and ends at a line's end, so that hostile escapes cost linear time
# and an escape that never ends takes one line with it, not the log.
_TERMINAL = (
    rb"\x1b(?:"
    rb"\[[0-?]*+[ -/]*+[@-~]?"  # CSI: colours, cursor
    rb"|\][^\x07\x1b\n]*+(?:\x07|\x1b\\)?"  # OSC: titles, links
    rb"|[PX^_][^\x1b\n]*+(?:\x1b\\)?"  # DCS, SOS, PM, APC
    rb"|[ -/]*+[0-~]?)"
    rb"|\xc2\x9b[0-?]*+[ -/]*+[@-~]?"  # CSI as one character
    # the same written out, as `cat -v`, JSON and shells write it
    rb"|(?:\\x1[bB]|\\033|\\e|\\u001[bB]|\^\[|\xe2\x90\x9b|\xef\xbf\xbd(?=\[[0-9;]*m))\[[0-9;?]*+[A-Za-z]"
)
# A web page swallowed the escape: [0;31m. A [m alone is C: `values[m]`, `asm("…" : [mark]"+r"(mark))`.
_BARE_COLOUR = rb"\[\d{1,2}(?>(?:;\d{1,3})*)m"
_OVERSTRIKE = rb"(?:[\xc2-\xf4][\x80-\xbf]{1,3}|[^\n\x08])\x08"  # one character, of one byte or of several
_CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]++"
_RETURNS = rb"\r++\n?"
_ODD = later(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\\x1[bB]\[|\\033\[|\\e\[|\\u001[bB]\[|\^\[\[|\[0?m")


def utf16_found(text: bytes) -> bool:
    return text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in text[:256]


def utf16_decoder() -> Callable[[bytes], bytes]:
    """What a Windows console's `>` writes."""
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    return lambda part: decoder.decode(part).encode("utf-8", "replace")


def invalid_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return True
    return False


def mend_utf8(text: bytes) -> bytes:
    return text.decode("utf-8", "replace").encode()


def rsyslog_found(text: bytes) -> bool:
    return b"#012" in text


def decode_rsyslog(text: bytes) -> bytes:
    """rsyslog writes control characters as octal numbers: `reference leak#012processed 9 insns`."""
    return text.replace(b"#012", b"\n").replace(b"#011", b"\t").replace(b"#033", b"\x1b")


def terminal_found(text: bytes) -> bool:
    return _ODD.search(text) is not None


def strip_terminal(text: bytes) -> bytes:
    """Without escapes, overstrikes, control characters and carriage returns."""
    text = re.sub(_TERMINAL, b"", text)
    if re.search(_BARE_COLOUR, text):
        text = re.sub(_BARE_COLOUR + rb"|\[m", b"", text)
    if b"\x08" in text:
        text = re.sub(_OVERSTRIKE, b"", text)
    text = re.sub(_RETURNS, b"\n", text)
    text = re.sub(_CONTROL, b"", text)
    return text.replace(b"\xc2\x85", b"\n")


# Names of tags in the form of tags: `if (a<b && c>d)`, <invalid kfunc call> and <linux/p.h> are no HTML.
_TAG = (
    rb"(?i)<(?P<end>/?)(?P<name>span|div|pre|code|br|p|a|td|tr|th|table|tbody|b|i|u|em|strong|font|ul|ol|li|samp"
    rb"|kbd|tt|img|button|h[1-6]|blockquote|section|article|html|body|details|summary|mark|sub|sup)"
    rb"(?:[ \t]+[a-zA-Z-]+=[^<>\n]{0,500})?[ \t]*/?>"
)
_ENTITY = rb"&(?:(lt|gt|amp|quot|apos|nbsp)|#(?:x([0-9a-fA-F]{1,6})|(\d{1,7})));"
_NAMED = {b"lt": b"<", b"gt": b">", b"amp": b"&", b"quot": b'"', b"apos": b"'", b"nbsp": b" "}
_BREAKS = {b"br", b"div", b"p", b"tr", b"li", b"pre", b"table", b"blockquote"}


def html_found(text: bytes) -> bool:
    if b"&" in text and re.search(_ENTITY, text):
        return True
    return b"</" in text and re.search(_TAG, text) is not None


def strip_html(text: bytes) -> bytes:
    """The text of a copied web page: tags go, block ends become line ends, entities become characters."""
    text = re.sub(_TAG, _tag, text)
    text = re.sub(_ENTITY, _entity, text)
    # Some pages are escaped twice: &amp;lt;
    return re.sub(_ENTITY, _entity, text)


def _tag(match: re.Match[bytes]) -> bytes:
    name = match["name"].lower()
    return b"\n" if name == b"br" or (match["end"] and name in _BREAKS) else b""


def _entity(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return _NAMED[match[1]]
    number = int(match[2], 16) if match[2] else int(match[3])
    if number in (10, 13):
        return b"\n"
    is_text = 32 <= number < 0x110000 and not 0xD800 <= number < 0xE000
    return chr(number).encode() if is_text else b""


# What word processors and chats make of quotes, minus signs and spaces.
_TYPOGRAPHY = {
    "\u2018": "'", "\u2019": "'", "\u2032": "'", "\u201c": '"', "\u201d": '"', "\u2033": '"',
    "\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\u3000": " ",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "",
    "\u200e": "", "\u200f": "", "\u202a": "", "\u202b": "", "\u202c": "", "\u202d": "", "\u202e": "",
    "\u2066": "", "\u2067": "", "\u2068": "", "\u2069": "", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip
_TYPOGRAPHIC = b"|".join(re.escape(character.encode()) for character in _TYPOGRAPHY)
_PLAIN = {character.encode(): plain.encode() for character, plain in _TYPOGRAPHY.items()}


def typography_found(text: bytes) -> bool:
    return not text.isascii() and re.search(_TYPOGRAPHIC, text) is not None


def plain_typography(text: bytes) -> bytes:
    return re.sub(_TYPOGRAPHIC, lambda match: _PLAIN[match[0]], text)


# A log inside a string: `"permission denied:\n\t0: (bf) r6 = r1\n\t1: …"`. C text in a log has \n too
# (`; bpf_printk("hi\n");`), so only what begins like a line of a log proves it.
_QUOTED = (
    rb"\\n(?>(?:\\t| )*)"
    rb"(?:\d+: (?:\([0-9a-f]{2}\) |R\d|frame)|processed \d|; |from \d|R\d+ |libbpf: |-- BEGIN|"
    rb"func#\d|verification time|invalid |math between|unknown func|\[\d+\] [A-Z]|"
    rb"[\w./+-]{1,200}:\d{1,6}:\d{1,6}: (?:fatal )?error: )"
)
_ESCAPE = rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))"
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"", b"0": b""}


def quoted_found(text: bytes) -> bool:
    return b"\\n" in text and re.search(_QUOTED, text) is not None


def unquote(text: bytes) -> bytes:
    """The lines that are one quoted log become the lines of that log; the others stay as they are."""
    return b"\n".join(
        _unquote_line(line) if b"\\n" in line and re.search(_QUOTED, line) else line
        for line in text.split(b"\n")
    )


def _unquote_line(line: bytes) -> bytes:
    first = line.find(b"\\n")
    # The quote that opened the string: b'…' of Python, "…" of Go, Rust and JSON; or none at all.
    opened = max(line.rfind(b'"', 0, first), line.rfind(b"b'", 0, first) + 1)
    if opened < 1 and not line.startswith(b'"'):
        return unescape(line)
    delimiter = line[opened : opened + 1]
    # An escaped quote belongs to the log, a bare one ends the string.
    pieces = re.sub(rb"\\.|" + delimiter, lambda m: b"\n" if m[0] == delimiter else m[0], line)
    return unescape(pieces)


def unescape(string: bytes) -> bytes:
    """The inside of a quoted string of Go, Rust, Python, C or JSON."""
    return re.sub(_ESCAPE, _escape, string) if b"\\" in string else string


def _escape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        number = int(match[1], 16)
        return b"" if 0xD800 <= number < 0xE000 else chr(number).encode()
    if match[2]:
        return bytes([int(match[2], 16)])
    return _LETTERS.get(match[3], match[3])
