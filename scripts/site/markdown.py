"""Markdown to HTML, as the site shows it: highlighted programs, headings to link to, rules that are links."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# A document's link to the address that it has on the site; a name that code may hold to the same, or None.
Link = Callable[[str], str]
Named = Callable[[str], str | None]


def html(text: str, link: Link = str, named: Named = lambda _: None) -> str:
    """The HTML of a document, without a frame. What is HTML in it is shown as text."""
    parser = MarkdownIt("commonmark", {"html": False, "highlight": _highlighted}).enable("table")
    tokens = parser.parse(_without_comments(text))
    _name_headings(tokens)
    for token in tokens:
        token.children = _linked(token.children or [], link, named) if token.children else token.children
    found: str = parser.renderer.render(tokens, parser.options, {})
    # What is wider than a telephone scrolls by itself, for the keyboard as well.
    found = found.replace(
        "<table>", '<div class="wide" tabindex="0" role="region" aria-label="table"><table>'
    )
    found = found.replace("</table>", "</table></div>")
    return found.replace("<pre>", '<pre tabindex="0">')


def title(text: str) -> str:
    """The first heading of a document, as plain text."""
    found = re.search(r"^# (.+)$", text, re.M)
    return found[1].replace("`", "") if found else ""


def slug(heading: str) -> str:
    """What a link to a heading is called, as on code hosts."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def style() -> str:
    """The colours of programs, for light and dark."""
    light, dark = (_colours(name) for name in ("default", "github-dark"))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _colours(name: str) -> str:
    formatter: Any = HtmlFormatter(style=name, nobackground=True)
    return "\n".join(
        rule for rule in formatter.get_style_defs(".code").splitlines() if rule.startswith(".code .")
    )


def _highlighted(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        return escape(code)
    marked: str = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre><code class="code">{marked}</code></pre>'


def _without_comments(text: str) -> str:
    """The marks of scripts/readme.py are for us."""
    return re.sub(r"^<!-- .+? -->\n", "", text, flags=re.M)


def _name_headings(tokens: list[Token]) -> None:
    met: dict[str, int] = {}
    for before, inline in pairwise(tokens):
        if before.type == "heading_open":
            name = slug(inline.content)
            met[name] = met.get(name, 0) + 1
            before.attrSet("id", name if met[name] == 1 else f"{name}-{met[name] - 1}")


def _linked(tokens: list[Token], link: Link, named: Named) -> list[Token]:
    """Links lead to pages of the site; code that names a rule, or asks for its page, is a link."""
    out: list[Token] = []
    inside = 0
    for token in tokens:
        inside += token.type == "link_open"
        inside -= token.type == "link_close"
        if token.type == "link_open":
            token.attrSet("href", link(str(token.attrGet("href"))))
        address = named(token.content) if token.type == "code_inline" else None
        if address is None or inside:
            out.append(token)
            continue
        out += [Token("link_open", "a", 1, attrs={"href": address}), token, Token("link_close", "a", -1)]
    return out
