"""Writes what the terminal says of stored logs, for the test that compares the page with it.

    python -m scripts.site.answers OUT [--count 200]

OUT gets one line of JSON a log: name, text, sources, HTML. Every tenth is asked of the command, the others
of the same functions in this process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor.lab import cases
from bpfdoctor.pipeline import read_log
from bpfdoctor.render import render
from scripts.readme import MARK, ROOT

_MOST = 200_000  # bytes of a log: the larger ones say the same, and cost the comparison minutes
_NAME = "stored.log"


def stored(count: int) -> Iterator[tuple[Path, Path | None]]:
    """Logs from all over the corpus, every second with its program."""
    found = [log for log in sorted((ROOT / "corpus").glob("*/*/*/logs/*.log")) if log.stat().st_size <= _MOST]
    step = max(1, len(found) // count)
    for number, log in enumerate(found[::step][:count]):
        yield log, cases.program(log.parent.parent) if number % 2 else None


def answers(count: int) -> Iterator[dict[str, object]]:
    """In a folder of its own, where the files have the names that the page gives them."""
    with tempfile.TemporaryDirectory(prefix="bpfdoctor-answers-") as folder:
        os.chdir(folder)
        for number, (log, program) in enumerate(stored(count)):
            text = log.read_text(encoding="utf-8")
            Path(_NAME).write_text(text, encoding="utf-8")
            sources = []
            if program is not None:
                sources = [program.name]
                Path(program.name).write_text(
                    MARK.sub("", program.read_text(encoding="utf-8")), encoding="utf-8"
                )
            yield {
                "of": str(log.relative_to(ROOT)),
                "name": _NAME,
                "log": text,
                "sources": [
                    {"name": name, "text": Path(name).read_text(encoding="utf-8")} for name in sources
                ],
                "html": _printed(sources)
                if number % 10 == 0
                else render(read_log(_NAME, sources, stepped=True), "html"),
            }


def _printed(sources: list[str]) -> str:
    options = [word for name in sources for word in ("--source", name)]
    command = [sys.executable, "-m", "bpfdoctor", "log", _NAME, "--output-format", "html", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--count", type=int, default=200)
    chosen = options.parse_args()
    out: Path = chosen.out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        for each in answers(chosen.count):
            file.write(json.dumps(each) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
