"""Loops and comprehensions of a BCC Python tool: those over known things are followed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from bpfdoctor.capture.python_names import assigned
from bpfdoctor.capture.python_values import Evaluation, Symbols, TextFile, UnknownValue
from bpfdoctor.capture.tracked import Tracked

MOST_ROUNDS = 100
_MOST_SYMBOLS = 10  # that one loop over /proc/kallsyms looks for
_ADDRESS = 0xFFFFFFFF81000000  # where a stand-in for a symbol lies: the verifier takes any number


class Left(Exception):
    """A statement that leaves a loop or a function."""


class Broke(Left):
    """`break`."""


class Continued(Left):
    """`continue`."""


def loop(at: Evaluation, node: ast.For | ast.While, env: dict[str, Any]) -> None:
    """Follow a loop; what one assigns that goes over something unknown is unknown."""
    rounds = _rounds(at, node.iter, node.body, env) if isinstance(node, ast.For) else None
    if rounds is None or not isinstance(node, ast.For):
        for name in assigned([node]):
            env[name] = UnknownValue(f"{name}, which a loop computes", node.lineno)
        at.look(node.body, env)
        return
    for value in rounds:
        at.assign(node.target, value, env)
        try:
            at.block(node.body, env)
        except Broke:
            return
        except Continued:
            continue
    at.block(node.orelse, env)


def comprehension(at: Evaluation, node: ast.ListComp | ast.GeneratorExp, env: dict[str, Any]) -> list[Any]:
    """The list that a comprehension makes; raises Unknown."""
    found: list[Any] = []
    _each(at, node, node.generators, dict(env), found)
    return found


def _each(
    at: Evaluation,
    node: ast.ListComp | ast.GeneratorExp,
    generators: list[ast.comprehension],
    env: dict[str, Any],
    found: list[Any],
) -> None:
    if not generators:
        found.append(at.value(node.elt, env))
        return
    first, *others = generators
    rounds = _rounds(at, first.iter, first.ifs, env, most=10 * MOST_ROUNDS)
    if rounds is None:
        raise UnknownValue(ast.unparse(node)[:60], node.lineno)
    for value in rounds:
        at.assign(first.target, value, env)
        if all(_holds(at.value(condition, env)) for condition in first.ifs):
            _each(at, node, others, env, found)


def _holds(value: Any) -> bool:
    return bool(value.text if isinstance(value, Tracked) else value)


def _rounds(
    at: Evaluation,
    over: ast.expr,
    body: list[ast.stmt] | list[ast.expr],
    env: dict[str, Any],
    most: int = MOST_ROUNDS,
) -> list[Any] | None:
    """What the loop's variable becomes, one after the other; None where that is not known, or too much."""
    values = at.attempt(over, env)
    if isinstance(values, Symbols):
        names = _looked_for(body)
        for name in names:
            at.assumptions.append(
                f"line {over.lineno}: the address of {name} in /proc/kallsyms is a stand-in"
            )
        return [Tracked.at(f"{_ADDRESS:x} T {name}\n", over.lineno) for name in names]
    if isinstance(values, TextFile):
        values = lines_of(values.text)
    if isinstance(values, dict):
        values = [Tracked.at(key, over.lineno) if isinstance(key, str) else key for key in values]
    return list(values) if isinstance(values, (list, tuple)) and len(values) <= most else None


def lines_of(text: Tracked) -> list[Tracked]:
    """The lines of a file as Python gives them, each with its end."""
    ends = [at + 1 for at, character in enumerate(text.text) if character == "\n"]
    places = [0, *ends, len(text.text)]
    return [text.slice(a, b) for a, b in pairwise(places) if a < b]


def _looked_for(body: list[ast.stmt] | list[ast.expr]) -> list[str]:
    """The names of symbols that a loop compares its lines with."""
    found = dict.fromkeys(
        name for part in body for name in _constants(part) if re.fullmatch(r"[A-Za-z_]\w*", name)
    )
    return list(found)[:_MOST_SYMBOLS]


def _constants(part: ast.stmt | ast.expr) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                value = side.value if isinstance(side, ast.Constant) else None
                if isinstance(value, (str, bytes)) and value:
                    yield value.decode("utf-8", "replace") if isinstance(value, bytes) else value
