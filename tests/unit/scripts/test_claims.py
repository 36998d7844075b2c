"""Versions in pages and sentences: each has something behind it, where people meet the rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import claims, wordings

RULES = claims.HERE / "rules"


def page(folder: Path, text: str, name: str = "packet-bounds") -> Path:
    file = folder / f"{name}.md"
    file.write_text(f'+++\n[always]\nheadline = "a check"\n+++\n{text}\n')
    return file


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Since Linux 4.99 this is refused.", 1),
        ("A kernel needs CONFIG_NO_SUCH_THING for it.", 1),
        ("Nothing is said of any kernel.", 0),
        ("Since Linux 4.99 (commit 969bf05eb3ce) this is refused.", 0),
        ("See check_x() in kernel/bpf/verifier.c: since Linux 4.99 this is refused.", 0),
        ("Write a loop: bpf_loop came with Linux 5.17.", 0),
        ("Write a loop: bpf_loop came with Linux 5.16.", 1),
        ("Programs loaded by root may loop since Linux 5.3.", 0),  # rules/claims.toml
    ],
)
def test_a_claim_is_backed_by_what_its_sentence_names(tmp_path: Path, text: str, found: int) -> None:
    assert len(list(claims.claims(page(tmp_path, text)))) == found


def test_a_sentence_of_the_head_is_a_claim_too(tmp_path: Path) -> None:
    file = tmp_path / "packet-bounds.md"
    file.write_text('+++\n[outcome.A]\nwhy = "only since Linux 4.99"\n+++\nA page.\n')
    assert len(list(claims.claims(file))) == 1


def test_the_rules_that_people_meet_most_claim_nothing_without_a_source() -> None:
    met = set(claims.MOST_MET.read_text().split())
    pages = [page for page in RULES.glob("*/*.md") if page.stem in met]
    assert len(pages) == len(met) == 60
    assert [each for page in pages for each in claims.claims(page)] == []


def test_every_entry_is_of_use_and_its_case_is_there() -> None:
    texts = {page.stem: page.read_text() for page in RULES.glob("*/*.md")}
    for rule, entries in claims.looked_up().items():
        for piece, source in entries.items():
            some = texts.values() if rule == "everywhere" else [texts[rule]]
            assert any(piece in text for text in some), piece
            if source.startswith("corpus/"):
                assert (claims.HERE / source.split(":")[0]).exists(), source


def test_pages_name_the_kernels_of_all_wordings_of_their_rule() -> None:
    assert [page.name for page, text, wanted in wordings.pages() if text != wanted] == []
