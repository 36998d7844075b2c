"""A structure that is used without its definition, and the header that has it."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib import compiler_excerpt as excerpt
from bpfdoctor.analysis.lib.includes import included
from bpfdoctor.kernel import declared
from bpfdoctor.kernel.headers import header_of
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass

# Registers of processors whose structure has a name of its own: bpf_tracing.h of libbpf.
_OF_PROCESSORS = {
    "struct user_pt_regs": "arm64 (or s390, loongarch)",
    "struct user_regs_struct": "riscv",
}

_OF_BCC = "/virtual/main.c"  # what BCC's compiler calls the program


class Outcome(answer.Outcome):
    LATER = "the program defines it, further down"
    HEADER = "BCC compiles with the kernel's headers, and it is known which of them has it"
    FOR_PROGRAMS = "a header for programs has it, and the program includes no vmlinux.h"
    KERNELS_OWN = "a header of the kernel's has it, the one for programs has not, and there is no vmlinux.h"
    OTHER_PROCESSOR = "registers as libbpf has them for one processor, and vmlinux.h is of another"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteType(Facts):
    """`header` as it is written between < and >, `processor` whose registers are asked for, `line` where the
    definition begins.
    """

    line: int = 0
    header: str = ""
    processor: str = ""

    def public(self) -> Mapping[str, Fact]:
        return {
            "header": self.header,
        }


FACTS = IncompleteType


def collect(context: Context) -> Found | NotShown:
    type = str(context.captures["type"])
    if (line := _defined_below(context, type)) is not None:
        return Found(Outcome.LATER, IncompleteType(line=line))
    macros = excerpt.macros(context.finding.block)
    if (processor := _OF_PROCESSORS.get(type)) and any(f.endswith("bpf/bpf_tracing.h") for _, f in macros):
        return Found(Outcome.OTHER_PROCESSOR, IncompleteType(processor=processor))
    if context.raw.flavour.is_bcc:
        header = header_of(type)
        if header is None:
            return NotShown("it is not known which header has this type")
        return Found(Outcome.HEADER, IncompleteType(header=header))
    if not context.raw.files:
        return NotShown("what the program includes is not shown")
    row, header = declared.where(type), header_of(type)
    if any(name.endswith("vmlinux.h") for name in included(context)):
        if processor := _OF_PROCESSORS.get(type):
            return Found(Outcome.OTHER_PROCESSOR, IncompleteType(processor=processor))
        return NotShown("the program has the kernel's types from vmlinux.h, and this is not one of them")
    if row is not None:
        return Found(Outcome.FOR_PROGRAMS, IncompleteType(header=row.header))
    if header is not None and not header.startswith("uapi/"):
        return Found(Outcome.KERNELS_OWN, IncompleteType(header=header))
    return NotShown("it is not known which header for programs has this type")


def _defined_below(context: Context, type: str) -> int | None:
    """The line of the same file, below the one that the message is about, where the definition begins."""
    block, file = context.finding.block, context.source.user_file
    c = context.source.c(file) if file and block.file in (file, _OF_BCC) else None
    found = c.structs.get(type) if c is not None else None
    return found.span.line if found is not None and found.span.line > (block.line or 0) else None
