"""What arithmetic does to a number known to lie between two limits; both limits are signed and inclusive."""

from __future__ import annotations

from bpfdoctor.kernel.comparisons import NEGATED, is_order
from bpfdoctor.machine.bits import S64_MAX, S64_MIN, U32_MAX, U64_MAX

Limits = tuple[int, int]

FULL: Limits = (S64_MIN, S64_MAX)
_FULL_32: Limits = (0, U32_MAX)
_MOST_SHIFT = 63


def meet(a: Limits, b: Limits) -> Limits:
    return max(a[0], b[0]), min(a[1], b[1])


def arithmetic(operator: str, a: Limits, b: Limits, width: int) -> Limits:
    """`a operator b`, as the instruction computes it: FULL where it may wrap around."""
    if width == 32 and not (_fits_32(a) and (_fits_32(b) or (operator in ("+=", "-=") and b[0] == b[1]))):
        a = _FULL_32
        b = b if _fits_32(b) else _FULL_32
    found = _exact(operator, a, b)
    least, most = _FULL_32 if width == 32 else FULL
    if found is None or found[0] < least or found[1] > most:
        return least, most
    return found


def _fits_32(limits: Limits) -> bool:
    return limits[0] >= 0 and limits[1] <= U32_MAX


def _exact(operator: str, a: Limits, b: Limits) -> Limits | None:
    """Without wrapping around; None when the limits say nothing."""
    unsigned = a[0] >= 0 and b[0] >= 0
    match operator:
        case "+=":
            return a[0] + b[0], a[1] + b[1]
        case "-=":
            return a[0] - b[1], a[1] - b[0]
        case "-":
            return -a[1], -a[0]
        case "*=":
            corners = [x * y for x in a for y in b]
            return min(corners), max(corners)
        case "%=" if b[0] > 0:  # a divisor of 0 would leave the number as it is
            return 0, min(a[1], b[1] - 1) if a[0] >= 0 else b[1] - 1
        case "/=" if b[0] > 0:
            return (a[0] // b[1], a[1] // b[0]) if a[0] >= 0 else (0, U64_MAX // b[0])
        case "&=" if a[0] >= 0 or b[0] >= 0:
            return 0, min(limit[1] for limit in (a, b) if limit[0] >= 0)
        case "|=" | "^=" if unsigned:
            return (max(a[0], b[0]) if operator == "|=" else 0), (1 << max(a[1], b[1]).bit_length()) - 1
        case "<<=" if 0 <= b[0] == b[1] <= _MOST_SHIFT:
            return a[0] << b[0], a[1] << b[0]
        case ">>=" if 0 <= b[0] == b[1] <= _MOST_SHIFT:
            return (a[0] >> b[0], a[1] >> b[0]) if a[0] >= 0 else (0, U64_MAX >> b[0])
        case "s>>=" if 0 <= b[0] == b[1] <= _MOST_SHIFT:
            return a[0] >> b[0], a[1] >> b[0]
    return None


def compared(operator: str, holds: bool, a: Limits, b: Limits) -> Limits:
    """What is left of `a` where `a operator b` holds, or does not. A lower limit above the upper: nothing."""
    if not holds:
        operator = NEGATED.get(operator, "")
    if operator.startswith("s"):
        return _ordered(operator[1:], a, b)
    if operator == "==":
        return meet(a, b)
    if operator == "!=" and b[0] == b[1]:
        return a[0] + (a[0] == b[0]), a[1] - (a[1] == b[0])
    if is_order(operator) and b[0] >= 0:
        if operator in ("<", "<="):  # a negative number would be a huge one
            return _ordered(operator, meet(a, (0, S64_MAX)), b)
        return _ordered(operator, a, b) if a[0] >= 0 else a
    return a


def _ordered(operator: str, a: Limits, b: Limits) -> Limits:
    match operator:
        case "<":
            return a[0], min(a[1], b[1] - 1)
        case "<=":
            return a[0], min(a[1], b[1])
        case ">":
            return max(a[0], b[0] + 1), a[1]
        case ">=":
            return max(a[0], b[0]), a[1]
    return a
