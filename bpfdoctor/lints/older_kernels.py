"""What the object uses, and the oldest kernel that it is for does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Cause

if TYPE_CHECKING:
    from bpfdoctor.preflight.needs.table import Where

RULE = "newer-than-oldest"


def look(program: Linted) -> Iterator[Lint]:
    """Of one program, or of the object's maps."""
    if program.oldest is None or program.raw.object is None or program.raw.flavour.is_bcc:
        return
    from bpfdoctor.preflight.needs import kernels, table  # with the lab, and most people name no kernel

    view = kernels.views([program.oldest])[0]
    named = {each.name for each in program.code.programs}
    for row in table.lacking(table.rows_of(program.raw.object, [view]), view.name):
        own = [each for each in row.lacks[view.name] if each.of == program.block.name or each.of not in named]
        if not own:
            continue
        values = {
            "kind": str(row.use.kind),
            "name": row.use.name,
            "since": row.use.since or "a later kernel",
            "oldest": program.oldest,
        }
        yield Lint(Cause(RULE, values, _place(program, own[0])))


def _place(program: Linted, where: Where) -> Place | None:
    if where.line:
        return program.source.compiler_place(where.file, where.line)
    for file in program.raw.files:
        c = program.source.c(file.path)
        map = c.maps.get(where.of) if c is not None else None
        if map is not None:
            return program.source.compiler_place(file.path, map.line)
    return program.source.place_at(0)
