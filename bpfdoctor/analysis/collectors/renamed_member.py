"""What a CO-RE relocation asks for: a member that kernels call differently, an enumerator, a type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel import renamed
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass

# "<byte_off> [5] struct inode.i_atime.tv_sec (0:15:0 @ offset 88)"
_MEMBER = re.compile(r"\[\d{1,9}\] (struct \w{1,100})\.(\w{1,100})")
# "<enumval_value> [3] enum color::RED = 4", "<type_size> [12] struct absent"
_ENUMERATOR = re.compile(r"<enumval_value> \[\d{1,9}\] (enum \w{1,100})::(\w{1,100})")
_TYPE = re.compile(
    r"<(?:type_size|target_type_id|type_id_target)> \[\d{1,9}\] ((?:struct|union|enum) \w{1,100})$"
)


class Outcome(Outcomes):
    RENAMED = "kernels call this member differently"
    ENUMERATOR = "the kernel has no such enumerator"
    TYPE = "the kernel has no such type"
    AS_SAID = "no other name is known: the message says all"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedMember(Facts):
    """`name` of `type` was or became `instead`; `here` and `there` are Debian kernels with one and the other.

    "" where a value is not part of the outcome.
    """

    type: str = ""
    name: str = ""
    instead: str = ""
    here: str = ""
    there: str = ""

    def public(self) -> Mapping[str, Fact]:
        return {
            "type": self.type,
            "name": self.name,
            "instead": self.instead,
            "here": self.here,
            "there": self.there,
        }


FACTS = RenamedMember


def collect(context: Context) -> Found:
    lines = context.finding.block.lines
    if (found := next(filter(None, map(_ENUMERATOR.search, lines)), None)) is not None:
        return Found(Outcome.ENUMERATOR, RenamedMember(type=found[1].partition("___")[0], name=found[2]))
    if (found := next(filter(None, map(_TYPE.search, lines)), None)) is not None:
        return Found(Outcome.TYPE, RenamedMember(type=found[1].partition("___")[0]))
    if (found := next(filter(None, map(_MEMBER.search, lines)), None)) is None:
        return Found(Outcome.AS_SAID, RenamedMember())
    type, name = found[1].partition("___")[0], found[2]
    row = renamed.other_name(type, name)
    if row is None:
        return Found(Outcome.AS_SAID, RenamedMember(type=type, name=name))
    other = (row.new, row.before, row.after) if name == row.old else (row.old, row.after, row.before)
    instead, here, there = other
    return Found(
        Outcome.RENAMED, RenamedMember(type=type, name=name, instead=instead, here=here, there=there)
    )
