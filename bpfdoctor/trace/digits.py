"""How a number is written for a reader."""

from __future__ import annotations


def spelled(number: int) -> str:
    """Digits for sizes and indices, hexadecimal for masks and addresses, which are too large to be one."""
    return str(number) if -(1 << 20) < number < (1 << 20) else hex(number)
