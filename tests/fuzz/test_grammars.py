"""Lines made from the grammars themselves, and lines that are nearly such: each is read, none is fatal."""

import re
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from bpfdoctor.log import lines
from bpfdoctor.log.line import InsnLine
from bpfdoctor.resources import folder

EASY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ("insn", "state", "source_line", "verifier_line", "compiler", "loader", "report")


@pytest.mark.parametrize("name", NAMES)
@EASY
@given(data=st.data())
def test_no_line_of_a_grammar_is_fatal(name: str, data: st.DataObject) -> None:
    text = data.draw(texts(name))
    for line in text.split("\n"):
        lines.parse(line)
        lines.parse(f"7: (07) {line}")
        lines.parse(f"; {line}")


@EASY
@given(data=st.data(), cut=st.integers(0, 200), junk=st.text(max_size=5))
def test_an_instruction_broken_anywhere_costs_one_line(data: st.DataObject, cut: int, junk: str) -> None:
    text = data.draw(texts("insn"))
    broken = f"12: (85) {text[:cut]}{junk}{text[cut:]}"
    parsed = lines.parse(broken)
    assert not isinstance(parsed, InsnLine) or parsed.insn.index == 12


@cache
def texts(name: str) -> st.SearchStrategy[str]:
    """Texts of a grammar, made from its file: a parser out of lark's cache has no rules left to draw from."""
    return from_lark(
        Lark((folder("grammars") / f"{name}.lark").read_text(), start=_start(name), parser="lalr")
    )


def _start(name: str) -> str:
    """The grammar's start, else its first rule."""
    text = (folder("grammars") / f"{name}.lark").read_text()
    rules = re.findall(r"^[?!]?([a-z_]+)[ \t]*:", text, re.M)
    return "start" if "start" in rules else rules[0]
