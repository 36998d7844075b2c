"""The pages of the site that are only read: rules, topics, gallery and documents."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bpfdoctor import __version__, catalogue
from bpfdoctor.catalogue import Rule, topics
from bpfdoctor.render.rule_page import about, body
from scripts.site import markdown
from scripts.site.examples import Example

ROOT = Path(__file__).resolve().parent.parent.parent
_TEMPLATES = ROOT / "site" / "templates"
# The documents of the repository and where the site has them.
_DOCUMENTS = {
    "README.md": "docs/readme.html",
    "CONTRIBUTING.md": "docs/contributing.html",
    "CHANGELOG.md": "docs/changelog.html",
    "docs/gallery.md": "gallery.html",
    **{
        f"docs/{path.name}": f"docs/{path.stem}.html"
        for path in (ROOT / "docs").glob("*.md")
        if path.stem != "gallery"
    },
}
# What links to other files of the repository leads to: the file itself.
_FILES = "files"


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the site: its path from the site's root, and its text."""

    path: str
    text: str


def all_pages(shown: Sequence[Example], engine_bytes: int) -> Iterator[Page]:
    """Every page, in the order of the menu; the first has examples to click, and the size of its engine."""
    yield Page(
        "index.html",
        framed("index.html", "Paste a log", "index.html.j2", examples=shown, engine_bytes=engine_bytes),
    )
    yield _rules_index()
    rules = catalogue.load()
    for rule in rules.rules:
        yield _rule(rule)
        yield from _redirects(rule)
    yield from map(_topic, topics.load())
    for source, path in _DOCUMENTS.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        yield Page(path, _document(text, path, source))
    yield _documents_index()


def files() -> Iterator[tuple[str, Path]]:
    """Files of the repository that documents link to: their path on the site, and where they are."""
    for source in _DOCUMENTS:
        for found in _links(source):
            if found not in _DOCUMENTS and (ROOT / found).is_file():
                yield f"{_FILES}/{found}", ROOT / found


def framed(path: str, title: str, template: str = "page.html.j2", **values: Any) -> str:
    """A page with the head and the menu that all have. `path`: from the site's root, for relative links."""
    up = "../" * path.count("/")
    return (
        _environment()
        .get_template(template)
        .render(title=title, root=up, path=path, version=__version__, **values)
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def _rules_index() -> Page:
    path = "rules/index.html"
    groups: dict[str, list[Mapping[str, str]]] = {}
    for rule in catalogue.load().rules:
        groups.setdefault(rule.category.value, []).append(
            {"id": rule.id, "name": rule.name, "title": rule.title, "words": _words(rule)}
        )
    count = sum(map(len, groups.values()))
    text = framed(path, "Rules", "rules.html.j2", groups=groups, count=count, topics=topics.load())
    return Page(path, text)


def _words(rule: Rule) -> str:
    """What the search looks at beside what is shown: the messages, without the values in them."""
    lines = dict.fromkeys(line for match in rule.matches for line in match.lines)
    return " ".join(lines).lower()


def _rule(rule: Rule) -> Page:
    path = f"rules/{rule.name}.html"
    text = f"{about(rule)}\n\n{body(catalogue.load(), rule)}"
    heading = {"name": rule.name, "title": rule.title}
    return Page(path, framed(path, f"{rule.name}: {rule.title}", heading=heading, body=_html(text, path)))


def _redirects(rule: Rule) -> Iterator[Page]:
    """The id is a page, too, that leads to the rule's."""
    path = f"rules/{rule.id}.html"
    yield Page(path, framed(path, rule.name, "redirect.html.j2", target=f"{rule.name}.html"))


def _topic(topic: topics.Topic) -> Page:
    path = f"topics/{topic.name}.html"
    text = f"# {topic.title}\n\n{topic.page}"
    return Page(path, framed(path, topic.title, heading=None, body=_html(text, path)))


def _document(text: str, path: str, source: str) -> str:
    return framed(path, markdown.title(text), heading=None, body=_html(text, path, source))


def _documents_index() -> Page:
    path = "docs/index.html"
    listed = [
        (_relative(target, path), markdown.title((ROOT / source).read_text(encoding="utf-8")))
        for source, target in _DOCUMENTS.items()
    ]
    return Page(path, framed(path, "Documents", "documents.html.j2", documents=listed))


def _html(text: str, path: str, source: str = "") -> str:
    def link(target: str) -> str:
        file, mark, part = target.partition("#")
        if "://" in target or target.startswith("mailto:") or not file:
            return target
        found = os.path.normpath(os.path.join(os.path.dirname(source), file))
        return _relative(_DOCUMENTS.get(found, f"{_FILES}/{found}"), path) + mark + part

    def named(name: str) -> str | None:
        target = _by_name().get(name)
        return _relative(target, path) if target and target != path else None

    return markdown.html(text, link, named)


@cache
def _by_name() -> Mapping[str, str]:
    """Code that stands for a page: a rule's name or id, or the command that prints it."""
    found = {f"bpfdoctor explain {topic.name}": f"topics/{topic.name}.html" for topic in topics.load()}
    for rule in catalogue.load().rules:
        keys = (rule.name, rule.id, *(f"bpfdoctor explain {key}" for key in (rule.name, rule.id)))
        found |= dict.fromkeys(keys, f"rules/{rule.name}.html")
    return found  # a topic's name alone is a word of everyday language


def _relative(target: str, path: str) -> str:
    return os.path.relpath(target, os.path.dirname(path) or ".")


def _links(source: str) -> Iterator[str]:
    """The repository's files that a document links to, as paths from the root."""
    for target in re.findall(
        r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / source).read_text(encoding="utf-8")
    ):
        yield os.path.normpath(os.path.join(os.path.dirname(source), target))
