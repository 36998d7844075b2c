"""Tries of the same program: compiled otherwise, on another kernel, or with other constants."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bpfdoctor.model.record import dataclass, field


class With(StrEnum):
    """What a try changes."""

    FLAG = "flag"
    COMPILER = "compiler"
    KERNEL = "kernel"


@dataclass(frozen=True, slots=True)
class Way:
    """How to try it: `name` is what people type or call it: "-mcpu=v3", "clang-19", "7.3.4"."""

    name: str
    changes: With


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one way: for each program that loads its instructions processed (None: not counted).

    `refused` are the programs that the verifier refused; one in neither was not tried: it did not compile so,
    or the kernel lacks what it needs. `touches` are the lines, as `file:line`, whose code reads, writes or
    calls; None where the object is the one that was refused.
    """

    way: Way
    loads: Mapping[str, int | None] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    touches: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """An answer about one program. `left_out`: it loads, and no code is left of the refused line."""

    way: Way
    loads: bool
    insns: int | None = None
    left_out: bool = False

    @property
    def helps(self) -> bool:
        """Whether what was refused loads so."""
        return self.loads and not self.left_out


@dataclass(frozen=True, slots=True)
class Shapes:
    """The values of a source's constants that were tried, each a tuple of NAME=VALUE; () is its defaults.

    `unverified` are the places (file, line) that the verifier reached in none of them. It is None where that
    is not known: a program was refused in each.
    """

    tried: tuple[tuple[str, ...], ...]
    refused: tuple[tuple[str, ...], ...]
    left_out: int = 0  # more that there was no time for
    unverified: tuple[tuple[str, int], ...] | None = ()
