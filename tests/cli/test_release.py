"""`make release` itself, on this checkout's files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.cli.command import ROOT
from tests.unit.scripts.checkouts import CHANGELOG, commit, git, write


def test_make_release_builds_or_says_what_is_wrong(tmp_path: Path) -> None:
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
