"""What BCC made of a case's program when it was captured: with it a stored log gets the answer of `check`.

BCC is not on every machine, and no two versions make the same of a program.
"""

from __future__ import annotations

import json
import lzma
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from bpfdoctor.kernel.versions import numbers
from bpfdoctor.lab import cases
from bpfdoctor.model.report import (
    Kernel,
    LineMap,
    Piece,
    Program,
    RawReport,
    SourceFile,
    Stage,
    Verdict,
)

FILE = "compiled.json.xz"


def store(case: Path, captured: Sequence[RawReport]) -> None:
    """Replaces what is stored of the case."""
    rows = [
        {
            "program": [raw.program.name, raw.program.type] if raw.program else None,
            "compiler": raw.compiler,
            "said": raw.compiler_said.decode(errors="replace"),
            "object": b64encode(raw.object or b"").decode(),
            "files": {_here(file.path, case): file.text for file in raw.files},
            "maps": [_row(each, case) for each in raw.line_maps],
        }
        for raw in captured
    ]
    (cases.folder(case) / FILE).write_bytes(lzma.compress(json.dumps(rows).encode(), preset=9))


def _here(path: str, case: Path) -> str:
    return path.removeprefix(f"{case}/")


def _row(each: LineMap, case: Path) -> list[Any]:
    pieces = {line: [astuple(piece) for piece in some] for line, some in each.pieces.items()}
    return [each.file, _here(each.user_file, case), dict(each.lines), pieces, each.since]


def reports(case: Path) -> Iterator[tuple[str, int, RawReport]]:
    """(kernel or compiler, log level, what `check` would diagnose) of every stored log of a BCC program."""
    said = cases.verdicts(case)
    programs = _programs(case)
    for kernel, level, log in cases.logs(case):
        name = said[kernel].get("program")
        raw = next(raw for raw in programs if name is None or (raw.program and raw.program.name == name))
        asked = kernel[:1].isdigit()
        yield kernel, level, replace(
            raw,
            data=log,
            stage=Stage.VERIFIER if asked else Stage.COMPILER,
            verdict=Verdict(str(said[kernel]["verdict"])),
            kernel=Kernel(kernel) if asked else None,
        )  # fmt: skip


def loading(case: Path) -> Iterator[RawReport]:
    """What `check` would diagnose on the newest kernel that loads a BCC program."""
    loads = [kernel for kernel, said in cases.verdicts(case).items() if said["verdict"] == "loads"]
    if loads:
        kernel = Kernel(max(loads, key=numbers))
        for raw in _programs(case):
            yield replace(raw, stage=Stage.VERIFIER, verdict=Verdict.LOADS, kernel=kernel)


def _programs(case: Path) -> tuple[RawReport, ...]:
    program = cases.program(case)
    assert program is not None
    rows = json.loads(lzma.decompress((cases.folder(case) / FILE).read_bytes()))
    return tuple(_report(program, row) for row in rows)


def _report(program: Path, row: dict[str, Any]) -> RawReport:
    return RawReport(
        b"",
        program.name,
        cases.flavour(program),
        Stage.COMPILER,
        program=Program(*row["program"]) if row["program"] else None,
        compiler=row["compiler"],
        compiler_said=row["said"].encode(),
        object=b64decode(row["object"]) or None,
        files=tuple(SourceFile(path, text) for path, text in row["files"].items()),
        line_maps=tuple(_map(*each) for each in row["maps"]),
    )


def _map(
    file: str, user_file: str, lines: dict[str, int], pieces: dict[str, list[list[Any]]], since: int
) -> LineMap:
    return LineMap(
        file,
        user_file,
        {int(line): to for line, to in lines.items()},
        {int(line): tuple(Piece(*each) for each in some) for line, some in pieces.items()},
        since,
    )
