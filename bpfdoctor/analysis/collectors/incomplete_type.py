"""A structure of the kernel's that is used without its definition, and the header that has it."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel.headers import header_of
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass


class Outcome(answer.Outcome):
    HEADER = "BCC compiles with the kernel's headers, and it is known which of them has it"


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
    """For BCC's programs only: libbpf's have vmlinux.h, or the headers for programs."""
    if not context.raw.flavour.is_bcc:
        return NotShown("the program is no program of BCC's")
    header = header_of(str(context.captures["type"]))
    if header is None:
        return NotShown("it is not known which header has this type")
    return Found(Outcome.HEADER, IncompleteType(header=header))
