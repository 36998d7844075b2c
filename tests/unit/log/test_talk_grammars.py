"""The grammars of loaders, compilers and the kernel's report: every alternative parses the line it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bpfdoctor import grammar, resources
from bpfdoctor.log.wrappers import compiler, loader
from bpfdoctor.parser import Parser, Tree

_RULE = re.compile(r"\??(?P<rule>[a-z_]+):")
_ALTERNATIVE = re.compile(r"-> *(?P<alias>\w+) *(?:// example: ?(?P<example>.*))?$")


def _alternatives(name: str) -> list[tuple[str, str, str, str]]:
    """(grammar, rule, alias, example) of each alternative."""
    found, rule = [], ""
    for line in (resources.folder("grammars") / f"{name}.lark").read_text().splitlines():
        if match := _RULE.match(line):
            rule = match["rule"]
        if match := _ALTERNATIVE.search(line):
            found.append((name, rule, match["alias"], match["example"] or ""))
    return found


def _rules(part: Any) -> Iterator[str]:
    if isinstance(part, Tree):
        yield part.data
        for child in part.children:
            yield from _rules(child)


ALTERNATIVES = [
    entry for name in ("loader", "compiler", "report", "failure") for entry in _alternatives(name)
]


@pytest.mark.parametrize(("name", "rule", "alias", "example"), ALTERNATIVES)
def test_the_example_is_what_the_alternative_takes(name: str, rule: str, alias: str, example: str) -> None:
    assert example, f"{name}.lark: {rule} -> {alias} shows no line: add `// example: …` after it"
    assert alias in set(_rules(grammar.parser(name, rule).parse(example.strip())))


@pytest.mark.parametrize(("name", "rule", "alias", "example"), [a for a in ALTERNATIVES if a[0] == "loader"])
def test_loaders_lines_become_values(name: str, rule: str, alias: str, example: str) -> None:
    said = loader.parse(f"libbpf: {example}" if rule == "libbpf" else example)
    assert isinstance(said, loader.LoaderLine)


@pytest.mark.parametrize(
    ("name", "rule", "alias", "example"), [a for a in ALTERNATIVES if a[0] == "compiler"]
)
def test_compilers_lines_become_values(name: str, rule: str, alias: str, example: str) -> None:
    assert isinstance(compiler.parse(example), compiler.Said)


@pytest.mark.parametrize("example", [example for _, example in loader.NOISE])
def test_chatter_is_dropped_before_any_grammar(example: str) -> None:
    said = loader.parse(example)
    assert said is not None
    assert said.role is loader.LoaderRole.NOISE


def test_every_start_that_lines_ask_for_is_compiled_for_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = set()

    def parser(name: str, start: str, transformer: Any) -> Parser:
        asked.add((name, start))
        return real(name, start, transformer)

    real = grammar.parser
    monkeypatch.setattr(grammar, "parser", parser)
    loader.parse.cache_clear()
    for name, rule, _, example in ALTERNATIVES:
        if name == "loader":
            loader.parse(f"libbpf: {example}" if rule == "libbpf" else example)
    assert asked == {("loader", start) for start in grammar.STARTS["loader"]}
