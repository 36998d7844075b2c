"""Throws bytes at everything that reads a pasted log: `make fuzz SECONDS_OF_FUZZING=600`.

Small real logs of the corpus are the seeds; mutations of our own put in long numbers, quotes, and what other
programs obey. Whatever the bytes are: no exception, no failure of our own among the findings, bounded time
and memory (atheris' -timeout and -rss_limit_mb end the run with the input that broke it). What a format
prints is that format: XML, JSON, no control bytes, no command for whoever reads the output of a CI job.
"""

from __future__ import annotations

import json
import lzma
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import atheris

# The readers of lines lead to all the rest. Instrumenting that costs more executions than it finds.
with atheris.instrument_imports(include=["bpfdoctor.transcript"]):
    from bpfdoctor import catalogue, pipeline
    from bpfdoctor.model.diagnosis import INTERNAL_ERROR
    from bpfdoctor.model.problem import Problem
    from bpfdoctor.model.report import Flavour, RawReport, Stage
    from bpfdoctor.render import FORMATS, render
    from bpfdoctor.resources import folder

_LONGEST = 700  # bytes of an input and of a seed: every kind of line fits, and a run takes milliseconds
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_COMMANDS = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
_NUMBER = re.compile(rb"\d+")
# Instead of a number, or anywhere.
_NUMBERS = (b"0", b"-1", b"30", b"11", b"18446744073709551616", b"9" * 21, b"7" * 4000, b"0x" + b"f" * 400)
_PIECES = (
    b'"', b"'" * 50, b'"' * 400, b"`", b"(" * 60, b"\\", b"\n", b"\r", b"\n\n", b"\x1b[31m", b"\x9b", b"\xff",
    b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xe2\x80\xae", b"::error::x", b"\n::error::x\n",
    b"##[error]", b"##vso[x]y", b"<b>&amp;</b>", b"]]>", b"{{ x }}", b"{% x %}", b" @ a.c:3", b"; ",
)  # fmt: skip
runs, began = 0, time.monotonic()
# atheris gives every input to each of our runs; loading the catalogue belongs to none of them.
catalogue.load()


def one(data: bytes) -> None:
    """The whole way from bytes to the output format that the first byte names."""
    global runs  # noqa: PLW0603
    runs += 1
    form = FORMATS[data[0] % len(FORMATS)] if data else "full"
    raw = RawReport(data[1:], "log", Flavour.LOG, Stage.PASTE)
    try:
        reports = pipeline.diagnose(raw)
    except Problem:
        return
    for report in reports:
        for diagnosis in report.diagnoses:
            if diagnosis.rule == INTERNAL_ERROR:
                raise AssertionError(diagnosis.headline)
    text = render(reports, form, width=60 + len(data) % 80, unicode=len(data) % 7 > 0, obeyed=True)
    CHECKS.get(form, _plain)(text)


def _plain(text: str) -> None:
    assert not _CONTROLS.search(text), "a control character was printed"
    assert not _COMMANDS.search(text), "a command was printed"
    text.encode("utf-8")


def _github(text: str) -> None:
    assert not _CONTROLS.search(text)
    assert all(line.startswith("::") and "##[" not in line for line in text.splitlines())


def _json(text: str) -> None:
    _plain(text)
    json.loads(text)


def _json_lines(text: str) -> None:
    _plain(text)
    for line in text.split("\n"):
        json.loads(line or "0")


def _xml(text: str) -> None:
    _plain(text)
    ElementTree.fromstring(text)


CHECKS: dict[str, Callable[[str], None]] = {
    **dict.fromkeys(("json", "sarif", "gitlab"), _json),
    "jsonl": _json_lines,
    "junit": _xml,
    "github": _github,
}


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """A number, a quote or a command in the place of something else; or what atheris does by itself."""
    chance = random.Random(seed)
    roll = chance.random()
    if roll < 0.4:
        return bytes(atheris.Mutate(data, most))
    numbers = list(_NUMBER.finditer(data))
    if roll < 0.7 and numbers:
        found = chance.choice(numbers)
        return (data[: found.start()] + chance.choice(_NUMBERS) + data[found.end() :])[:most]
    at = chance.randrange(len(data) + 1)
    skipped = chance.choice((0, 0, 1, 8, 40))
    return (data[:at] + chance.choice(_PIECES) + data[at + skipped :])[:most]


def seeds(where: Path) -> None:
    """Small real logs of the corpus, and lines of the grammars' examples."""
    cases = sorted((folder("corpus") / "cases").glob("*/*/logs"))
    for number, logs in enumerate(cases[::3]):
        for path in logs.glob("*.log*"):
            data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
            if len(data) < _LONGEST:
                (where / f"{number}-{path.name}").write_bytes(bytes([number % 251]) + data)
    for grammar in sorted(folder("grammars").glob("*.lark")):
        for number, line in enumerate(re.findall(r"// example: ?(.*)$", grammar.read_text(), re.MULTILINE)):
            (where / f"{grammar.stem}-{number}").write_bytes(bytes([number % 251]) + line.encode() + b"\n")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bpfdoctor-fuzz-") as name:
        seeds(Path(name))
        options = ["-timeout=20", "-rss_limit_mb=1500", f"-max_len={_LONGEST + 4500}", *sys.argv[1:], name]
        atheris.Setup([sys.argv[0], *options], one, custom_mutator=mutated)
        atheris.Fuzz()  # ends the process; -print_final_stats prints the executions a second


if __name__ == "__main__":
    main()
