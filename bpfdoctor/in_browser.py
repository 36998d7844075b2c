"""What the paste page asks (site/src/worker.js): texts, perhaps with their program; the answer in any format.

It runs in WebAssembly, without processes, kernels and files of the user's; a contract in pyproject.toml keeps
what needs them away, and `make site` packs what this module imports and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bpfdoctor import __version__
from bpfdoctor.log.repair import paste
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem, bug
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import SourceFile
from bpfdoctor.model.walk import Walk
from bpfdoctor.render import Unexamined, render
from bpfdoctor.reporting import Kept, bpf_object, pasted

FORMATS = ("html", "json", "markdown")  # what an answer can be written in here


class Answer:
    """An answer, and more of the paths in it for who steps through them.

    A `report` is meant by its number, a path by where it `end`s, a step by its distance from the path's last
    one (model/walk.py). What is given is JSON, "" where there is none.
    """

    def __init__(self, reports: Sequence[Report], failures: Sequence[Unexamined], kept: Kept) -> None:
        self._reports = reports
        self._failures = failures
        self._paths = [kept.get(id(report.walk)) for report in reports]

    def written(self, format: str) -> str:
        """As `bpfdoctor log --output-format` writes it, in one of FORMATS."""
        try:
            return render(self._reports, format, failures=self._failures)
        except Exception as error:
            return render((), format, failures=[Unexamined("the answer", _mistake(error))])

    def older(self, report: int, end: int, first: int) -> str:
        """The steps of a path from `first` on."""
        paths = self._paths[report]
        return _told(paths.older(end, first) if paths else None)

    def other(self, report: int, end: int, at: int) -> str:
        """The newest path that leaves this one at its step `at`."""
        paths = self._paths[report]
        return _told(paths.other(end, at) if paths else None)


def answer(
    texts: Iterable[tuple[str, bytes]], sources: Sequence[tuple[str, str]] = (), elf_file: bytes = b""
) -> Answer:
    """What `bpfdoctor log` says of the same texts, each a name and what it holds.

    `sources` are names and texts of the program's files; `elf_file` is the object that it was loaded from.
    Nothing is raised: what goes wrong is said in the answer.
    """
    reports: list[Report] = []
    failures: list[Unexamined] = []
    kept: Kept = {}
    files = tuple(SourceFile(path, code) for path, code in sources)
    for name, text in texts:
        try:
            raw = replace(paste.given(text, name), files=files, stepped=True)
            raw = replace(raw, object=bpf_object(elf_file) if elf_file else None)
            reports += pasted(raw, kept)
        except Problem as problem:
            failures.append(Unexamined(name, problem))
        except Exception as error:  # what cannot be answered is said, and the next text is another one
            failures.append(Unexamined(name, _mistake(error)))
    return Answer(reports, failures, kept)


def _told(walk: Walk | None) -> str:
    from bpfdoctor.render.walk import data

    return str(data(walk)) if walk is not None else ""


def _mistake(error: Exception) -> Problem:
    if isinstance(error, MemoryError):
        return Problem("The browser has not enough memory for this.", "bpfdoctor log reads it in a terminal.")
    return Problem(
        f"This is a bug in bpfdoctor {__version__}: {bug(error)}. Please report it with the text you pasted."
    )
