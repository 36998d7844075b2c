"""Colour for the terminal: styles stand in the text as control characters until the very end.

`visible` has taken every control character out of the input, so ours cannot be forged.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.pattern import later

_START, _END = "\x0e", "\x0f"  # followed by the style's letter; styles do not nest

# Of the sixteen colours, so that the user's theme decides how they look.
STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "strong": "bold",
    "frame": "blue",
    "primary": "red",
    "second": "cyan",
    "row": "bold",
    "good": "bold green",
    "add": "green",
    "remove": "red",
    "dim": "dim",
}
_LETTERS = {name: chr(ord("A") + at) for at, name in enumerate(STYLES)}
_NAMES = {letter: name for name, letter in _LETTERS.items()}
_MARKED = later(f"{_START}(.)([^{_END}]*){_END}")


def style(text: str, name: str) -> str:
    """`text` in the style `name`; empty text stays empty."""
    return f"{_START}{_LETTERS[name]}{text}{_END}" if text else ""


def paint(text: str, color: bool) -> str:
    """`text` with its styles as terminal colours, or without them."""
    if not color:
        return _MARKED.sub(r"\2", text)
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {letter: Style.parse(STYLES[name]) for letter, name in _NAMES.items()}
    return _MARKED.sub(lambda m: styles[m[1]].render(m[2], color_system=ColorSystem.STANDARD), text)


def spans(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the name of its style ("" where it has none)."""
    at = 0
    for found in _MARKED.finditer(text):
        if found.start() > at:
            yield "", text[at : found.start()]
        yield _NAMES[found[1]], found[2]
        at = found.end()
    if at < len(text):
        yield "", text[at:]
