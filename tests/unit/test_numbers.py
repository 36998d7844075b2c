"""A number in a log has at most the 20 digits of 2^64, and it is the lexer that says so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import bpfdoctor
from bpfdoctor import resources
from bpfdoctor.log import kernel_report, lines
from bpfdoctor.log.wrappers import compiler, loader
from bpfdoctor.model.diagnosis import INTERNAL_ERROR
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from tests.unit.log.texts import OLD, REPORTED, log

GRAMMARS = ("compiler", "insn", "loader", "report", "source_line", "state", "verifier_line")
_EXAMPLE = re.compile(r"// example: ?(.*)$", re.MULTILINE)
_NUMBER = re.compile(r"(?<![0-9a-fA-Fx])(?:0x[0-9a-f]+|\d+)")
LONG = ("1" * 21, "9" * 4000, "7" * 6000, "0x" + "f" * 17, "0x" + "e" * 5000)


def examples() -> Iterator[str]:
    for name in GRAMMARS:
        yield from _EXAMPLE.findall((resources.folder("grammars") / f"{name}.lark").read_text())


def numbers(value: object) -> Iterator[int]:
    """Every integer in what a parser returned."""
    if isinstance(value, int):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from numbers(getattr(value, each.name))
    elif isinstance(value, dict):
        for item in (*value.keys(), *value.values()):
            yield from numbers(item)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from numbers(item)


@pytest.mark.parametrize("long", LONG, ids=lambda text: f"{text[:2]}…{len(text)}")
def test_no_longer_number_comes_out_of_any_grammar(long: str) -> None:
    met = 0
    for example in examples():
        for place in _NUMBER.finditer(example):
            line = example[: place.start()] + long + example[place.end() :]
            for read in (lines.parse, loader.parse, compiler.parse, lambda text: kernel_report.read([text])):
                found = list(numbers(read(line)))
                assert all(abs(each) < 10**20 for each in found), (line[:80], max(found))
            met += 1
    assert met > 300


@pytest.mark.parametrize("long", LONG, ids=lambda text: f"{text[:2]}…{len(text)}")
@pytest.mark.parametrize("name", ["old", "reported", "packet", "leak", "endless", "null-in-callee-l2"])
def test_a_long_number_anywhere_in_a_log_costs_no_answer(name: str, long: str) -> None:
    text = {"old": OLD, "reported": REPORTED}.get(name) or log(name)
    places = list(_NUMBER.finditer(text))
    for place in places[:: max(1, len(places) // 60)]:
        data = (text[: place.start()] + long + text[place.end() :]).encode()
        reports = diagnose(RawReport(data, "x.log", Flavour.LOG, Stage.PASTE))
        rules = [diagnosis.rule for report in reports for diagnosis in report.diagnoses]
        assert INTERNAL_ERROR not in rules, text[place.start() - 40 : place.end() + 40]


READ_LOGS = ("log", "trace", "analysis", "source", "fixes", "pipeline.py")


def test_no_pattern_takes_a_number_of_any_length() -> None:
    r"""A group `(\d+)` is there to be turned into an integer. Say how long it may be."""
    root = Path(bpfdoctor.__file__).parent
    wrong = []
    for folder in READ_LOGS:
        for path in [root / folder] if folder.endswith(".py") else sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Constant):
                    continue
                text = node.value
                text = text.decode("latin-1") if isinstance(text, bytes) else text
                if isinstance(text, str) and re.search(r"\((?:\?P<\w+>)?[-+?\[\]]*\\d\+\)", text):
                    wrong.append(f"{path.relative_to(root)}:{node.lineno}: {text}")
    assert not wrong, "\n".join(wrong)
