"""Whether a header that was not found is one of the kernel's own source, which no package of headers has."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass

_SCHEDULER = "kernel/sched/"
_INTERNAL = ("fs/mount.h", "mm/internal.h", "mm/slab.h", "block/blk.h", "block/blk-mq.h")
# BCC compiles in the folder of the kernel's headers: there `../fs/` can only be meant as the kernel's.
_FOLDERS = ("/kernel/", "/fs/", "/mm/", "/net/", "/block/")


class Outcome(Outcomes):
    INTERNAL = "the header is one of the kernel's source only"


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalHeader(Facts):
    """`header` is what the program includes."""

    header: str

    def public(self) -> Mapping[str, Fact]:
        return {
            "header": self.header,
        }


FACTS = InternalHeader


def collect(context: Context) -> Found | NotShown:
    header = context.captures.get("header")
    if not isinstance(header, str):
        return NotShown("no such header is named")
    if _is_internal(header) or (_is_bcc(context) and "../" in header and any(f in header for f in _FOLDERS)):
        return Found(Outcome.INTERNAL, InternalHeader(header=header))
    return NotShown("any package may have it")


def _is_internal(header: str) -> bool:
    return _SCHEDULER in header or header == "sched/sched.h" or header.endswith(_INTERNAL)


def _is_bcc(context: Context) -> bool:
    return context.raw.flavour.is_bcc
