"""Numbers of 32 and 64 bits, read as signed and as unsigned ones, and what instructions do to them."""

from __future__ import annotations

S64_MIN, S64_MAX, U64_MAX = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
S32_MIN, S32_MAX, U32_MAX = -(1 << 31), (1 << 31) - 1, (1 << 32) - 1


def signed(value: int, width: int = 64) -> int:
    """The two's complement reading of `value`."""
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def unsigned(value: int, width: int = 64) -> int:
    return value & ((1 << width) - 1)


def calculate(operator: str, left: int, right: int, width: int) -> int | None:
    """`left operator right` as the machine does it, in `width` bits; None for what it does not do."""
    a, b = unsigned(left, width), unsigned(right, width)
    shift = b & (width - 1)
    match operator:
        case "+=":
            found = a + b
        case "-=":
            found = a - b
        case "*=":
            found = a * b
        case "/=":
            found = a // b if b else 0
        case "%=":
            found = a % b if b else a
        case "&=":
            found = a & b
        case "|=":
            found = a | b
        case "^=":
            found = a ^ b
        case "<<=":
            found = a << shift
        case ">>=":
            found = a >> shift
        case "s>>=":
            found = signed(a, width) >> shift
        case _:
            return None
    return unsigned(found, width)
