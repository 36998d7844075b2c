"""Checks that this checkout is a release, then builds its wheel (`make release`; see docs/release.md)."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from scripts import wheel

ROOT = Path(__file__).resolve().parent.parent


def mistakes(root: Path) -> Iterator[str]:
    """Sentences about what keeps the checkout `root` from being a release; none when it is one."""
    version = wheel.version(root)
    if changed := _git(root, "status", "--porcelain"):
        yield f"{len(changed.splitlines())} files are not committed: git status"
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        yield f"{version} is no release: set __version__ in bpfdoctor/__init__.py, like 0.2.0"
        return
    if f"v{version}" not in _git(root, "tag", "--points-at", "HEAD").split():
        yield f"this commit has no tag v{version}: git tag -a v{version} -m 'bpfdoctor {version}'"
    yield from _changelog(version, (root / "CHANGELOG.md").read_text(encoding="utf-8"))
    named = re.findall(r"^\s+rev: (\S+)", (root / "docs/ci.md").read_text(encoding="utf-8"), re.M)
    if named != [f"v{version}"]:
        yield f"docs/ci.md tells people to use {', '.join(named) or 'no rev:'}, not rev: v{version}"


def _changelog(version: str, text: str) -> Iterator[str]:
    """The newest section is this version's, dated, with something in it, and nothing is left unreleased."""
    _, *sections = re.split(r"^## ", text, flags=re.M)
    heads = {section.partition("\n")[0]: section.partition("\n")[2].strip() for section in sections}
    if heads.pop("Unreleased", None):
        yield "CHANGELOG.md: what is under Unreleased belongs to this release"
    newest, entries = next(iter(heads.items()), ("nothing", ""))
    number, _, day = newest.partition(" - ")
    if number != version:
        yield f"CHANGELOG.md: the newest section is {newest}, not {version} - {date.today()}"
    elif not _is_date(day):
        yield f"CHANGELOG.md: {newest}: a date like {date.today()} is missing"
    elif "\n- " not in f"\n{entries}":
        yield f"CHANGELOG.md: {newest} says nothing"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.rstrip()


def main() -> int:
    """Status 1 and a list of what is wrong, or the wheel in dist/ and its checksum."""
    wrong = list(mistakes(ROOT))
    if not wrong:
        built = wheel.build(ROOT / "dist")
        wrong = list(wheel.mistakes(built))
    if wrong:
        print("This is not ready to be released (docs/release.md):", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    print(f"{hashlib.sha256(built.read_bytes()).hexdigest()}  {built.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
