"""What all kernels say, put together in corpus/kernel_facts.json: a row for what some of them agree on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bpfdoctor import resources
from scripts.kernel_facts.extract import KINDS, Facts

_ABOUT = (
    "What the sources of these kernels say of helpers, kfuncs, program and map types, made by `make facts` "
    "(scripts/kernel_facts). Do not edit."
)

_OWN = ("name", "from", "to")  # what a row has beside the facts


def path() -> Path:
    return resources.folder("corpus") / "kernel_facts.json"


def build(kernels: Iterable[tuple[str, str, dict[str, Facts]]]) -> dict[str, Any]:
    """The record of kernels, each with version, package and facts by kind; oldest first."""
    packages: dict[str, str] = {}
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    now: dict[tuple[str, str], dict[str, Any]] = {}  # the row of each as of the kernel before
    for version, package, facts in kernels:
        packages[version] = package
        before = {key: row for key, row in now.items() if key[1] in facts[key[0]]}
        now = {}
        for kind in KINDS:
            for name, fact in facts[kind].items():
                row = before.get((kind, name))
                if row is None or {**row, **fact} != row or len(row) != len(fact) + len(_OWN):
                    row = {"name": name, "from": version, "to": version, **fact}
                    rows[kind].append(row)
                row["to"] = version
                now[kind, name] = row
    ordered = {
        kind: sorted(found, key=lambda row: (row.get("id", 0), row["name"])) for kind, found in rows.items()
    }
    return {"about": _ABOUT, "kernels": packages, **ordered}


def dump(record: Mapping[str, Any]) -> str:
    """The record as JSON with a row a line."""
    return "{\n" + ",\n".join(_members(record)) + "\n}\n"


def _members(record: Mapping[str, Any]) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, list):
            rows = ",\n".join(json.dumps(row) for row in value)
            yield f"{json.dumps(key)}: [\n{rows}\n]"
        else:
            yield f"{json.dumps(key)}: {json.dumps(value)}"


def load() -> dict[str, Any]:
    """The record in the repository."""
    record: dict[str, Any] = json.loads(path().read_text())
    return record


def newest(record: Mapping[str, Any], kind: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """(what the newest kernel that has it says, all kernels that have it) of every helper, kfunc, type."""
    versions = list(record["kernels"])
    found: dict[str, list[dict[str, Any]]] = {}
    for row in record[kind]:
        found.setdefault(row["name"], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: versions.index(row["to"]))
        spans = [versions[versions.index(row["from"]) : versions.index(row["to"]) + 1] for row in rows]
        last = {key: value for key, value in rows[-1].items() if key not in ("from", "to")}
        yield last, [version for span in spans for version in span]
