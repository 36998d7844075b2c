"""Builds a parser from a file in grammars/, once per process, from tables that lark computed before.

The tables come with the wheel; in a checkout they are kept in the cache folder, under a key of the grammar
and this file. They are JSON, all that parser.py needs of what lark knows of a grammar.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from bpfdoctor import cached, resources
from bpfdoctor.parser import Parser

# What is compiled for the wheel: for each grammar the starts that the program asks for.
STARTS = {
    "compiler": ("start",),
    "failure": ("start",),
    "insn": ("start",),
    "loader": (
        "start", "bcc", "bpftool", "bpftrace", "frame", "go", "iproute", "libbpf", "rust", "veristat",
    ),
    "log": ("log", "start"),
    "report": ("start",),
    "source_line": ("start",),
    "state": ("start",),
    "verifier_line": ("path",),
}  # fmt: skip

DIGITS = 20  # of the longest number that a log can have: 2^64
NUMBER = rf"\d{{1,{DIGITS}}}(?!\d)"
_HEX = r"[0-9a-f]{1,16}(?![0-9a-f])"


@cache
def parser(name: str, start: str = "start", transformer: type[object] | None = None) -> Parser:
    """The parser for grammars/NAME.lark. With a `transformer` class the tree is built while parsing."""
    if packed := resources.compiled(compiled_name(name, start)):
        known = packed
    elif (read := cached.read(entry := cache_name(name, start))) is None:
        cached.write(entry, known := tables(name, start))
    else:
        known = read
    return Parser(json.loads(known), transformer() if transformer else None)


def compiled_name(name: str, start: str) -> str:
    """The file that a wheel has of a grammar."""
    return f"grammar-{name}-{start}.json"


def cache_name(name: str, start: str) -> str:
    """The same in the cache folder of a checkout, where grammars change."""
    return f"grammar-{name}-{start}-{cached.key(_own_text(), _text(name))}.json"


def tables(name: str, start: str) -> bytes:
    """What is in that file, the same at every build."""
    from lark import Lark

    built: Any = Lark(_text(name), start=start, parser="lalr", maybe_placeholders=True)
    table, lexer = built.parser.parser._parse_table, built.parser.lexer
    order = _states_in_order(table.states, table.start_states[start])
    number = {state: position for position, state in enumerate(order)}
    rules: list[Any] = list(dict.fromkeys(built.rules))
    contexts = [tuple(_context(lexer.lexers[state])) for state in order]
    lexers = sorted(set(contexts))
    known = {
        "terminals": {
            each.name: [literal := each.pattern.type == "str" and not each.pattern.flags,
                        each.pattern.value if literal else each.pattern.to_regexp()]
            for each in sorted(built.terminals, key=lambda each: each.name)
        },
        "ignored": sorted(built.ignore_tokens),
        "keywords": _keywords(lexer),
        "lexers": lexers,
        "lexer_of_state": [lexers.index(context) for context in contexts],
        "states": [
            {name: _action(action, number, rules) for name, action in sorted(table.states[state].items())}
            for state in order
        ],
        "rules": [_rule(rule) for rule in rules],
        "start": number[table.start_states[start]],
        "end": number[table.end_states[start]],
    }  # fmt: skip
    return json.dumps(known, separators=(",", ":")).encode("ascii")


def _states_in_order(states: Any, start: int) -> list[int]:
    """lark numbers them in the order of sets; here they follow the start."""
    order = [start]
    for state in order:  # grows on the way
        targets = (to for _, (action, to) in sorted(states[state].items()) if str(action) == "Shift")
        order += dict.fromkeys(to for to in targets if to not in order)
    return order


def _action(action: Any, number: dict[int, int], rules: list[Any]) -> int:
    """The state to go to, or ~ the number of the rule that is complete."""
    what, to = action
    return number[to] if str(what) == "Shift" else ~rules.index(to)


def _context(lexer: Any) -> list[str]:
    """The terminals that a state expects, in the order in which lark tries them."""
    return [each.name for each in lexer.scanner.terminals]


def _keywords(lexer: Any) -> dict[str, dict[str, str]]:
    """For terminals that match what is a literal's, too: the literal's name for its text."""
    found: dict[str, dict[str, str]] = {}
    for context in {id(each): each for each in lexer.lexers.values()}.values():
        for name, instead in context.callback.items():
            found.setdefault(name, {}).update(
                {each.pattern.value: each.name for each in instead.scanner.terminals}
            )
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def _rule(rule: Any) -> list[Any]:
    """Origin, length, name, and what `parser._builder` wants to know."""
    missing = [0]  # optional parts that the grammar leaves out before each symbol, and after the last
    for is_missing in rule.options.empty_indices or [False] * len(rule.expansion):
        if is_missing:
            missing[-1] += 1
        else:
            missing.append(0)
    kept: list[list[Any]] = []
    before = 0
    for number, symbol in enumerate(rule.expansion):
        before += missing[number]
        if rule.options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):
            kept.append([number, not symbol.is_term and symbol.name.startswith("_"), before])
            before = 0
    before += missing[len(rule.expansion)]
    is_plain = not before and kept == [[number, False, 0] for number in range(len(rule.expansion))]
    single = bool(rule.options.expand1 and not rule.alias)
    name = rule.alias or rule.options.template_source or rule.origin.name
    return [rule.origin.name, len(rule.expansion), name, single, None if is_plain else kept, before]


@cache
def _own_text() -> bytes:
    from pathlib import Path

    return Path(__file__).read_bytes()


def _text(name: str) -> str:
    r"""The grammar. What it calls `\d+` and `[0-9a-f]+` are numbers: here is said how long those get."""
    text = (resources.folder("grammars") / f"{name}.lark").read_text(encoding="utf-8")
    return text.replace(r"\d+", NUMBER).replace("[0-9a-f]+", _HEX)
