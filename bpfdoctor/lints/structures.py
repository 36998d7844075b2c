"""Members of the kernel's own structures that are read where a declaration has them, without CO-RE."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.from_headers import kernels_own
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.preflight import Cause, HookKind
from bpfdoctor.preflight import layouts

RULE = "structure-without-core"
_OF_USERS = (HookKind.UPROBE, HookKind.URETPROBE, HookKind.UPROBE_MULTI, HookKind.USDT)


def look(program: Linted) -> Iterator[Lint]:
    """Of programs that are compiled once: BCC compiles on the machine that the program runs on.

    A user program may call a structure of its own like one of the kernel's 2000.
    """
    if program.raw.flavour.is_bcc or program.hook.kind in _OF_USERS:
        return
    for read in layouts.reads_of(program.raw, program.hook, program.source):
        if read.structure.removeprefix("struct ") in kernels_own():
            values = {"structure": read.structure, "member": read.member, "offset": read.offset}
            edits = layouts.marked(read.place, read.declared, program.source)
            yield Lint(Cause(RULE, values, read.place), edits)
