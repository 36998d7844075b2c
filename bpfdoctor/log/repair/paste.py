"""Reads a log that somebody pasted, and takes off what terminals, loggers and web pages put around it."""

from __future__ import annotations

import errno
import mmap
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import IO, TYPE_CHECKING, NamedTuple, NoReturn

from bpfdoctor import regular_file, rights
from bpfdoctor.log.repair import escapes, layout, prefixes, records
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Buffer, Flavour, RawReport, Stage

if TYPE_CHECKING:
    from pathlib import Path

IN_MEMORY = 8 << 20  # bytes of a pipe that are kept in memory; the rest goes to an unnamed file
LARGEST = 4 << 30  # bytes; what is longer is not a log
_WRITER_SECONDS = 5  # for the other end of a FIFO to be opened
WINDOW = 128 << 10  # bytes at either end that show whether anything decorates a text
CHUNK = 4 << 20  # bytes cleaned at a time

# Files that are no text, by their first bytes, and what to do with them instead.
_MAGIC = (
    (b"\x7fELF", "an ELF object", "bpfdoctor check {name}"),
    (b"\x1f\x8b", "compressed with gzip", "zcat {name} | bpfdoctor log"),
    (b"\xfd7zXZ\x00", "compressed with xz", "xzcat {name} | bpfdoctor log"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "zstdcat {name} | bpfdoctor log"),
    (b"BZh", "compressed with bzip2", "bzcat {name} | bpfdoctor log"),
    (b"PK\x03\x04", "a zip archive", "unzip -p {name} | bpfdoctor log"),
    (b"\x89PNG", "a picture", "paste the log's text: bpfdoctor log -"),
    (b"\xff\xd8\xff", "a picture", "paste the log's text: bpfdoctor log -"),
    (b"%PDF", "a PDF", "pdftotext {name} - | bpfdoctor log"),
)
# What bpfdoctor writes itself begins so.
_OWN = (
    (b"<!doctype html>", b"<title>bpfdoctor: ", "a page that bpfdoctor made", "open it in a browser"),
    (
        b'{\n  "schema": ',
        b'\n  "reports": [',
        "an answer of bpfdoctor's",
        "to compare two of them: bpfdoctor report diff OLD NEW",
    ),
)
_CATCH = "run the loader again and catch what it prints: YOUR-LOADER 2>&1 | bpfdoctor log"
_BY_HAND = "paste it by hand, then press Ctrl-D on a line of its own: bpfdoctor log -"


class Remedy(NamedTuple):
    """One thing that `clean` can take off."""

    found: Callable[[bytes], object]  # is there any of it in this excerpt?
    start: Callable[[bytes], Callable[[bytes], bytes]]  # a remover for it; gets the text's parts in order


STEPS = (
    Remedy(escapes.utf16_found, lambda _: escapes.utf16_decoder()),
    Remedy(escapes.invalid_utf8, lambda _: escapes.mend_utf8),
    Remedy(escapes.rsyslog_found, lambda _: escapes.decode_rsyslog),
    Remedy(escapes.terminal_found, lambda _: escapes.strip_terminal),
    Remedy(escapes.html_found, lambda _: escapes.strip_html),
    Remedy(escapes.typography_found, lambda _: escapes.plain_typography),
    Remedy(prefixes.found, prefixes.stripper),
    Remedy(records.found, lambda _: records.strip),
    Remedy(escapes.quoted_found, lambda _: escapes.unquote),
    Remedy(prefixes.found, prefixes.stripper),  # again: of the lines that stood in quotes
    Remedy(layout.markup_found, lambda _: layout.strip_markup),
    Remedy(layout.indent_found, lambda _: layout.indent_stripper()),
)


def read(path: Path | str | None) -> RawReport:
    """The text at `path` (None: standard input), not looked at. Raises Problem.

    A regular file is mapped, not read; pipes are read to their end, beyond IN_MEMORY into an unnamed file.
    """
    name = "-" if path is None or str(path) == "-" else str(path)
    return given(_stdin() if name == "-" else _file(name), name)


def given(data: Buffer, name: str) -> RawReport:
    """The same for a text that is at hand. Raises Problem for what is no text."""
    _refuse_what_is_no_text(data, name)
    return RawReport(data=data, source=name, flavour=Flavour.LOG, stage=Stage.PASTE)


def clean(data: Buffer) -> Buffer:
    """`data` without decoration; `data` itself when its two ends show none.

    Takes one pass in parts of CHUNK bytes. What comes out of a large text lies in an unnamed file.
    """
    excerpt = _excerpt(data)
    removers = []
    for step in STEPS:
        if step.found(excerpt):
            removers.append(step.start(excerpt))
            excerpt = step.start(excerpt)(excerpt)
    if not removers:
        return data
    parts = (_run(removers, part) for part in _parts(data))
    if len(data) <= IN_MEMORY:
        return b"".join(parts)
    return _spooled(parts, "the cleaned log")


def _run(removers: list[Callable[[bytes], bytes]], part: bytes) -> bytes:
    for remove in removers:
        part = remove(part)
    return part


def _excerpt(data: Buffer) -> bytes:
    """The whole of a small text, else whole lines from both ends."""
    if len(data) <= 2 * WINDOW:
        return bytes(data[:])
    head, tail = bytes(data[:WINDOW]), bytes(data[-WINDOW:])
    return head[: head.rfind(b"\n") + 1] + tail[tail.find(b"\n") + 1 :]


def _parts(data: Buffer) -> Iterator[bytes]:
    """`data` in parts that end at a line's end wherever lines are shorter than CHUNK."""
    at = 0
    while at < len(data):
        end = min(at + CHUNK, len(data))
        if end < len(data) and (cut := data.rfind(b"\n", at, end)) >= 0:
            end = cut + 1
        yield bytes(data[at:end])
        if isinstance(data, mmap.mmap):  # what was read need not stay in memory
            data.madvise(mmap.MADV_DONTNEED, at - at % mmap.PAGESIZE, end - at)
        at = end


def _stdin() -> Buffer:
    stream: IO[bytes] | None = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise Problem("There is nothing on standard input: it is closed.", _CATCH)
    try:
        descriptor = stream.fileno()
        mode = os.fstat(descriptor).st_mode
        position = os.lseek(descriptor, 0, os.SEEK_CUR) if stat.S_ISREG(mode) else None
    except (OSError, ValueError):  # a test's or an embedder's stream without a descriptor
        return _spooled(_blocks(stream), "-")
    if stat.S_ISDIR(mode):
        _is_directory("-")
    if position == 0 and (mapped := _mapped(descriptor)) is not None:
        return mapped
    return _spooled(_blocks(stream), "-")


def _file(name: str) -> Buffer:
    try:
        about = os.stat(name)
        if stat.S_ISDIR(about.st_mode):
            _is_directory(name)
        if not stat.S_ISREG(about.st_mode):
            return _stream(name, about.st_mode)
        if about.st_size > LARGEST:
            raise _too_long(name)
        descriptor = regular_file.opened(name, LARGEST)
    except OSError as error:
        _cannot_open(name, error)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        if (mapped := _mapped(descriptor)) is not None:
            return mapped
        return _spooled(_blocks(stream), name)


def _stream(name: str, mode: int) -> Buffer:
    """A pipe that somebody writes into: `bpfdoctor log <(dmesg)`; a terminal only as /dev/stdin."""
    if not stat.S_ISFIFO(mode):
        if os.path.samestat(os.stat(name), os.stat("/dev/stdin")):
            return _stdin()
        raise Problem(f"{name} is {regular_file.kind_of(mode)}, not a log.", _CATCH)
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        named = os.readlink(f"/proc/self/fd/{descriptor}").startswith("/")
        first = [_first_words(descriptor, name)] if named else []
        os.set_blocking(descriptor, True)
        return _spooled(chain(first, _blocks(stream)), name)


def _first_words(fifo: int, name: str) -> bytes:
    """What comes out of a FIFO first; b"" when its writer has not written yet.

    Raises Problem where nobody opens the other end.
    """
    until = time.monotonic() + _WRITER_SECONDS
    while time.monotonic() < until:
        with suppress(BlockingIOError):
            if first := os.read(fifo, 1 << 16):
                return first
            time.sleep(0.05)
            continue
        return b""
    raise Problem(f"{name} is a FIFO, and nobody has opened it for writing in {_WRITER_SECONDS} s.", _CATCH)


def _mapped(descriptor: int) -> mmap.mmap | None:
    """The file, mapped; None when it says it is empty (files in /proc do) or cannot be mapped."""
    with suppress(OSError, ValueError):
        return mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
    return None


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    read = getattr(stream, "read1", stream.read)  # read() would ask a terminal for a second Ctrl-D
    while block := read(1 << 20):
        yield block


def _spooled(parts: Iterator[bytes], name: str) -> Buffer:
    """Everything in `parts`: in memory as far as IN_MEMORY goes, else mapped from an unnamed file."""
    held: list[bytes] = []
    size = 0
    try:
        for part in parts:
            held.append(part)
            size += len(part)
            if size > IN_MEMORY:
                return _in_file(chain(held, parts), name)
    except OSError as error:
        raise Problem(f"Cannot read {name}: {_words(error)}.", _CATCH) from None
    return b"".join(held)


def _in_file(parts: Iterator[bytes], name: str) -> Buffer:
    import tempfile  # only for what does not fit into memory: its import costs more than a small log

    with tempfile.TemporaryFile(prefix="bpfdoctor-") as file:
        size = 0
        for part in parts:
            size += len(part)
            if size > LARGEST:
                raise _too_long(name)
            file.write(part)
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _too_long(name: str) -> Problem:
    return Problem(
        f"{name} goes on for more than {LARGEST >> 30} GiB, and I stopped reading.",
        f"the end of a log is what counts: tail -c 100M {_quoted(name)} | bpfdoctor log",
    )


def _refuse_what_is_no_text(data: Buffer, name: str) -> None:
    head = bytes(data[:4096])
    shown = "standard input" if name == "-" else name
    blank = b" \t\r\n\f\v\0\xef\xbb\xbf"
    if not head.strip(blank) and not bytes(data[4096 : 1 << 20]).strip(blank):
        raise Problem(f"The log is empty: there is no text in {shown}.", _CATCH)
    for magic, what, way_out in _MAGIC:
        if head.startswith(magic):
            raise Problem(f"{shown} is {what}, not a log.", way_out.format(name=_quoted(name)))
    for begins, holds, what, way_out in _OWN:
        if head.startswith(begins) and holds in head:
            raise Problem(f"{shown} is {what}, not a log.", way_out, "Give the log that it was made of.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return  # UTF-16, which `clean` decodes
    # A console's escapes are control bytes too; NULs stand after a log when its buffer was dumped whole.
    odd = sum(byte < 32 and byte not in b"\t\n\r\x1b\b\f\a" for byte in head.rstrip(b"\0"))
    if odd * 20 > len(head):
        raise Problem(f"{shown} is not text, so bpfdoctor finds no log in it.", _CATCH, _BY_HAND)


def _is_directory(name: str) -> NoReturn:
    shown = "Standard input" if name == "-" else name
    raise Problem(
        f"{shown} is a directory, and I need the log itself.",
        f"name the files in it: bpfdoctor log {_quoted(name)}/*.log",
    )


def _cannot_open(name: str, error: OSError) -> NoReturn:
    if error.errno == errno.ENOENT:
        look = f"look for it: ls {_quoted(os.path.dirname(name) or '.')}"
        raise Problem(f"There is no file called {name}.", look, _BY_HAND) from None
    if error.errno in (errno.EACCES, errno.EPERM):
        raise Problem(
            f"Permission denied: {name}{rights.as_whom()}.", f"sudo cat {_quoted(name)} | bpfdoctor log"
        ) from None
    raise Problem(f"Cannot open {name}: {_words(error)}.", _BY_HAND) from None


def _quoted(name: str) -> str:
    """A name as a shell takes it: people paste the commands that we suggest."""
    import shlex

    if name == "-":
        return "FILE"
    name = name.rstrip("/") or "/"
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
