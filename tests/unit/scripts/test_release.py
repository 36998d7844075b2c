"""`make release` refuses what is not a release, each time with a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import release
from tests.unit.scripts.checkouts import CHANGELOG, commit, git, write

CI = "repos:\n  - repo: https://example.org\n    rev: v0.2.0\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    write(tmp_path, "bpfdoctor/__init__.py", '"""Ours."""\n\n__version__ = "0.2.0"\n')
    write(tmp_path, "CHANGELOG.md", CHANGELOG)
    write(tmp_path, "docs/ci.md", CI)
    commit(tmp_path, "v0.2.0")
    return tmp_path


def test_a_release_is_one(checkout: Path) -> None:
    assert list(release.mistakes(checkout)) == []


def test_an_empty_section_for_what_is_unreleased_may_stay(checkout: Path) -> None:
    write(checkout, "CHANGELOG.md", CHANGELOG.replace("## 0.2.0", "## Unreleased\n\n## 0.2.0"))
    commit(checkout, "v0.2.0")
    assert list(release.mistakes(checkout)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("bpfdoctor/__init__.py", "0.2.0", "0.3.0.dev0", "0.3.0.dev0 is no release"),
        ("bpfdoctor/__init__.py", "0.2.0", "0.2.1", "this commit has no tag v0.2.1: git tag -a v0.2.1"),
        (
            "CHANGELOG.md",
            "0.2.0 - 2026-12-01",
            "Unreleased",
            "what is under Unreleased belongs to this release",
        ),
        ("CHANGELOG.md", "## 0.2.0", "## 0.2.1", "the newest section is 0.2.1 - 2026-12-01, not 0.2.0"),
        ("CHANGELOG.md", "## 0.2.0 - 2026-12-01", "## 0.2.0", "0.2.0: a date like"),
        ("CHANGELOG.md", "2026-12-01", "2026-13-01", "0.2.0 - 2026-13-01: a date like"),
        ("CHANGELOG.md", "- Something.", "", "0.2.0 - 2026-12-01 says nothing"),
        ("CHANGELOG.md", CHANGELOG, "# Changelog\n", "the newest section is nothing, not 0.2.0"),
        ("docs/ci.md", "v0.2.0", "v0.1.0", "docs/ci.md tells people to use v0.1.0, not rev: v0.2.0"),
        ("docs/ci.md", "rev:", "version:", "docs/ci.md tells people to use no rev:"),
    ],
)
def test_what_does_not_agree_is_told(checkout: Path, file: str, old: str, new: str, told: str) -> None:
    text = (checkout / file).read_text()
    assert old in text
    write(checkout, file, text.replace(old, new))
    commit(checkout, "v0.2.0")
    assert any(told in sentence for sentence in release.mistakes(checkout))


def test_what_is_not_committed_is_told(checkout: Path) -> None:
    write(checkout, "new.py", "")
    assert list(release.mistakes(checkout)) == ["1 files are not committed: git status"]


def test_a_tag_on_another_commit_is_none(checkout: Path) -> None:
    git(checkout, "commit", "-qm", "One more", "--allow-empty")
    (told,) = release.mistakes(checkout)
    assert told.startswith("this commit has no tag v0.2.0")
