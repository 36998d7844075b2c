"""Our runner of lark's tables against lark: the same lines are accepted, and the same comes out of them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import lark
import pytest
from lark.exceptions import LarkError

from bpfdoctor import grammar, resources
from bpfdoctor.parser import ParseError, Run, Token, Tree

ROOT = Path(__file__).resolve().parents[2]
LINES = [(name, start) for name, starts in grammar.STARTS.items() if name != "log" for start in starts]
_EXAMPLE = re.compile(r"// example: ?(.*)")


def lark_of(name: str, start: str) -> lark.Lark:
    return lark.Lark(grammar._text(name), start=start, parser="lalr", maybe_placeholders=True)


def plain(part: Any) -> Any:
    """Trees of either kind as one: rules with their children, tokens with their type and place."""
    if isinstance(part, lark.Tree | Tree):
        return (str(part.data), [plain(child) for child in part.children])
    if isinstance(part, lark.Token | Token):
        return (str(part.type), str(part), part.start_pos)
    return part


def outcome(parser: Any, text: str) -> Any:
    try:
        return plain(parser.parse(text))
    except (LarkError, ParseError):
        return None


def written(name: str) -> list[str]:
    """The examples of a grammar, whole and without what a line may begin with."""
    examples = [
        line.replace("\\t", "\t").strip()
        for line in _EXAMPLE.findall((ROOT / f"grammars/{name}.lark").read_text())
    ]
    return [*examples, *(example.partition(": ")[2] for example in examples)]


def real() -> list[str]:
    """Lines of stored logs, whole and from each place where something inside them begins."""
    logs = sorted((ROOT / "corpus/cases").glob("*/*/logs/*.log"))[::61]
    lines = {line for log in logs for line in log.read_text(errors="replace").splitlines()[-40:]}
    return [
        part for line in sorted(lines)[::5] for part in (line, *re.split(r"^\d+: |; |libbpf: ", line)[1:])
    ]


def damaged(line: str, chance: random.Random) -> list[str]:
    """The line cut, with a piece twice, and with a character that does not belong there."""
    at, to = sorted(chance.choices(range(len(line) + 1), k=2))
    return [line[:at], line[:to] + line[at:], f"{line[:at]}{chance.choice('=(),;: x0')}{line[at:]}"]


@pytest.mark.parametrize(("name", "start"), LINES)
def test_a_line_is_to_us_what_it_is_to_lark(name: str, start: str) -> None:
    theirs, ours = lark_of(name, start), grammar.parser(name, start)
    chance = random.Random(7)
    lines = [line[:500] for line in (*written(name), *real())]
    lines += [each for line in lines for each in damaged(line, chance)]
    assert [line for line in lines if outcome(theirs, line) != outcome(ours, line)] == []
    assert any(outcome(ours, line) is not None for line in lines)


@pytest.mark.parametrize("start", ["start", "sentence"])
def test_a_rules_text_is_to_us_what_it_is_to_lark(start: str) -> None:
    theirs, ours = lark_of("template", start), grammar.parser("template", start)
    text = (ROOT / "rules").rglob("*.md")
    lines = [line[:300] for path in sorted(text)[::9] for line in path.read_text().splitlines()]
    assert [line for line in lines if outcome(theirs, line) != outcome(ours, line)] == []


@pytest.mark.parametrize("start", grammar.STARTS["log"])
def test_kinds_of_lines_in_any_order_are_to_us_what_they_are_to_lark(start: str) -> None:
    theirs, ours = lark_of("log", start), grammar.parser("log", start)
    declared = re.findall(r"^%declare (.*)", (ROOT / "grammars/log.lark").read_text(), re.M)
    terminals = " ".join(declared).split()
    chance = random.Random(11)
    accepted = 0
    for _ in range(3000):
        kinds = chance.choices(terminals, k=chance.randrange(1, 9))
        asked, run = theirs.parse_interactive("", start=start), Run(ours)
        tokens: Any = [(lark.Token(kind, "", at), Token(kind, "", at)) for at, kind in enumerate(kinds)]
        try:
            for their, _ in tokens:
                asked.feed_token(their)
            expected = plain(asked.feed_eof())  # type: ignore[no-untyped-call]
        except LarkError:
            expected = None
        try:
            for _, our in tokens:
                run.feed(our)
            found = plain(run.end())
        except ParseError:
            found = None
        assert found == expected, kinds
        accepted += found is not None
    assert accepted > 50


def test_where_it_fails_is_told() -> None:
    with pytest.raises(ParseError) as error:
        grammar.parser("insn").parse("(b7) r1 = ?")
    assert error.value.position == 10


def test_tables_are_the_same_at_every_build() -> None:
    assert grammar.tables("state", "start") == grammar.tables("state", "start")


def test_a_grammar_that_changed_has_other_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = grammar.cache_name("state", "start")
    text = (resources.folder("grammars") / "state.lark").read_text()
    (tmp_path / "state.lark").write_text(f"{text}// once more\n")
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    assert grammar.cache_name("state", "start") != before
