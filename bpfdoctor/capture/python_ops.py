"""The operators and functions of Python that python_eval applies to known values."""

from __future__ import annotations

import ast
import operator
import socket
import struct
from collections.abc import Callable
from typing import Any

from bpfdoctor.capture.python_values import Evaluation
from bpfdoctor.capture.tracked import TooLarge, Tracked, bounded_form, line_numbers, placed, plain

MOST_ITEMS = 10_000  # of a list

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Sub: operator.sub, ast.FloorDiv: operator.floordiv, ast.Div: operator.truediv, ast.Mod: operator.mod,
    ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
}  # fmt: skip
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": int, "len": len, "hex": hex, "bool": bool, "abs": abs, "min": min, "max": max, "float": float,
    "socket.htonl": socket.htonl, "socket.htons": socket.htons, "socket.ntohl": socket.ntohl,
    "socket.ntohs": socket.ntohs, "socket.inet_aton": socket.inet_aton, "struct.unpack": struct.unpack,
    "htonl": socket.htonl, "htons": socket.htons, "inet_aton": socket.inet_aton, "unpack": struct.unpack,
}  # fmt: skip


def growing(op: ast.operator, left: Any, right: Any) -> Any:
    """Operators that could make a huge value."""
    if isinstance(op, ast.Mult) and isinstance(left, Tracked) and isinstance(right, int):
        if right * len(left.text) > 1 << 20:
            raise TooLarge
        return Tracked(left.text * right, [*left.origins] * right)
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        raise TypeError
    if abs(left) > 1 << 128 or abs(right) > (1 << 64 if isinstance(op, ast.Mult) else 64):
        raise TooLarge
    if isinstance(op, ast.Mult):
        return left * right
    return left << right if isinstance(op, ast.LShift) else left**right  # type: ignore[operator]


def fstring(at: Evaluation, node: ast.JoinedStr, env: dict[str, Any]) -> Tracked:
    """An f-string. Before 3.12 only the expressions in it know their line."""
    result, line = Tracked("", []), node.lineno
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            line = part.value.lineno
            value = at.value(part.value, env)
            form = at.value(part.format_spec, env).text if part.format_spec else ""
            shown_value = repr(plain(value)) if part.conversion == ord("r") else plain(value)
            result += placed(value, format(shown_value, bounded_form(form)), line)
        elif isinstance(part, ast.Constant):
            result += Tracked(str(part.value), line_numbers(str(part.value), line))
            line += str(part.value).count("\n")
    return result


def binary(at: Evaluation, node: ast.BinOp, env: dict[str, Any]) -> Any:
    """The value of an operator between two values; raises what Python raises, or Unknown."""
    left, right = at.value(node.left, env), at.value(node.right, env)
    if isinstance(node.op, ast.Mod) and isinstance(left, Tracked):
        return left.percent(right)
    if isinstance(node.op, ast.Add):
        if isinstance(left, (list, tuple)) and len(left) + len(right) > MOST_ITEMS:
            raise TooLarge
        return left + right
    if isinstance(node.op, (ast.Mult, ast.LShift, ast.Pow)):
        return growing(node.op, left, right)
    return BINARY[type(node.op)](left, right)
