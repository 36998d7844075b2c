"""Throws bytes at everything that reads a pasted log: `make fuzz SECONDS_OF_FUZZING=600`.

Small real logs of the corpus are the seeds; GENERATORS put in what broke something once: numbers and columns
of 2^64, quotes, what no XML holds, what other programs obey. Whatever the bytes are: no exception, no failure
of our own among the findings, bounded time and memory (-timeout and -rss_limit_mb end the run with the input
that broke it). What a format prints is that format: XML, JSON, no control bytes, no command for whoever
reads the output of a CI job. Every input goes through one format, which its first byte names.
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
with atheris.instrument_imports(include=["bpfdoctor.log"]):
    from bpfdoctor import catalogue, pipeline
    from bpfdoctor.model.diagnosis import INTERNAL_ERROR
    from bpfdoctor.model.problem import Problem
    from bpfdoctor.model.report import Flavour, RawReport, Stage
    from bpfdoctor.render import FORMATS, render
    from bpfdoctor.resources import folder

_LONGEST = 700  # bytes of an input and of a seed: every kind of line fits, and a run takes milliseconds
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_COMMANDS = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
Change = Callable[[bytes, random.Random], bytes]
_TOLD_EVERY = 20  # seconds
runs, told_at = 0, time.monotonic()
# atheris gives every input to each of our runs; loading the catalogue belongs to none of them.
catalogue.load()
began = time.process_time()


def one(data: bytes) -> None:
    """The whole way from bytes to the output format that the first byte names."""
    count()
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


def instead(where: bytes, *pieces: bytes) -> Change:
    """One of `pieces` in the place of something that `where` matches, or anywhere if it matches nothing."""
    pattern = re.compile(where)

    def change(data: bytes, chance: random.Random) -> bytes:
        found = list(pattern.finditer(data))
        start, end = chance.choice(found).span(1) if found else (chance.randrange(len(data) + 1),) * 2
        return data[:start] + chance.choice(pieces) + data[end:]

    return change


def anywhere(*pieces: bytes) -> Change:
    """One of `pieces` somewhere, with or without what is there."""

    def change(data: bytes, chance: random.Random) -> bytes:
        at = chance.randrange(len(data) + 1)
        return data[:at] + chance.choice(pieces) + data[at + chance.choice((0, 0, 1, 8, 40)) :]

    return change


def repeated(data: bytes, chance: random.Random) -> bytes:
    """A line many times, or the lines in another order."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    if chance.random() < 0.5:
        return b"\n".join([*lines[:at], *[lines[at]] * chance.choice((2, 3, 20)), *lines[at + 1 :]])
    return b"\n".join(chance.sample(lines, len(lines)))


_HUGE = (
    b"18446744073709551616",
    b"9223372036854775808",
    b"4294967296",
    b"9" * 21,
    b"99999999999999999999999",
)
#: by what they attack
GENERATORS: dict[str, Change] = {
    "numbers": instead(rb"(\d+)", b"0", b"-1", b"30", b"11", *_HUGE, b"0x" + b"f" * 400, "٣".encode()),
    "numbers that int() refuses": instead(rb"(\d+)", b"7" * 4400),
    "columns and lines": instead(rb":(\d+)", b"0", b"-1", *_HUGE),
    "registers": instead(rb"\b([Rrw]\d+)", b"R10", b"R11", b"R30", b"r99999", b"R-1", b"fp-9999999", b"R"),
    "quotes": anywhere(b'"', b"`", b"'" * 50, b'"' * 1500, b"\\", b"\\" * 300, b"(" * 300, b"/*" * 200),
    "no characters": anywhere(
        b"\xff", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf0\x9f\xbf\xbe", b"\0",
    ),
    "controls": anywhere(
        b"\x1b[31m", b"\x1b]8;;x\x07", b"\x9b", "\x9b\u202e\u2066".encode(), b"\x08", b"\r", b"\x0c",
    ),
    "workflow commands": anywhere(
        b"::error::x", b"\n::error::x\n", b"\n \t::set-output name=x::y\n", b"\x1b[0m::add-mask::x",
        b"##[error]", b"##vso[x]y", b"%0A::error::x", b"\r::error::x",
    ),
    "markup": anywhere(
        b"<b>&amp;</b>", b"]]>", b"{{ x }}", b"{% x %}", b"<script>", b"[/red]", b"[link=x]", b"%s%n",
    ),
    "lines": anywhere(b"\n", b"\n\n", b"; ", b" @ a.c:3", b"\n; x @ ../../etc/passwd:1\n", b": (85) call "),
    "repeats": repeated,
}  # fmt: skip
tried = dict.fromkeys(("bytes (libFuzzer's)", *GENERATORS), 0)


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """What atheris does by itself, or one of the generators. Only inputs with a very long number are long."""
    chance = random.Random(seed)
    kind = chance.choice(list(GENERATORS)) if chance.random() < 0.6 else "bytes (libFuzzer's)"
    tried[kind] += 1
    usual = min(most, 2 * _LONGEST)
    data = data[:usual]
    if kind in GENERATORS:
        return GENERATORS[kind](data, chance)[: most if "int()" in kind else usual]
    return bytes(atheris.Mutate(data, usual))


def count() -> None:
    """One more. Says how many there were now and then: atheris ends the process, nothing comes after it."""
    global runs, told_at  # noqa: PLW0603
    runs += 1
    if time.monotonic() - told_at < _TOLD_EVERY:
        return
    told_at = time.monotonic()
    cpu = time.process_time() - began
    by_kind = ", ".join(f"{kind} {number}" for kind, number in tried.items())
    print(f"fuzz: {runs} executions, {runs / cpu:.0f} per second of CPU time ({by_kind})", file=sys.stderr)


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
        options = ["-timeout=10", "-rss_limit_mb=1500", f"-max_len={_LONGEST + 4500}", *sys.argv[1:], name]
        atheris.Setup([sys.argv[0], *options], one, custom_mutator=mutated)
        atheris.Fuzz()  # ends the process


if __name__ == "__main__":
    main()
