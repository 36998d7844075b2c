"""What a topic's page says of kernels is what they said: tried on all seven, or from the kernel's facts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import topics
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.schema import RuleError
from bpfdoctor.kernel.versions import series
from bpfdoctor.resources import folder

PAGES = sorted(folder("topics").glob("*.md"))
TRIED = sorted(path.parent for path in (folder("corpus") / "topics").glob("*/*/case.toml"))
LAB = {(5, 10), (6, 1), (6, 12), (6, 18), (7, 2), (7, 3)}
_VERSION = re.compile(r"(?<![\w.])[3-9]\.\d+")
_ASKED = re.compile(r'\{\{\s*(?:verdict|changed|program)\("([^"]+)"\)')


def name(path: Path) -> str:
    return path.stem if path.is_file() else f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_version_is_said_by_hand(page: Path) -> None:
    _, body = split(page.read_text(), page.name)
    assert not _VERSION.findall(topics.CALL.sub("", body))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_shows_a_program_that_fails_and_one_that_loads(page: Path) -> None:
    _, body = split(page.read_text(), page.name)
    failing, _, loading = body.partition("## Fails")[2].partition("## Loads")
    [fails], [loads] = _ASKED.findall(failing), _ASKED.findall(loading)
    assert "loads" not in {row["verdict"] for _, row in topics.said(fails)[:2]}  # by the oldest kernels
    assert topics.said(loads)[-1][1]["verdict"] == "loads"


@pytest.mark.parametrize("case", TRIED, ids=name)
def test_every_program_was_given_to_every_kernel_and_is_told_of(case: Path) -> None:
    assert {series(kernel) for kernel, _ in topics.said(name(case))} == LAB
    assert any(f'"{name(case)}"' in page.read_text() for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    topic = topics.find(page.stem)
    assert topic is not None and topic.title and "{{" not in topic.page
    known = {rule.name for rule in catalogue.load().rules} | {each.stem for each in PAGES}
    assert set(re.findall(r"bpfdoctor explain ([\w-]+)", topic.page)) <= known


def test_a_topic_is_no_rule() -> None:
    assert not {page.stem for page in PAGES} & {rule.name for rule in catalogue.load().rules}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{{ changed("loops/counted") }}', "all kernels said the same"),
        ('{{ helpers("bpf_no_such") }}', "bpf_no_such"),
        ('{{ verdict("loops/no-such") }}', "verdict"),
        ("{{ since_when() }}", "nothing is called since_when"),
    ],
)
def test_a_page_that_says_more_than_was_tried_is_refused(body: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f'+++\ntitle = "?"\nrules = []\n+++\n{body}\n')
    with pytest.raises(RuleError, match=why):
        topics.read(tmp_path)
