"""A local variable that clang sees read on a path on which nothing has set it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Fact, Facts, Place
from bpfdoctor.model.record import dataclass

# clang's own note on the line that reads, where its warning is about the condition that leads there.
_USE = re.compile(r"^(.+?):(\d{1,9}):(\d{1,9}): note: uninitialized use occurs here")


class Outcome(answer.Outcome):
    DECLARED = "its declaration is at hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsetVariable(Facts):
    """`declared` is where the variable is declared, without a value; `use` where it is read."""

    name: str
    declared: Place
    use: Place

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "declared": self.declared,
            "use": self.use,
        }


FACTS = UnsetVariable


def collect(context: Context) -> Found | NotShown:
    """From the place of the warning, and clang's note after it."""
    block, name = context.finding.block, str(context.captures["name"])
    here = context.source.block_place(block)
    c = context.source.c(here.file) if here is not None else None
    declared = c.declaration_of(name, here.line) if c is not None and here is not None else None
    if here is None or declared is None or declared.scope != "local":
        return NotShown("the program is not at hand")
    span = declared.span
    at = Place(here.file, span.line, span.column, span.column + len(name), here.function)
    return Found(Outcome.DECLARED, UnsetVariable(name=name, declared=at, use=_use(context) or here))


def _use(context: Context) -> Place | None:
    for line in context.finding.block.context:
        if found := _USE.match(line):
            at = int(found[2]), int(found[3])
            return context.source.compiler_place(found[1], *at, context.finding.block.start)
    return None
