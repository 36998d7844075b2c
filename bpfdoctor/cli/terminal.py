"""What can be written to a stream: colour, width, encoding; and writing to it without surprises."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from bpfdoctor.model.problem import Problem
from bpfdoctor.render.escape import one_line, without_commands
from bpfdoctor.render.words import named

PIPED_WIDTH = 100  # cells, when the output is no terminal and COLUMNS does not say
# What other programs read is UTF-8, whatever the locale says.
MACHINE = frozenset({"json", "jsonl", "sarif", "gitlab", "rdjson", "junit", "html", "markdown"})

_PID = os.getpid()


def color(choice: str, stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to write colour: `always`, `never`, or what the stream and the environment say."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def width(stream: TextIO, environ: Mapping[str, str] = os.environ) -> int:
    """Cells of a line: COLUMNS, the terminal's, or PIPED_WIDTH."""
    if (columns := environ.get("COLUMNS", "")).isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or PIPED_WIDTH
    except (OSError, ValueError):
        return PIPED_WIDTH


def unicode(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the stream takes every letter: its encoding does, and nobody has asked for the C locale.

    Where that is asked for, Python writes UTF-8 all the same (PEP 538 and 540), and the terminal shows
    something else. Where nothing is asked for, as in most containers, it is UTF-8.
    """
    if environ.get("PYTHONUTF8") != "1" and not environ.get("PYTHONIOENCODING"):
        by_python = environ.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8")  # and not by the user
        names = ("LC_ALL", "LANG") if by_python else ("LC_ALL", "LC_CTYPE", "LANG")
        asked = next((value for name in names if (value := environ.get(name))), "")
        if asked in ("C", "POSIX"):
            return False
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")


def write(text: str, *, raw: bool = False) -> None:
    """`text` on standard output; a reader that has gone away (`| head`) is no error. `raw` is UTF-8.

    Raises Problem where there is no room for it.
    """
    try:
        if raw:
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        else:
            encoding = sys.stdout.encoding or "utf-8"
            sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            why = (error.strerror or str(error)).lower()
            raise Problem(f"The answer cannot be written to standard output: {why}.") from None


def complain(problem: Problem, source: str = "") -> None:
    """One sentence and the ways out, on standard error."""
    head = "error:"
    if color("auto", sys.stderr):
        head = f"\x1b[1;31m{head}\x1b[0m"
    lets = unicode(sys.stderr)
    sentence = one_line(problem.sentence, unicode=lets)
    name = named(source)
    if name and name not in problem.sentence:
        sentence = f"{one_line(name, unicode=lets)}: {sentence}"
    lines = [f"{head} {sentence}", *(f"  {one_line(way, unicode=lets)}" for way in problem.ways_out)]
    text = "\n".join(lines)
    with contextlib.suppress(OSError):  # there may be no room for it: the exit status still says it
        print(without_commands(text) if obeyed() else text, file=sys.stderr, flush=True)


def say(sentence: str) -> None:
    """A sentence about the run, on standard error."""
    with contextlib.suppress(OSError):
        print(f"note: {sentence}", file=sys.stderr, flush=True)


def obeyed(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody reads what is printed for commands: GitHub's runner, and Azure's, its parent."""
    return bool(environ.get("GITHUB_ACTIONS") or environ.get("TF_BUILD"))


def _is_shown() -> bool:
    """Whether there is a person, and this is the process that speaks to them: not a copy of it."""
    return sys.stderr.isatty() and os.getpid() == _PID


def progress(sentence: str) -> None:
    """Shows what is being done, on one line of its own that the next one replaces; only to a person."""
    if _is_shown():
        sys.stderr.write(f"\r\x1b[K{sentence}")
        sys.stderr.flush()


def progress_done() -> None:
    """Takes the line of progress away."""
    if _is_shown():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
