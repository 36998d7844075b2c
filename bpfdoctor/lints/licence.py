"""Helpers that only programs under a GPL-compatible licence may call, seen in the object alone."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.from_headers import is_gpl
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.preflight import Cause
from bpfdoctor.model.report import Verdict

RULE = "missing-license"


def look(program: Linted) -> Iterator[Lint]:
    """The first such call; a kernel that was asked has said it itself."""
    if program.raw.verdict is not Verdict.NOT_ASKED or program.raw.flavour.is_bcc:
        return
    declared = program.code.elf.data("license").rstrip(b"\0").decode("utf-8", "replace")
    if is_gpl(declared):
        return
    for block, seen in program.walked():
        for call in seen.calls:
            if call.helper.gpl == "always":
                yield Lint(Cause(RULE, {"helper": call.helper.name}, program.place(block, call.insn.at)))
                return
