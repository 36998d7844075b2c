"""Members of the kernel's own structures that are read where a declaration has them, without CO-RE."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.structures import KERNELS_OWN
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.preflight import Cause
from bpfdoctor.preflight import layouts

RULE = "structure-without-core"


def look(program: Linted) -> Iterator[Lint]:
    """Of programs that are compiled once: BCC compiles on the machine that the program runs on."""
    if program.raw.flavour.is_bcc:
        return
    for read in layouts.reads_of(program.raw, program.hook, program.source):
        if read.structure.removeprefix("struct ") in KERNELS_OWN:
            values = {"structure": read.structure, "member": read.member, "offset": read.offset}
            edits = layouts.marked(read.place, read.declared, program.source)
            yield Lint(Cause(RULE, values, read.place), edits)
