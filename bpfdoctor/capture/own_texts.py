"""The user's own texts: a program, and the headers that belong to it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture._limits import MOST_SOURCE
from bpfdoctor.model.report import CaptureOptions, SourceFile

_HEADER = 1 << 20  # bytes; a longer header (a vmlinux.h) is nothing a user wants to see labelled
_MOST_HEADERS = 100
_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]{1,200})"', re.MULTILINE)


def user_files(headers: list[str], path: Path, options: CaptureOptions) -> Iterator[SourceFile]:
    """The user's own text: the program and its headers, without those of the system."""
    yield read_source(path, options)
    for name in headers:
        if os.path.isabs(name) and name.startswith(("/usr/", "/lib/")):
            continue
        if name == str(path) or os.path.basename(name) == "vmlinux.h":
            continue
        with contextlib.suppress(OSError, regular_file.NotRegular):
            yield _read(name, _HEADER, options)


def own_headers(text: str, folders: Sequence[str]) -> Iterator[SourceFile]:
    """The headers that a program includes in quotes, where they are in one of the folders; theirs, too."""
    waiting, seen = [text], set[str]()
    while waiting:
        for name in (name for name in _QUOTED.findall(waiting.pop()) if not os.path.isabs(name)):
            for path in (os.path.join(folder, name) for folder in folders):
                if path in seen or len(seen) >= _MOST_HEADERS:
                    break
                with contextlib.suppress(OSError, regular_file.NotRegular):
                    found = regular_file.read(path, _HEADER).decode("utf-8", "replace")
                    seen.add(path)
                    waiting.append(found)
                    yield SourceFile(path, found)
                    break


def read_source(path: Path, options: CaptureOptions) -> SourceFile:
    """A source file as text; bytes that are no UTF-8 become U+FFFD, line ends stay as they are."""
    return _read(str(path), MOST_SOURCE, options)


def _read(name: str, most: int, options: CaptureOptions) -> SourceFile:
    text = options.edited.get(name)
    if text is None:
        text = regular_file.read(name, most).decode("utf-8", "replace")
    return SourceFile(name, text)
