"""Builds a lark parser from a file in grammars/, once per process, from tables that were computed before.

The tables come with the wheel; in a checkout they are kept in the cache folder. They are what lark itself
saves of a parser, as JSON where lark would write a pickle. Their key: the grammar, lark's version, this file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Transformer

from bpfdoctor import cached, resources

# What is compiled for the wheel: for each grammar the starts that the program asks for.
STARTS = {
    "compiler": ("start",),
    "insn": ("start",),
    "loader": (
        "start", "bcc", "bpftool", "bpftrace", "frame", "go", "iproute", "libbpf", "rust", "veristat",
    ),
    "log": ("log", "start"),
    "report": ("start",),
    "source_line": ("start",),
    "state": ("start",),
    "verifier_line": ("path", "statistics"),
}  # fmt: skip

DIGITS = 20  # of the longest number that a log can have: 2^64
NUMBER = rf"\d{{1,{DIGITS}}}(?!\d)"
_HEX = r"[0-9a-f]{1,16}(?![0-9a-f])"


@cache
def parser(name: str, start: str = "start", transformer: type[Transformer[Any, Any]] | None = None) -> Lark:
    """The LALR parser for grammars/NAME.lark. With a `transformer` class the tree is built while parsing."""
    file = file_name(name, start)
    packed = resources.compiled(file)
    if (known := packed.read_bytes() if packed else cached.read(file)) is None:
        cached.write(file, known := tables(name, start))
    data, memo = json.loads(known)
    table = data["parser"]["parser"]
    table["states"] = dict(enumerate(table["states"]))
    memo = dict(enumerate(memo))
    load: Callable[..., Lark] = Lark._load_from_dict  # what lark's stand-alone parsers call
    return load(data, memo, **({"transformer": transformer()} if transformer else {}))


def file_name(name: str, start: str) -> str:
    """The file that `parser` takes its tables from, in the wheel or in the cache folder."""
    return f"grammar-{name}-{start}-{cached.key(lark.__version__, _own_text(), _text(name))}.json"


def tables(name: str, start: str) -> bytes:
    """What is in that file: what Lark.save would pickle, and the same at every build."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    built = Lark(_text(name), start=start, parser="lalr", maybe_placeholders=True)
    data, memo = built.memo_serialize([TerminalDef, Rule])
    _renumber(data["parser"]["parser"])
    in_order = [memo[number] for number in range(len(memo))]
    return json.dumps([data, in_order], separators=(",", ":")).encode("ascii")


def _renumber(table: dict[str, Any]) -> None:
    """lark numbers tokens and states in the order of sets. Here tokens are names, states follow the start."""
    names = table["tokens"]
    actions = {
        state: sorted((names[token], action) for token, action in row.items())
        for state, row in table["states"].items()
    }
    order = [state for _, state in sorted(table["start_states"].items())]
    for state in order:  # grows on the way
        order += dict.fromkeys(to for _, (reduces, to) in actions[state] if not reduces and to not in order)
    number = {state: position for position, state in enumerate(order)}
    table["tokens"] = {name: name for name in sorted(names.values())}
    table["states"] = [
        {token: (reduces, to if reduces else number[to]) for token, (reduces, to) in actions[state]}
        for state in order
    ]
    for key in ("start_states", "end_states"):
        table[key] = {start: number[state] for start, state in table[key].items()}


@cache
def _own_text() -> bytes:
    return Path(__file__).read_bytes()


def _text(name: str) -> str:
    r"""The grammar. What it calls `\d+` and `[0-9a-f]+` are numbers: here is said how long those get."""
    text = (resources.folder("grammars") / f"{name}.lark").read_text(encoding="utf-8")
    return text.replace(r"\d+", NUMBER).replace("[0-9a-f]+", _HEX)
