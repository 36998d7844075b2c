"""From the record to bpfdoctor/kernel/*.json: the newest facts, with what only people can add."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bpfdoctor.kernel.versions import numbers, series
from scripts.kernel_facts import record

FOLDER = Path(__file__).parents[2] / "bpfdoctor" / "kernel"
# Of what is recorded these have a file of rows; the others are few, and are tables in Python.
FILES = ("helpers", "kfuncs", "program_types", "map_types")
# What no source says: the release that had it first with the kernel's commit, and what ends a reference.
BY_HAND = ("since", "commit", "released_by")


def path(kind: str) -> Path:
    return FOLDER / f"{kind}.json"


def load(kind: str) -> dict[str, dict[str, Any]]:
    """The rows in the repository, by name."""
    file = path(kind)
    rows = json.loads(file.read_text()) if file.exists() else []
    return {row["name"]: row for row in rows}


def build(recorded: Mapping[str, Any], kind: str, complaints: list[str]) -> str:
    """A file anew: what people wrote stays, what the kernels say is the record's."""
    known, rows, kernels = load(kind), [], list(recorded["kernels"])
    for fact, have in record.newest(recorded, kind):
        old = known.pop(fact["name"], {})
        by_hand = {key: old[key] for key in BY_HAND if key in old}
        row = {"name": fact["name"], "since": _series(have[0]), **fact, **by_hand}
        if have[-1] != kernels[-1]:
            row["until"] = _series(have[-1])
        complaints += since_is_wrong(row, have, kernels)
        rows.append(json.dumps(row))
    complaints += (f"{name} is in no kernel of the record" for name in known)
    return "[\n" + ",\n".join(rows) + "\n]\n"


def _series(version: str) -> str:
    return ".".join(map(str, series(version)))


def since_is_wrong(row: Mapping[str, Any], have: list[str], kernels: list[str]) -> Iterator[str]:
    """A sentence when a kernel had it before `since`, or lacked it after, or nobody looked the version up."""
    first = series(have[0])
    before = max((series(each) for each in kernels if series(each) < first), default=(0, 0))
    if not before < numbers(row["since"]) <= first:
        yield f"{row['name']}: since {row['since']}, but {have[0]} is the first of our kernels that has it"
    elif "commit" not in row and not _follows(before, first):
        yield f"{row['name']}: since {row['since']} or earlier; look the commit up"


def _follows(version: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether `other` is the release right after `version`."""
    last = {5: 19, 6: 19}  # a major version's last minor
    major, minor = version
    return other == ((major + 1, 0) if last.get(major) == minor else (major, minor + 1))


def everything(recorded: Mapping[str, Any], complaints: list[str]) -> dict[Path, str]:
    """What each of the files should hold."""
    return {path(kind): build(recorded, kind, complaints) for kind in FILES}
