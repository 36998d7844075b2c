"""What runs have stored, bpfdoctor's JSON or JSON lines and veristat's CSV; and what has changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bpfdoctor import regular_file
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, field

_MOST = 256 << 20  # bytes of one file
_SCHEMA = 1  # of docs/json.md
_VERISTAT = {"total_insns": "insns", "total_states": "states", "peak_states": "peak states", "stack": "stack"}
_OURS = {"insns": "insns", "states": "states", "peak_states": "peak states", "stack": "stack"}
NUMBERS = tuple(_OURS.values())

Key = tuple[str, str, str]  # source, program, kernel with its capabilities ("" where it is not known)


@dataclass(frozen=True, slots=True)
class Ran:
    """What one kernel made of one program."""

    source: str
    program: str
    kernel: str
    verdict: str
    rules: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)  # instructions, states, bytes of stack

    @property
    def loads(self) -> bool:
        return self.verdict == "loads"

    @property
    def said(self) -> str:
        """`loads`, `refused: packet-bounds`, `not compiled`."""
        verdict = self.verdict.replace("-", " ")
        return f"{verdict}: {', '.join(self.rules)}" if self.rules else verdict


@dataclass(frozen=True, slots=True)
class Change:
    """One program on one kernel, then and now; None for a run that has not looked at it."""

    before: Ran | None
    after: Ran | None

    @property
    def one(self) -> Ran:
        ran = self.after or self.before
        assert ran is not None
        return ran

    @property
    def is_worse(self) -> bool:
        """Whether it does not load any more, or is new and does not load."""
        if self.after is None or self.after.loads or self.after.verdict == "not-asked":
            return False
        return self.before is None or self.before.loads

    def numbers(self, least: float) -> dict[str, tuple[int, int]]:
        """What has grown or shrunk by `least` per cent or more: name -> (then, now)."""
        if not (self.before and self.after and self.before.loads and self.after.loads):
            return {}  # how far a refused program got means little
        both = {
            name: (self.before.numbers[name], now)
            for name, now in self.after.numbers.items()
            if name in self.before.numbers
        }
        return {
            name: (then, now)
            for name, (then, now) in both.items()
            if then != now and abs(now - then) * 100 >= least * then
        }

    def over(self, limits: Mapping[str, float]) -> list[str]:
        """The numbers that have grown by more than their limit, in per cent."""
        grown = self.numbers(0)
        return [
            name
            for name, most in limits.items()
            if name in grown and (grown[name][1] - grown[name][0]) * 100 > most * grown[name][0]
        ]


def read(path: Path) -> list[Ran]:
    """Every program of a stored run. Raises Problem for what is none."""
    text = _text(path)
    if text.lstrip()[:1] == "{":
        return [_of_json(report) for report in reports(path, text)]
    return list(_of_csv(path, text))


def reports(path: Path, text: str | None = None) -> list[dict[str, Any]]:
    """The reports of a JSON document, or of JSON lines. Raises Problem."""
    documents = _documents(path, _text(path) if text is None else text)
    return [report for document in documents for report in _listed(path, document, "reports")]


def merged(paths: Sequence[Path]) -> dict[str, Any]:
    """One document of several, by the files' names: that of the run that was divided. Raises Problem."""
    documents = [(path, document) for path in paths for document in _documents(path, _text(path))]
    return {
        "schema": _SCHEMA,
        "reports": sorted(
            (each for path, document in documents for each in _listed(path, document, "reports")),
            key=lambda report: Path(str(report["source"])).parts,
        ),
        "hidden": _together(document.get("hidden") for _, document in documents),
        "problems": [each for path, document in documents for each in _listed(path, document, "problems")],
    }


def _together(hidden: Iterable[Any]) -> dict[str, int]:
    """How many findings the runs have hidden; an older one does not say."""
    known = [each for each in hidden if isinstance(each, dict)]
    names = ("by_options", "by_baseline", "ignored", "expected")
    return {name: sum(each.get(name) or 0 for each in known) for name in names}


def _documents(path: Path, text: str) -> list[dict[str, Any]]:
    """A document, or lines that are one together: each is a report or a problem."""
    try:
        documents = [json.loads(text)]
    except (ValueError, RecursionError):
        try:
            documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise _no_run(path) from None
    for document in documents:
        if not isinstance(document, dict) or "schema" not in document:
            raise _no_run(path)
        if document["schema"] != _SCHEMA:
            raise Problem(f"{path} has schema {document['schema']}; this bpfdoctor reads {_SCHEMA}.")
    return documents


def _listed(path: Path, document: dict[str, Any], what: str) -> list[dict[str, Any]]:
    """The "reports" or the "problems" of a document, or of a line."""
    if "reports" in document:
        listed = document.get(what)
    elif what == "problems":
        listed = [document["problem"]] if "problem" in document else []
    else:
        listed = [] if "problem" in document or "hidden" in document else [_without_schema(document)]
    keys = {"reports": ("source", "verdict", "findings", "settings"), "problems": ("message",)}[what]
    if not isinstance(listed, list) or not all(
        isinstance(each, dict) and all(key in each for key in keys) for each in listed
    ):
        raise _no_run(path)
    return listed


def _without_schema(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "schema"}


def _text(path: Path) -> str:
    try:
        return regular_file.read(path, _MOST).decode("utf-8", "replace")
    except OSError as error:
        raise Problem(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None


def _no_run(path: Path) -> Problem:
    return Problem(
        f"{path} is no stored run.",
        "bpfdoctor check --output-format json -o FILE stores one; veristat does with -o csv.",
    )


def _of_json(report: Mapping[str, Any]) -> Ran:
    program = _table(report.get("program"))
    counted = {**_table(report.get("statistics")), "insns": report.get("insns")}
    return Ran(
        str(report["source"]),
        " ".join(map(str, filter(None, (program.get("name"), *report["settings"])))),
        column(report),
        str(report["verdict"]),
        tuple(dict.fromkeys(str(_table(finding).get("rule")) for finding in report["findings"])),
        {name: counted[key] for key, name in _OURS.items() if isinstance(counted.get(key), int)},
    )


def column(report: Mapping[str, Any]) -> str:
    """The kernel that a report tells of: `6.1.192`, `6.1.192 no-perfmon`; "" where none was asked."""
    kernel = _table(report.get("kernel"))
    held = kernel.get("capabilities", "full")
    return str(kernel.get("release", "")) + ("" if held == "full" else f" {held}")


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _of_csv(path: Path, text: str) -> Iterator[Ran]:
    """veristat's columns: file_name, prog_name, verdict, and the numbers that were asked for."""
    rows = csv.DictReader(io.StringIO(text))
    if not {"file_name", "prog_name", "verdict"} <= set(rows.fieldnames or ()):
        raise _no_run(path)
    try:
        for row in rows:
            numbers = {
                name: int(row[column])
                for column, name in _VERISTAT.items()
                if (row.get(column) or "").isdecimal()
            }
            verdict = {"success": "loads", "failure": "refused"}.get(row["verdict"], row["verdict"])
            yield Ran(row["file_name"], row["prog_name"], "", verdict, (), numbers)
    except csv.Error as error:
        raise Problem(f"{path} is not CSV: {error}.") from None


def changes(before: Iterable[Ran], after: Iterable[Ran]) -> list[Change]:
    """Every program on every kernel, those of the later run first, in its order."""
    then, now = list(before), list(after)
    same = _same_kernels(then, now)
    old = {_key(ran, same): ran for ran in then}
    new = {_key(ran, {}): ran for ran in now}
    both = [Change(old.get(key), ran) for key, ran in new.items()]
    return [*both, *(Change(ran, None) for key, ran in old.items() if key not in new)]


def _key(ran: Ran, same: Mapping[str, str]) -> Key:
    return ran.source, ran.program, same.get(ran.kernel, ran.kernel)


def _same_kernels(before: Iterable[Ran], after: Iterable[Ran]) -> dict[str, str]:
    """6.1.192 of one run is 6.1.193 of the other, where each has but one of its series."""
    then, now = ({ran.kernel for ran in runs} for runs in (before, after))
    same = {}
    for kernel in then - now:
        twins = [each for each in now - then if _series(each) == _series(kernel)]
        rivals = [each for each in then - now if _series(each) == _series(kernel)]
        if len(twins) == len(rivals) == 1:
            same[kernel] = twins[0]
    return same


def _series(kernel: str) -> tuple[str, str]:
    """(6.1, no-perfmon) of `6.1.192 no-perfmon`."""
    release, _, held = kernel.partition(" ")
    return ".".join(release.split(".")[:2]), held
