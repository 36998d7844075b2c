"""Fills the fenced blocks of the documents with what bpfdoctor really prints.

A block stands below a marker, and the command's output replaces it:

    <!-- run: bpfdoctor check pkt.bpf.c | pkt.bpf.c = corpus/cases/…/prog.bpf.c -->
    ```text
    …
    ```

The command runs in an empty folder with the files named after the bar, without the marks of our tests in
them. `<!-- show: PATH 9-28 -->` puts lines of a file there. `--check` changes nothing and fails when a block
is out of date. The release of the kernel that a block was made on may be any; what needs root is left alone
without it, and named.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"(<!-- (?P<what>run|show): (?P<argument>.+?) -->\n```\w*\n)(?P<shown>.*?)(^```$)", re.S | re.M
)
_RELEASE = re.compile(r"(\(kernel |on this kernel \()[^ ,)]+")
MARK = re.compile(r"[ \t]*/\* (?:expect|cause): [^*]*\*/")


def documents() -> Iterator[Path]:
    """Everything that may hold a block."""
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
    yield from sorted((ROOT / "docs").glob("*.md"))


def text_of(path: str) -> str:
    """A program of the corpus as a reader wants it: without the marks of our tests."""
    return MARK.sub("", (ROOT / path).read_text(encoding="utf-8"))


def shown(argument: str) -> str:
    """`PATH`, or lines of it: `PATH 9-28`."""
    path, _, lines = argument.partition(" ")
    first, _, last = lines.partition("-")
    text = text_of(path).splitlines()
    return "\n".join(text[int(first) - 1 : int(last)] if lines else text).strip()


def output(argument: str) -> str:
    """What the command prints, as a reader of a document sees it: 90 columns, no colour."""
    command, *files = (part.strip() for part in argument.split("|"))
    program, *arguments = shlex.split(command)
    if program != "bpfdoctor":
        sys.exit(f"readme.py runs bpfdoctor and nothing else, not: {command}")
    environment = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    environment |= {"COLUMNS": "90", "NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            name, _, path = (part.strip() for part in file.partition("="))
            Path(folder, name).write_text(text_of(path), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "bpfdoctor", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == 2:
        sys.exit(f"{command} failed:\n{done.stderr}")
    return done.stdout


def why_not(argument: str) -> str:
    """Why this command cannot be run here; "" when it can."""
    return "it needs root" if argument.startswith("bpfdoctor check") and os.geteuid() != 0 else ""


def any_kernel(text: str) -> str:
    """The text without the release of the kernel that a program was loaded on."""
    return _RELEASE.sub(r"\1…", text)


def filled(before: str, left_alone: list[str]) -> str:
    """A document's text as it should be. `left_alone` gets the commands that cannot be run here, and why."""

    def replaced(block: re.Match[str]) -> str:
        argument = block["argument"]
        if block["what"] == "show":
            return f"{block[1]}{shown(argument)}\n{block[5]}"
        if reason := why_not(argument):
            left_alone.append(f"{argument}: {reason}")
            return block[0]
        made = f"{output(argument).rstrip()}\n"
        return block[0] if any_kernel(made) == any_kernel(block["shown"]) else f"{block[1]}{made}{block[5]}"

    return BLOCK.sub(replaced, before)


def main() -> int:
    """Rewrites the documents, or with --check says which are out of date (exit status 1)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when something would change"
    )
    check = parser.parse_args().check
    stale = False
    for document in filter(Path.exists, documents()):
        name, left_alone = str(document.relative_to(ROOT)), list[str]()
        before = document.read_text(encoding="utf-8")
        after = filled(before, left_alone)
        print(
            *(f"{name}: not compared, {each}" for each in left_alone), sep="\n", end="\n" * bool(left_alone)
        )
        if after == before:
            continue
        stale = True
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, name)
            )
            print(f"{name} is out of date: run `make readme`")
        else:
            document.write_text(after, encoding="utf-8")
            print(f"{name}: updated")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
