"""Throws bytes at everything that reads a pasted log: `make fuzz SECONDS=600`.

Real logs of the corpus are the seeds. Whatever the bytes are: no exception, bounded time and memory (atheris'
-timeout and -rss_limit_mb end the run with the input that broke it).
"""

from __future__ import annotations

import lzma
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bpfdoctor"]):
    from bpfdoctor import catalogue, pipeline
    from bpfdoctor.capture import paste
    from bpfdoctor.model.problem import Problem
    from bpfdoctor.model.report import Flavour, RawReport, Stage
    from bpfdoctor.render import render
    from bpfdoctor.resources import folder
    from bpfdoctor.transcript import lines, read

RULES = catalogue.load()
FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "html")


def one(data: bytes) -> None:
    """The whole way from bytes to every output format."""
    paste.clean(data)
    for line in data.decode(errors="replace").splitlines()[:50]:
        lines.parse(line)
    raw = RawReport(data, "log", Flavour.LOG, Stage.PASTE)
    read(raw, data, known=RULES.known)
    try:
        reports = pipeline.diagnose(raw)
    except Problem:
        return
    render(reports, FORMATS[len(data) % len(FORMATS)])


def seeds(where: Path) -> None:
    """Small real logs, one per kernel and level of every fifth case."""
    cases = sorted((folder("corpus") / "cases").glob("*/*/logs"))
    for number, logs in enumerate(cases[::5]):
        for path in logs.glob("*.log*"):
            data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
            if len(data) < 8000:
                (where / f"{number}-{path.name}").write_bytes(data)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bpfdoctor-fuzz-") as name:
        seeds(Path(name))
        options = ["-timeout=20", "-rss_limit_mb=1500", "-max_len=16384", *sys.argv[1:], name]
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
