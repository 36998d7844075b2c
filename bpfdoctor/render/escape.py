"""Makes text from input safe to print: what a terminal would obey is written out instead."""

from __future__ import annotations

import re
import unicodedata

from bpfdoctor.pattern import later

# Joiners change how neighbouring letters look and nothing else; people write them in comments.
_HARMLESS = frozenset("\u200c\u200d")
_DANGEROUS = frozenset(
    {"Cc", "Cf", "Cs", "Zl", "Zp"}
)  # controls, bidi and other formats, surrogates, separators

_PLAIN = {
    "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "--", "·": "-", "×": "x",
    "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "\xa0": " ",
}  # fmt: skip

# With the colours of a terminal in front: a runner may take them off.
_COMMAND = later(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(?=:)", re.MULTILINE)
_OLD_COMMAND = later(r"##(?=\w*\[)")


def visible(text: str, *, keep: str = "", unicode: bool = True) -> str:
    r"""`text` with every control character written as `\x1b` or `\u202e`, except those in `keep`.

    With `unicode` False everything outside ASCII is written so too.
    """
    if text.isprintable() and (unicode or text.isascii()):
        return text
    return "".join(char if char in keep else visible_char(char, unicode) for char in text)


def without_commands(text: str, colon: str = r"\x3a", hash: str = r"\x23") -> str:
    r"""`text` with nothing in it that GitHub's runner obeys: `\x3a:error` for `::error`, `#\x23[` for `##[`.

    The one counts at the beginning of a line, after blanks, the other anywhere. `colon` and `hash` are how a
    format writes these characters.
    """
    if "::" in text:
        text = _COMMAND.sub(lambda found: found[1] + colon, text)
    return _OLD_COMMAND.sub("#" + hash.replace("\\", "\\\\"), text) if "##" in text else text


def visible_char(char: str, unicode: bool = True) -> str:
    """One character, written out when it must not reach a terminal. What our own sentences use beyond ASCII
    has letters that stand for it.
    """
    if not unicode and char in _PLAIN:
        return _PLAIN[char]
    if char.isprintable() and (unicode or char.isascii()):
        return char
    dangerous = unicodedata.category(char) in _DANGEROUS or _is_no_character(ord(char))
    return written(char) if not unicode or (dangerous and char not in _HARMLESS) else char


def _is_no_character(code: int) -> bool:
    """U+FFFE, U+FFFF and their like, which XML forbids and no text has."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def written(char: str) -> str:
    r"""`\x1b`, `\u202e` or `\U0001f600`, as Python and C write it."""
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, *, unicode: bool = True) -> str:
    """`text` as one line: any run of white space is one blank, the rest as `visible` has it."""
    return visible(" ".join(text.split()), unicode=unicode)
