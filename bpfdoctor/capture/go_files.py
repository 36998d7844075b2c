"""Reads the `//go:generate … bpf2go …` lines of Go files: which C they compile, and with which flags."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from bpfdoctor.capture import makefile
from bpfdoctor.capture.build_flags import text_of

_GENERATE = re.compile(r"^//go:generate (.*\bbpf2go\b.*)$", re.MULTILINE)
_MOST_FILES = 2_000


def words_for(go: Path, path: Path) -> list[str] | None:
    """The flags with which a line of `go` compiles `path`, seen from its folder; None where none does."""
    for words in _commands(go):
        named = [word for word in words if os.path.basename(word) == path.name]
        if not any(os.path.realpath(go.parent / word) == os.path.realpath(path) for word in named):
            continue
        flags = words[words.index("--") + 1 :] if "--" in words else []
        for asked in ("-cflags", "--cflags"):
            if asked in words[:-1]:
                flags = [*words[words.index(asked) + 1].split(), *flags]
        return flags
    return None


def sources_of(go: Path) -> Iterator[str]:
    """The C files that the lines of a Go file compile, those that are there."""
    for words in _commands(go):
        given = words[: words.index("--")] if "--" in words else words
        yield from (
            path
            for word in given
            if word.endswith(".c") and os.path.isfile(path := os.path.join(go.parent, word))
        )


def naming(path: Path, files: Iterable[str]) -> Iterator[tuple[Path, list[str]]]:
    """(Go file, flags) of those that have a line for `path`, be they in another folder."""
    candidates = [file for file in files if file.endswith(".go") and not file.endswith("_test.go")]
    for file in candidates[:_MOST_FILES]:
        words = words_for(Path(file), path)
        if words is not None:
            yield Path(file), words


def _commands(go: Path) -> Iterator[list[str]]:
    for line in _GENERATE.findall(text_of(go)):
        try:
            yield shlex.split(makefile.without_unknown(line))
        except ValueError:
            continue
