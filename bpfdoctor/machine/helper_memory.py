"""Which memory a call reads and writes through the pointers it gets."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.kernel import helpers
from bpfdoctor.model.trace import RegState
from bpfdoctor.pattern import later

_ARGUMENTS = ("r1", "r2", "r3", "r4", "r5")
# Kfuncs that make an object on the stack.
_MAKES = later(r"dynptr_(?:from|clone)|iter_\w+_new")


def only_reads(name: str) -> bool:
    """Whether it is a helper that writes through none of its arguments."""
    helper = helpers.every().get(name)
    return helper is not None and not helper.written


def written_through(name: str) -> tuple[str, ...]:
    """The registers that it may write through: those of a helper are known, a kfunc may use all."""
    helper = helpers.every().get(name)
    return tuple(f"r{at}" for at in helper.written) if helper else _ARGUMENTS


def filled(name: str, regs: Mapping[str, RegState]) -> tuple[str, int | None] | None:
    """The register that points to the buffer a helper fills, and how many bytes; None for other helpers."""
    helper = helpers.every().get(name)
    if helper is None or helper.buffer is None:
        return None
    pointer, size = (f"r{at}" for at in helper.buffer)
    known = regs.get(size)
    return pointer, known.value if known is not None else None


def may_write(name: str) -> bool:
    """Whether it is known to write through one of its pointers, when a state does not show it."""
    helper = helpers.every().get(name)
    return bool(helper.written) if helper is not None else _MAKES.search(name) is not None
