"""What the user asked of an answer: its format, its place, what is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from bpfdoctor.model.record import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from bpfdoctor.cli.comments import Obeyed

Format = Literal[
    "full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "rdjson", "junit", "html", "markdown"
]
Color = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What the user asked of the answer."""

    format: Format = "full"
    file: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_for: Callable[[str], tuple[str, ...]] = lambda _: ()  # of one source's findings
    baseline: Path | None = None
    write_baseline: Path | None = None
    comments: Callable[[str], Obeyed] | None = None  # of a source; None: they are not looked at
    strict: bool = False  # warnings count, too
    exit_zero: bool = False
    color: Color = "auto"
    width: int | None = None
    ascii: bool = False
    also: tuple[tuple[Format, Path], ...] = ()

    @property
    def steps(self) -> bool:
        """Whether a format steps through the refused path."""
        return "html" in (self.format, *(format for format, _ in self.also))
