"""A register that should hold a pointer and does not: what collectors of such refusals tell alike."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.lib.data_address import WithData
from bpfdoctor.model.diagnosis import Fact
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPointer(WithData):
    """`name` is what the user calls the value in `register`. `origin` made it, before all copies.

    `invalidated` is the step that took the pointer's meaning away (packet moved, object released, …), and
    `ended_by` the function that it calls, `turned` the instruction that made a number of the pointer, `unset`
    the read of a stack slot that nothing wrote.
    """

    register: str
    name: str | None
    origin: Step | None
    invalidated: Step | None
    ended_by: str | None
    turned: Step | None
    unset: Step | None

    @property
    def called(self) -> str:
        """The value's name, else its register."""
        return self.name or self.register.upper()

    @property
    def invalidated_by(self) -> str:
        if self.invalidated is None or self.invalidated.insn.op is not Op.CALL:
            return "this write"
        return self.ended_by or "the call"

    def pointer(self) -> Mapping[str, Fact]:
        """The part of `public` that all of them have."""
        return {
            "name": self.name,
            "origin": self.origin,
            "invalidated": self.invalidated,
            "turned": self.turned,
            "unset": self.unset,
            "data": self.not_loaded(),
        }
