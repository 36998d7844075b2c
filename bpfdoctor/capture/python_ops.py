"""The operators and functions of Python that python_eval applies to known values."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from bpfdoctor.capture.tracked import TooLarge, Tracked

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
