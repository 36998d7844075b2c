"""A structure that is used without its definition, and the header that has it."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.includes import included
from bpfdoctor.kernel import declared
from bpfdoctor.kernel.headers import header_of
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass


class Outcome(answer.Outcome):
    HEADER = "BCC compiles with the kernel's headers, and it is known which of them has it"
    FOR_PROGRAMS = "a header for programs has it, and the program includes no vmlinux.h"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteType(Facts):
    """`header` as it is written between < and >."""

    header: str

    def public(self) -> Mapping[str, Fact]:
        return {
            "header": self.header,
        }


FACTS = IncompleteType


def collect(context: Context) -> Found | NotShown:
    type = str(context.captures["type"])
    if context.raw.flavour.is_bcc:
        header = header_of(type)
        if header is None:
            return NotShown("it is not known which header has this type")
        return Found(Outcome.HEADER, IncompleteType(header=header))
    row = declared.where(type)
    if row is None or not context.raw.files:
        return NotShown("it is not known which header for programs has this type")
    if any(name.endswith("vmlinux.h") for name in included(context)):
        return NotShown("the program has the kernel's types from vmlinux.h, and this is not one of them")
    return Found(Outcome.FOR_PROGRAMS, IncompleteType(header=row.header))
