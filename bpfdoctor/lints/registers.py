"""Registers of one processor in `struct pt_regs`, where a macro would name them for every one."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.from_headers import register_macros
from bpfdoctor.lints.program import Lint, Linted
from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.model.preflight import Cause
from bpfdoctor.pattern import later
from bpfdoctor.source.cvalues import Access, AccessKind

RULE = "registers-by-name"
_FOR_ONE = later(
    r"^[ \t]*#[ \t]*(?:el)?if.*(?:x86|amd64|i386|TARGET_ARCH|CONFIG_[A-Z0-9_]*ARCH|arm64|aarch64)"
)
_REGISTERS = "struct pt_regs"


def look(program: Linted) -> Iterator[Lint]:
    wanted = program.raw.program
    made = {each.file for each in program.raw.line_maps}  # BCC's own text
    for file in program.raw.files:
        if file.path in made or "pt_regs" not in file.text:
            continue
        c = program.source.c(file.path)
        start = c.function(wanted.name) if c is not None and wanted is not None and wanted.name else None
        if c is None or start is None:
            continue
        for function in c.reached(start):
            for line in range(function.body.line, function.end + 1):
                for access in c.accesses_on(line):
                    declared = c.declaration_of(access.root, line)
                    if (
                        access.kind is AccessKind.ARROW
                        and access.span.line == line
                        and access.base == access.root
                        and access.member in register_macros()
                        and not access.written
                        and declared is not None
                        and declared.struct == _REGISTERS
                        and not _is_for_one(c.lines, line)
                    ):
                        text = c.line(line)
                        span = access.span
                        place = Place(file.path, line, span.column, span.end_column, function.name, text)
                        values = {
                            "access": access.text,
                            "macro": f"{register_macros()[access.member]}({access.base})",
                        }
                        yield Lint(Cause(RULE, values, place), _edits(access, place, text))


def _is_for_one(lines: tuple[str, ...], line: int) -> bool:
    """Whether the preprocessor keeps the line for one architecture."""
    depth = 0
    for text in reversed(lines[: line - 1]):
        word = text.lstrip().removeprefix("#").lstrip() if text.lstrip().startswith("#") else ""
        if word.startswith("endif"):
            depth += 1
        elif word.startswith("if"):
            if depth == 0 and _FOR_ONE.match(text):
                return True
            depth = max(depth - 1, 0)
        elif word.startswith(("elif", "else")) and depth == 0 and _FOR_ONE.match(text):
            return True
    return False


def _edits(access: Access, place: Place, text: str) -> tuple[Edit, ...]:
    if access.span.end_line != access.span.line:
        return ()
    before, after = text[: access.span.column - 1], text[access.span.end_column - 1 :]
    return (
        Edit(
            place.file,
            place.line,
            place.line,
            (f"{before}{register_macros()[access.member]}({access.base}){after}",),
        ),
    )
