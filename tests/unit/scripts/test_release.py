"""`make release` refuses what is not a release, each time with a sentence that says what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import release

ROOT = Path(release.__file__).parents[1]
CHANGELOG = (
    "# Changelog\n\n## 0.2.0 - 2026-12-01\n\n### Added\n- Something.\n\n## 0.1.0 - 2026-11-22\n\n- All.\n"
)
CI = "repos:\n  - repo: https://example.org\n    rev: v0.2.0\n"


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def commit(root: Path, tag: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "A commit", "--allow-empty")
    git(root, "tag", "-f", "-a", tag, "-m", "A release")


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


def test_make_release_builds_or_says_what_is_wrong(tmp_path: Path) -> None:
    """The command itself, on this checkout's files with another version."""
    for name in ("bpfdoctor", "rules", "grammars", "scripts", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("logs"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path)
    git(tmp_path, "init", "-q")
    write(tmp_path, "CHANGELOG.md", CHANGELOG)
    command = [sys.executable, "-m", "scripts.release"]
    commit(tmp_path, "v0.2.0")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "is no release" in done.stderr and not (tmp_path / "dist").exists()

    write(tmp_path, "bpfdoctor/__init__.py", '__version__ = "0.2.0"\n')
    ci = (ROOT / "docs/ci.md").read_text()
    write(tmp_path, "docs/ci.md", ci.replace(f"rev: {ci.split('rev: ')[1].split()[0]}", "rev: v0.2.0"))
    commit(tmp_path, "v0.2.0")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1:] == ["dist/bpfdoctor-0.2.0-py3-none-any.whl"]
    assert (tmp_path / "dist/bpfdoctor-0.2.0-py3-none-any.whl").is_file()
