"""What the paste page asks (site/src/worker.js): texts, perhaps with their program; the answer in any format.

It runs in WebAssembly, without processes, kernels and files of the user's; a contract in pyproject.toml keeps
what needs them away, and `make site` packs what this module imports and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bpfdoctor import __version__
from bpfdoctor.formats import elf
from bpfdoctor.log.repair import paste
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem, bug
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import SourceFile
from bpfdoctor.render import Unexamined, render
from bpfdoctor.reporting import pasted

# Writes an answer in one of these formats, as `bpfdoctor log --output-format` does.
FORMATS = ("html", "json", "markdown")
Written = Callable[[str], str]


def answer(
    texts: Iterable[tuple[str, bytes]], sources: Sequence[tuple[str, str]] = (), elf_file: bytes = b""
) -> Written:
    """What `bpfdoctor log` says of the same texts, each a name and what it holds.

    `sources` are names and texts of the program's files; `elf_file` is the object that it was loaded from.
    Nothing is raised: what goes wrong is said in the answer.
    """
    reports: list[Report] = []
    failures: list[Unexamined] = []
    files = tuple(SourceFile(path, code) for path, code in sources)
    for name, text in texts:
        try:
            raw = replace(paste.given(text, name), files=files, object=_object(elf_file), stepped=True)
            reports += pasted(raw)
        except Problem as problem:
            failures.append(Unexamined(name, problem))
        except Exception as error:  # what cannot be answered is said, and the next text is another one
            failures.append(Unexamined(name, _mistake(error)))

    def written(format: str) -> str:
        try:
            return render(reports, format, failures=failures)
        except Exception as error:
            return render((), format, failures=[Unexamined("the answer", _mistake(error))])

    return written


def _object(data: bytes) -> bytes | None:
    """The bytes of a BPF object; None for none. Raises Problem for another file."""
    if not data:
        return None
    kind = elf.kind(data)
    if kind is None or kind.machine != elf.BPF:
        raise Problem("The object is not a compiled BPF program.", "Give the .o that clang -target bpf made.")
    return data


def _mistake(error: Exception) -> Problem:
    if isinstance(error, MemoryError):
        return Problem("The browser has not enough memory for this.", "bpfdoctor log reads it in a terminal.")
    return Problem(
        f"This is a bug in bpfdoctor {__version__}: {bug(error)}. Please report it with the text you pasted."
    )
