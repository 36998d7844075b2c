"""What is said beside the cause: what other kernels make of it, and what people find the cause to be."""

from __future__ import annotations

from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class UsualCause:
    """What people find to cause this message where the log does not show it; `because`: why it ranks here."""

    cause: str
    because: str


@dataclass(frozen=True, slots=True)
class OtherKernels:
    """What other kernels make of the same program. `since` is the oldest that takes it, where that is known.

    `loads` and `refused` are the kernels that were asked just now; both empty: it was known beforehand.
    """

    text: str
    since: str | None = None
    why: str = ""  # what later kernels know that this one does not
    loads: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
