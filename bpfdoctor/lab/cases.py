"""The corpus's real logs: what every kernel said of a case's program, at both log levels."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from pathlib import Path

from bpfdoctor.model.report import Flavour

LARGE = 12_000  # bytes; longer logs are stored compressed
HUGE = 1_000_000  # bytes; the millions of lines of a spent budget say the same again and again: not stored
VERDICTS = "verdicts.json"

Verdicts = dict[str, dict[str, object]]  # by kernel: verdict, rule, line


def folder(case: Path) -> Path:
    return case / "logs"


def program(case: Path) -> Path | None:
    """The case's failing program: prog.bpf.c, BCC's prog.c, or a BCC tool in Python, prog.py."""
    names = ("prog.bpf.c", "prog.c", "prog.py")
    return next((path for name in names if (path := case / name).is_file()), None)


def flavour(program: Path) -> Flavour:
    """What kind of program a case's file is."""
    return {".c": Flavour.BCC, ".py": Flavour.PYTHON}.get("".join(program.suffixes), Flavour.LIBBPF)


def verdicts(case: Path) -> Verdicts:
    """What is stored of the case; {} when it was never captured."""
    path = folder(case) / VERDICTS
    found: Verdicts = json.loads(path.read_text()) if path.is_file() else {}
    return found


def of_series(case: Path, kernel: str) -> dict[str, object]:
    """What is stored of this kernel, else of the newest one of its series (archives drop 7.3.4 for 7.3.5)."""
    stored = verdicts(case)
    series = kernel.rpartition(".")[0]
    near = [name for name in stored if name.rpartition(".")[0] == series]
    return stored.get(kernel) or (stored[max(near)] if near else {})


def write(case: Path, found: Mapping[str, dict[str, object]], logs: Mapping[str, bytes]) -> None:
    """Replaces what is stored of these kernels. `logs` is by name: "6.12.117-l1"."""
    where = folder(case)
    where.mkdir(exist_ok=True)
    kernels = tuple(found)
    for old in where.glob("*.log*"):
        if old.name.rpartition("-l")[0] in kernels:
            old.unlink()
    for name, data in logs.items():
        if len(data) > HUGE:
            continue
        if len(data) > LARGE:
            (where / f"{name}.log.xz").write_bytes(lzma.compress(data, preset=9))
        else:
            (where / f"{name}.log").write_bytes(data)
    rows = ",\n".join(
        f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted({**verdicts(case), **found}.items())
    )
    (where / VERDICTS).write_text("{\n" + rows + "\n}\n")


def logs(case: Path) -> Iterator[tuple[str, int, bytes]]:
    """(kernel, level, log) of everything stored."""
    for path in sorted(folder(case).glob("*.log*")):
        data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        kernel, _, level = path.name.split(".log")[0].rpartition("-l")
        yield kernel, int(level), data
