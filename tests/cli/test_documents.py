"""What the documents show is what bpfdoctor prints."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from scripts import from_the_notes, gallery, readme
from tests.cli.command import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")


@needs_root
@pytest.mark.parametrize("document", [*readme.documents()], ids=lambda path: path.name)
def test_the_blocks_are_up_to_date(document: Path) -> None:
    before, left_alone = document.read_text(), list[str]()
    after = readme.filled(before, left_alone)
    assert after == before, "run `make readme`"
    assert left_alone == []


@needs_root
def test_a_block_that_is_out_of_date_is_told_on_any_kernel() -> None:
    before = (ROOT / "README.md").read_text()
    elsewhere = before.replace(f"(kernel {os.uname().release})", "(kernel 5.15.0-91-generic)")
    assert readme.filled(elsewhere, []) == elsewhere
    falsified = elsewhere.replace("4 more bytes must be checked", "5 more bytes must be checked")
    assert falsified != elsewhere
    assert "4 more bytes must be checked" in readme.filled(falsified, [])
    program = before.replace("void *data_end = (void *)(long)ctx->data_end;", "void *data_end = 0;")
    assert program != before and readme.filled(program, []) == before


def test_the_gallery_is_what_is_printed() -> None:
    assert gallery.page() == gallery.PAGE.read_text(), "run `make readme`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text())
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_make_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"`make ([a-z-]+)`|^\$ make ([a-z-]+)", document.read_text(), re.M))
    assert {name for pair in named for name in pair if name} <= targets


def test_the_tour_of_the_notes_is_what_is_printed() -> None:
    assert from_the_notes.page() == from_the_notes.PAGE.read_text(), "run `make readme`"
