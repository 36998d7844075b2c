"""Fills the fenced blocks of the documents with what bpfdoctor really prints.

A block stands below a marker and is replaced by the command's output:

    <!-- run: bpfdoctor log corpus/cases/…/6.18-l1.log -->
    ```text
    …
    ```

`--check` changes nothing and fails when a block is not what the command prints today.
Lines that need root (`bpfdoctor check`) are skipped where programs cannot be loaded, and said to be.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- run: (?P<command>.+?) -->\n```\w*\n)(?P<shown>.*?)(^```$)", re.S | re.M)


def documents() -> Iterator[Path]:
    """Everything that may hold a block."""
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
    yield from sorted((ROOT / "docs").glob("*.md"))


def can_load() -> bool:
    """Whether `bpfdoctor check` can load programs here."""
    return os.geteuid() == 0


def output(command: str) -> str:
    """What the command prints, as a reader of a document sees it: 90 columns, no colour."""
    program, *arguments = shlex.split(command)
    if program != "bpfdoctor":
        sys.exit(f"readme.py runs bpfdoctor and nothing else, not: {command}")
    environment = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    environment |= {"COLUMNS": "90", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "bpfdoctor", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 2:
        sys.exit(f"{command} failed:\n{done.stderr}")
    return done.stdout


def main() -> int:
    """Rewrites the documents, or with --check says which are out of date (exit status 1)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    check = parser.parse_args().check
    stale = False
    for document in documents():
        if not document.exists():
            continue
        before = document.read_text(encoding="utf-8")
        skipped: list[str] = []

        def filled(block: re.Match[str], skipped: list[str] = skipped) -> str:
            command = block["command"]
            if command.startswith("bpfdoctor check") and not can_load():
                skipped.append(command)
                return block[0]
            return f"{block[1]}{output(command)}{block[4]}"

        after = BLOCK.sub(filled, before)
        for command in skipped:
            print(f"{document.relative_to(ROOT)}: not run, it needs root: {command}")
        if after == before:
            continue
        stale = True
        if check:
            name = str(document.relative_to(ROOT))
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, name))
            print(f"{name} is out of date: run `make readme`")
        else:
            document.write_text(after, encoding="utf-8")
            print(f"{document.relative_to(ROOT)}: updated")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
