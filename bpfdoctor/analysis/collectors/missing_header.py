"""Where a header that was not found belongs, and which #include of the user's asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib import compiler_excerpt as excerpt
from bpfdoctor.analysis.lib.c_library import INSTEAD_OF_HEADERS, LIBBPF_FOR_PROGRAMS, OTHERWISE
from bpfdoctor.analysis.lib.compiler_excerpt import Origin
from bpfdoctor.analysis.lib.include_chain import lead, library_behind, spelled
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass

_SCHEDULER = "kernel/sched/"
_INTERNAL = ("fs/mount.h", "mm/internal.h", "mm/slab.h", "block/blk.h", "block/blk-mq.h")
# BCC compiles in the folder of the kernel's headers: there `../fs/` can only be meant as the kernel's.
_FOLDERS = ("/kernel/", "/fs/", "/mm/", "/net/", "/block/")
# What only a configured kernel tree has, or its architecture's half.
_OF_THE_TREE = re.compile(r"^(?:asm|generated|asm-generic|linux|uapi|vdso)/")
_NAMED = re.compile(r"'([^']{1,300})' file not found")
# Those that programs include most, of the packages with the headers for programs.
_FOR_PROGRAMS = frozenset(
    f"linux/{name}.h"
    for name in (
        *("bpf", "bpf_common", "types", "posix_types", "if_ether", "ip", "ipv6", "tcp", "udp", "icmp", "in"),
        *("in6", "pkt_cls", "if_packet", "if_vlan", "perf_event", "errno", "limits", "version", "stddef"),
        *("swab", "byteorder/little_endian", "ptrace", "filter", "icmpv6", "unistd"),
    )
)


class Outcome(Outcomes):
    INTERNAL = "the header is one of the kernel's source only"
    C_LIBRARY = "the program includes a header of the C library"
    C_LIBRARY_BEHIND = "the program includes a header that includes one of the C library's"
    LIBBPF_OF_PROGRAMS = "the program includes libbpf's headers for user space"
    NOT_WHOLE = "a header of the kernel's own asks for another, and that is not in this tree"
    BPFTRACE = "bpftrace itself asks for one of the headers for programs"
    FOR_PROGRAMS = "it is one of the kernel's headers for programs"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingHeader(Facts):
    """`header` is what the program includes, `asked` who asks for what is missing, `library` the C library's
    header on the way, `instead` what gives the same; "" where a value is not part of the outcome.
    """

    header: str
    asked: str = ""
    library: str = ""
    instead: str = ""

    def public(self) -> Mapping[str, Fact]:
        return {
            "header": self.header,
            "asked": self.asked,
            "library": self.library,
            "instead": self.instead,
        }


FACTS = MissingHeader


def collect(context: Context) -> Found | NotShown:
    block = context.finding.block
    named = _NAMED.search(block.lines[0]) if block.lines else None
    if named is None:
        return NotShown("no such header is named")
    header = named[1]
    if _is_internal(header) or (_is_bcc(context) and "../" in header and any(f in header for f in _FOLDERS)):
        return Found(Outcome.INTERNAL, MissingHeader(header=header))
    if (found := lead(block)) is not None and (library := library_behind(found)) is not None:
        place = context.source.compiler_place(found.file, found.line, None, block.start)
        facts = MissingHeader(
            header=found.header,
            library=library,
            instead=INSTEAD_OF_HEADERS.get(found.header, OTHERWISE),
            refused_at=place,
        )
        if found.header in LIBBPF_FOR_PROGRAMS:
            return Found(Outcome.LIBBPF_OF_PROGRAMS, facts)
        return Found(Outcome.C_LIBRARY if found.header == library else Outcome.C_LIBRARY_BEHIND, facts)
    file = block.file or ""
    if file.startswith("/bpftrace/include/"):
        return Found(Outcome.BPFTRACE, MissingHeader(header=header))
    if _OF_THE_TREE.match(header) and _is_kernels(file):
        return Found(Outcome.NOT_WHOLE, MissingHeader(header=header, asked=spelled(file)))
    if header in _FOR_PROGRAMS and not _is_bcc(context) and not file.startswith("/virtual/"):
        return Found(Outcome.FOR_PROGRAMS, MissingHeader(header=header))
    return NotShown("any package may have it")


def _is_internal(header: str) -> bool:
    return _SCHEDULER in header or header == "sched/sched.h" or header.endswith(_INTERNAL)


def _is_kernels(file: str) -> bool:
    return excerpt.origin(file) is Origin.KERNEL


def _is_bcc(context: Context) -> bool:
    return context.raw.flavour.is_bcc
