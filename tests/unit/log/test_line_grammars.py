"""The grammars of the verifier's lines prove themselves: every alternative shows one line, and it parses."""

from __future__ import annotations

import re

import pytest

from bpfdoctor import resources
from bpfdoctor.log.line import (
    CallLine,
    CommentLine,
    FromLine,
    InsnLine,
    SafeLine,
    StateLine,
)
from bpfdoctor.log.lines import parse

# What the lines of a start symbol are read as.
LINES_OF: dict[str, dict[str, tuple[type, ...]]] = {
    "insn": {"start": (InsnLine,), "operation": (InsnLine,)},
    "state": dict.fromkeys(("item", "value", "slot", "attribute", "bounds"), (StateLine,)),
    "source_line": {"start": (CommentLine,)},
    "verifier_line": {"path": (FromLine, SafeLine, CallLine)},
}
_RULE = re.compile(r"^[?!]*(?P<rule>[a-z_]+):\s*(?P<first>.*)$|^ +\| (?P<more>.*)$")
# Where a line shows what the instruction made of the registers, or the branch that is taken up after it.
_STATE = re.compile(r"(?:; ?| \d+: ?)(?:R\d|frame\d|fp-|refs=)")


def alternatives() -> list[tuple[str, str, str]]:
    """(grammar, rule, text) of every alternative that stands for something (it has an alias)."""
    found = []
    for name in LINES_OF:
        rule = ""
        for line in (resources.folder("grammars") / f"{name}.lark").read_text().splitlines():
            if match := _RULE.match(line):
                rule = match["rule"] or rule
                if "->" in line:
                    found.append((name, rule, line))
    return found


@pytest.mark.parametrize(("name", "rule", "text"), alternatives())
def test_every_alternative_shows_a_line_that_parses(name: str, rule: str, text: str) -> None:
    example = text.partition("// example: ")[2].replace("\\t", "\t")
    assert example, f"{name}.lark: add `// example: …` with a line of a real log after {text.strip()}"
    line = parse(example)
    assert isinstance(line, LINES_OF[name][rule]), line
    if isinstance(line, InsnLine):
        assert bool(_STATE.search(example)) == (line.printed is not None or line.next_state is not None)


def test_no_alternative_is_missed_by_this_test() -> None:
    assert len(alternatives()) > 50


@pytest.mark.parametrize("name", LINES_OF)
def test_the_parser_comes_from_the_cache(
    name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second start reads the tables and does not build them again."""
    import lark.lark

    from bpfdoctor import grammar

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    start = next(iter(LINES_OF[name])) if name == "verifier_line" else "start"
    grammar.parser.__wrapped__(name, start)
    monkeypatch.setattr(lark.lark, "load_grammar", lambda *_: pytest.fail("built anew"))
    grammar.parser.__wrapped__(name, start)
