"""Looks for links in a made site that lead nowhere, or out of it in a way that a subfolder would break."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_ADDRESSES = {"href", "src"}


class _Page(HTMLParser):
    """The addresses that a page names, and the ids in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []  # element, address
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in _ADDRESSES and value is not None:
                self.links.append((tag, value))
            elif name == "id" and value:
                self.ids.add(value)


def broken(site: Path) -> Iterator[str]:
    """A sentence for every link that is wrong."""

    @cache
    def page(path: Path) -> _Page:
        return _Page(path.read_text(encoding="utf-8"))

    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site)
        for tag, address in page(path).links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if tag != "a":
                    yield f"{name}: {address} is fetched from elsewhere"
                continue
            if parts.path.startswith("/"):
                yield f"{name}: {address} does not work from a subfolder"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file() or not target.is_relative_to(site.resolve()):
                yield f"{name}: {address} leads nowhere"
            elif (
                parts.fragment
                and target.suffix == ".html"
                and unquote(parts.fragment) not in page(target).ids
            ):
                yield f"{name}: {address} has no such place"
