"""Makes text from input safe to print: what a terminal would obey is written out instead."""

from __future__ import annotations

import unicodedata

# Joiners change how neighbouring letters look and nothing else; people write them in comments.
_HARMLESS = frozenset("\u200c\u200d")
_DANGEROUS = frozenset(
    {"Cc", "Cf", "Cs", "Zl", "Zp"}
)  # controls, bidi and other formats, surrogates, separators


def visible(text: str, *, keep: str = "", unicode: bool = True) -> str:
    r"""`text` with every control character written as `\x1b` or `\u202e`, except those in `keep`.

    With `unicode` False everything outside ASCII is written so too.
    """
    if text.isprintable() and (unicode or text.isascii()):
        return text
    return "".join(char if char in keep else visible_char(char, unicode) for char in text)


def visible_char(char: str, unicode: bool = True) -> str:
    """One character, written out when it must not reach a terminal."""
    if char.isprintable() and (unicode or char.isascii()):
        return char
    if not unicode or (unicodedata.category(char) in _DANGEROUS and char not in _HARMLESS):
        return written(char)
    return char


def written(char: str) -> str:
    r"""`\x1b`, `\u202e` or `\U0001f600`, as Python and C write it."""
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, *, unicode: bool = True) -> str:
    """`text` as one line: any run of white space is one blank, the rest as `visible` has it."""
    return visible(" ".join(text.split()), unicode=unicode)
