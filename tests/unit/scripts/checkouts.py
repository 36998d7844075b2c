"""Small git repositories that look like a checkout of bpfdoctor to `make release`."""

from __future__ import annotations

import subprocess
from pathlib import Path

CHANGELOG = (
    "# Changelog\n\n## 0.2.0 - 2026-12-01\n\n### Added\n- Something.\n\n## 0.1.0 - 2026-11-22\n\n- All.\n"
)


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
