"""What `check` has said of a file, kept for as long as nothing that it depends on changes.

An entry is data (model_json.py) with a digest, in a folder of the user's alone; one that is cut, changed or
of another shape is worked out anew. It is found by what machine_state.py knows, and holds the files that
looked_at.py has seen, which must be as they were.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from bpfdoctor import cached, looked_at, model_json, resources
from bpfdoctor.cli import machine_state
from bpfdoctor.model.diagnosis import Diagnosis, Facts, Report
from bpfdoctor.model.picture import Picture
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import CaptureOptions, Verdict

_FOLDER = "checked"
_MOST_BYTES = 64 << 20  # of all entries; the oldest go
_MOST_ENTRIES = 5000
_MOST_OF_ONE = 2 << 20
_KEPT = (Verdict.LOADS, Verdict.REFUSED, Verdict.NOT_ASKED)  # what depends on less than the whole machine


@dataclass(frozen=True, slots=True)
class _Drawn(Facts):
    """What a format draws of facts; the rest of them has been said."""

    drawn: Picture | None = None

    @property
    def picture(self) -> Picture | None:
        return self.drawn


class Store:
    """The answers to files that are asked about in one way: with these options of a file, and with `more`."""

    def __init__(
        self, sources: Sequence[str], options: Callable[[Path], CaptureOptions], more: Sequence[object]
    ) -> None:
        self._options, self._more, self._looked = options, repr(more), looked_at.Looked()
        self._sources = frozenset(map(os.path.abspath, sources))
        self.hits = 0

    def found(self, source: str) -> list[Report] | None:
        """What was said of the file; None where that is not known, or no longer true."""
        entry = self._entry(source)
        data = cached.read(entry) or b""
        digest, _, text = data.partition(b"\n")
        if digest != _digest(text):
            return None
        try:
            seen, told = json.loads(text)
            if any(self._looked.now(how, path) != was for how, path, was in seen):
                return None
            reports = [_with_pictures(*each) for each in model_json.read(told)]
        except Exception:  # nobody but us can have written it, and still it is only a file
            return None
        if folder := resources.cache_dir():
            with suppress(OSError):
                os.utime(folder / entry)  # the oldest go first
        self.hits += 1
        return reports

    def examined(self, source: str, examine: Callable[[str], list[Report]]) -> list[Report]:
        """What is found in a file now, which is kept unless it depends on what nobody has seen."""
        with looked_at.watching(but=self._sources) as seen:
            reports = examine(source)
        if all(map(_lasts, reports)) and (found := looked_at.Looked().found(seen)) is not None:
            self._keep(source, found, reports)
        return reports

    def _keep(self, source: str, found: object, reports: Sequence[Report]) -> None:
        folder = resources.cache_dir()
        with suppress(TypeError, ValueError, OSError):
            text = json.dumps([found, model_json.written([_drawn_alone(each) for each in reports])]).encode()
            if folder is not None and len(text) <= _MOST_OF_ONE:
                (folder / _FOLDER).mkdir(mode=0o700, exist_ok=True)
                cached.write(self._entry(source), _digest(text) + b"\n" + text, kept=None)

    @staticmethod
    def prune() -> None:
        """Removes the answers that nobody has asked for the longest, where there are too many."""
        left = _MOST_BYTES
        with suppress(OSError):
            found = sorted(((path.lstat(), path) for path in _entries()), key=lambda each: each[0].st_mtime)
            for number, (stat, path) in enumerate(reversed(found)):
                left -= stat.st_size
                if left < 0 or number >= _MOST_ENTRIES:
                    path.unlink(missing_ok=True)

    def _entry(self, source: str) -> str:
        key = machine_state.key_of(self._options(Path(source)), self._more)
        return f"{_FOLDER}/{cached.key(source, key)}.json"


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).hexdigest().encode()


def _lasts(report: Report) -> bool:
    from bpfdoctor.model.diagnosis import INTERNAL_ERROR

    broken = any(diagnosis.rule == INTERNAL_ERROR for diagnosis in report.diagnoses)
    return report.verdict in _KEPT and not broken


def _drawn_alone(report: Report) -> tuple[Report, list[Picture | None]]:
    """The report without what no format shows, and for each finding what is drawn of its facts."""
    bare = (
        replace(each, facts=None, finding=replace(each.finding, captures={})) for each in report.diagnoses
    )
    pictures = [each.facts.picture if each.facts is not None else None for each in report.diagnoses]
    return replace(report, diagnoses=tuple(bare)), pictures


def _with_pictures(report: Report, pictures: Sequence[Picture | None]) -> Report:
    pairs = zip(report.diagnoses, pictures, strict=True)
    return replace(report, diagnoses=tuple(_with_picture(each, picture) for each, picture in pairs))


def _with_picture(diagnosis: Diagnosis, picture: Picture | None) -> Diagnosis:
    return diagnosis if picture is None else replace(diagnosis, facts=_Drawn(drawn=picture))


def cleared() -> int:
    """Removes every answer that was kept; how many there were."""
    paths = _entries()
    for path in paths:
        with suppress(OSError):
            path.unlink()
    return len(paths)


def _entries() -> list[Path]:
    folder = resources.cache_dir()
    return list((folder / _FOLDER).glob("*.json")) if folder else []
