"""`make site`: every rule has its page, and every link leads somewhere, from a subfolder as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.render.rule_page import address
from scripts.site import links, markdown
from scripts.site.__main__ import make


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "project"
    make(folder, with_engine=False)
    return folder


def test_every_link_leads_somewhere(site: Path) -> None:
    assert list(links.broken(site)) == []


def test_every_rule_has_a_page_by_its_name_and_its_id(site: Path) -> None:
    for rule in catalogue.load().rules:
        assert rule.title.split("`")[0].split("'")[0] in (site / "rules" / f"{rule.name}.html").read_text()
        assert f'href="{rule.name}.html"' in (site / "rules" / f"{rule.id}.html").read_text()
    assert address("BD101", "https://example.org/b") == "https://example.org/b/rules/BD101.html"


def test_a_message_is_found_by_the_search(site: Path) -> None:
    assert "offset is outside of the packet" in (site / "rules/index.html").read_text()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<a href="gone.html">x</a>', "leads nowhere"),
        ('<a href="/top.html">x</a>', "does not work from a subfolder"),
        ('<a href="#gone">x</a>', "has no such place"),
        ('<script src="https://example.org/x.js"></script>', "is fetched from elsewhere"),
    ],
)
def test_a_wrong_link_is_told(tmp_path: Path, page: str, said: str) -> None:
    (tmp_path / "a.html").write_text(page)
    (mistake,) = links.broken(tmp_path)
    assert said in mistake


def test_html_in_a_document_stays_text() -> None:
    assert "<script>" not in markdown.html("a <script>alert(1)</script>\n\n```c\n<script>\n```\n")


def test_code_that_asks_for_a_page_is_a_link() -> None:
    shown = markdown.html("`bpfdoctor explain x`, `y`", named={"bpfdoctor explain x": "rules/x.html"}.get)
    assert '<a href="rules/x.html"><code>bpfdoctor explain x</code></a>' in shown
    assert "<code>y</code>" in shown and shown.count("<a ") == 1
