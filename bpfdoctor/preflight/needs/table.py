"""Puts together what an object uses, where, and which of some kernels have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.record import dataclass, field
from bpfdoctor.preflight.needs import core, uses
from bpfdoctor.preflight.needs.code import Code, Coded, Spot
from bpfdoctor.preflight.needs.reach import AS_A_LOADER_MAY_SET_IT, Provided, reached
from bpfdoctor.preflight.needs.uses import Kind, Use
from bpfdoctor.preflight.needs.view import Has, KernelView
from bpfdoctor.source.layout import Block

_FOLDS_CONSTANTS = "5.5"  # frozen maps are read while a program is verified since a23740ec43ba


@dataclass(frozen=True, slots=True)
class Where:
    """A line that uses it; `line` is 0 for a map or a program as a whole. `of` is its name."""

    of: str
    file: str = ""
    line: int = 0


@dataclass(slots=True)
class Row:
    """One thing that an object uses. `has` by kernel; None where that kernel never gets to it."""

    use: Use
    where: list[Where] = field(default_factory=list)
    has: dict[str, Has | None] = field(default_factory=dict)
    #: by kernel: where it is used and missing
    lacks: dict[str, list[Where]] = field(default_factory=dict)
    #: whether all that use it are left out unless somebody asks for them: SEC("?…")
    is_optional: bool = True
    #: whether only the program that uses it fails without it, and not every one of the object
    is_of_one: bool = True


def rows_of(data: bytes, kernels: Sequence[KernelView]) -> list[Row]:
    """By kind, then by name. Raises ValueError when `data` is no BPF object."""
    elf = Elf.read(data)
    if elf is None:
        raise ValueError("no ELF file")
    return _Table(Code(elf), kernels).rows()


class _Table:
    def __init__(self, code: Code, kernels: Sequence[KernelView]) -> None:
        self._code, self._kernels = code, kernels
        self._rows: dict[Use, Row] = {}
        self._answers: dict[tuple[str, Spot], int | None] = {}

    def rows(self) -> list[Row]:
        for name, use in uses.of_maps(self._code):
            self._whole(use, Where(name), optional=False)
        for name, use in uses.of_settings(self._code):
            self._whole(use, Where(name), optional=False)
        for program in self._code.programs:
            optional = program.section.startswith("?")
            for use in uses.of_programs(self._code, program):
                self._whole(use, Where(program.name), optional)
            self._instructions(program, optional)
        order = list(Kind)
        return sorted(self._rows.values(), key=lambda row: (order.index(row.use.kind), row.use.name))

    def _row(self, use: Use, where: Where, optional: bool) -> Row:
        row = self._rows.setdefault(use, Row(use))
        row.is_optional = row.is_optional and optional
        if where not in row.where:
            row.where.append(where)
        return row

    def _whole(self, use: Use, where: Where, optional: bool) -> None:
        row = self._row(use, where, optional)
        row.is_of_one = where.of in {program.name for program in self._code.programs}
        for kernel in self._kernels:
            _note(row, kernel.name, uses.has(use, None, self._code, kernel), where)

    def _instructions(self, program: Block, optional: bool) -> None:
        """What any kernel may get to is listed; of each kernel what it gets to is asked."""
        insns = [insn for _, block in self._code.layout.linked(program) for insn in self._code.insns(block)]
        anywhere = reached(self._code, program, AS_A_LOADER_MAY_SET_IT)
        walked = {kernel.name: self._reached(program, kernel) for kernel in self._kernels}
        for insn in insns:
            if insn.at not in anywhere:
                continue
            for use in uses.of_instruction(self._code, insn):
                always = uses.is_asked_first(use, self._code, insn)
                where = self._where(program, insn)
                for_all = uses.is_the_loaders(self._code, insn)
                row = self._row(use, where, optional and not for_all)
                row.is_of_one = row.is_of_one and not for_all
                for kernel in self._kernels:
                    if insn.at not in walked[kernel.name] and not always:
                        row.has.setdefault(kernel.name, None)
                        continue
                    _note(row, kernel.name, uses.has(use, insn, self._code, kernel), where)

    def _where(self, program: Block, insn: Coded) -> Where:
        line = self._code.line(insn.at)
        return Where(program.name, line.file, line.line) if line else Where(program.name)

    def _reached(self, program: Block, kernel: KernelView) -> frozenset[Spot]:
        fixed = kernel.since(_FOLDS_CONSTANTS) is Has.YES
        return reached(
            self._code, program, Provided(_symbols(kernel), kernel.setting, self._relocated(kernel), fixed)
        )

    def _relocated(self, kernel: KernelView) -> Callable[[Coded], int | None]:
        def of(insn: Coded) -> int | None:
            relocation = insn.relocation
            if (
                relocation is None
                or not relocation.asks.is_guard
                or kernel.types is None
                or not self._code.btf
            ):
                return None
            key = kernel.name, insn.at
            if key not in self._answers:
                self._answers[key] = core.answer(self._code.btf, relocation, kernel.types)
            return self._answers[key]

        return of


def _symbols(kernel: KernelView) -> Callable[[str], bool | None]:
    def has(name: str) -> bool | None:
        told = kernel.kfunc(name)
        if told is Has.NO and kernel.variable(name) is Has.YES:
            return True
        return None if told is Has.UNKNOWN else told is Has.YES

    return has


def _note(row: Row, kernel: str, told: Has, where: Where) -> None:
    row.has[kernel] = _worse(row.has.get(kernel), told)
    if told is Has.NO and where not in row.lacks.setdefault(kernel, []):
        row.lacks[kernel].append(where)


def _worse(one: Has | None, other: Has) -> Has:
    order = (Has.NO, Has.UNKNOWN, Has.YES)
    return other if one is None else min(one, other, key=order.index)


def lacking(rows: Sequence[Row], kernel: str) -> Iterator[Row]:
    """What a kernel needs and has not."""
    return (row for row in rows if row.has.get(kernel) is Has.NO and not row.is_optional)


def as_json(rows: Sequence[Row]) -> list[Mapping[str, object]]:
    return [
        {
            "kind": row.use.kind.value,
            "name": row.use.name,
            "since": row.use.since or None,
            "optional": row.is_optional,
            "where": [
                {"of": each.of, "file": each.file or None, "line": each.line or None} for each in row.where
            ],
            "kernels": {name: has.value if has else "not reached" for name, has in row.has.items()},
        }
        for row in rows
    ]
