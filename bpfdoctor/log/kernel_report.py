"""Reads the report that Linux prints by itself since 7.3, between the terse message and the statistics."""

from __future__ import annotations

from collections.abc import Iterable

from bpfdoctor import grammar
from bpfdoctor.log.number import position
from bpfdoctor.model.record import dataclass, field, replace
from bpfdoctor.model.transcript import KernelBlock, KernelReport
from bpfdoctor.parser import ParseError, Parser

SECTIONS = ("Reason:", "At:", "Active lock:", "Causal path:", "Suggestion:")
_LONGEST = 2000  # lines; the longest real report has 139


@dataclass(slots=True)
class _Draft:
    """A report while it is being read."""

    category: str = ""
    problem: str = ""
    section: str = ""
    in_instructions: bool = False
    reason: list[str] = field(default_factory=list)
    blocks: dict[str, list[KernelBlock]] = field(default_factory=dict)

    def add(self, block: KernelBlock) -> None:
        self.in_instructions = False
        self.blocks.setdefault(self.section, []).append(block)

    def last(self) -> KernelBlock | None:
        blocks = self.blocks.get(self.section)
        return blocks[-1] if blocks else None

    def change(self, **values: object) -> None:
        if block := self.last():
            self.blocks[self.section][-1] = replace(block, **values)  # type: ignore[arg-type]


def read(lines: Iterable[str]) -> tuple[KernelReport, ...]:
    """The reports in these lines, oldest first. Never raises: a line nobody knows is left out."""
    reports: list[_Draft] = []
    parser = None
    for number, line in enumerate(lines):
        if number >= _LONGEST or not line.strip():
            continue
        parser = parser or grammar.parser("report")
        kind, values = _parsed(parser, line)
        if kind == "title":
            reports.append(_Draft(values[0], " ".join(values[1:])))
        elif reports:
            _take(reports[-1], kind, values)
    return tuple(map(_report, reports))


def _parsed(parser: Parser, line: str) -> tuple[str, list[str]]:
    """The line taken apart. What looks like a row but is none is a sentence: "13 bytes are missing"."""
    try:
        tree = parser.parse(line[:600].strip())
    except ParseError:
        return "words", [line[:600].strip()]
    return tree.data, [str(child or "").strip() for child in tree.children]


def _take(draft: _Draft, kind: str, values: list[str]) -> None:
    match kind:
        case "section":
            draft.section = values[0].rstrip(": ")
        case "context":
            draft.in_instructions = values[0].startswith("Instruction")
        case "place":
            function = values[0] if len(values) == 4 else None
            file, line, column = values[-3:]
            draft.add(
                KernelBlock(
                    "", "", function=function, file=file, line=position(line), column=position(column)
                )
            )
        case "insn":
            draft.add(KernelBlock("", "", insn=int(values[0])))
        case "label":
            draft.change(label=values[1], text=values[2])
        case "more" if (block := draft.last()) is not None and block.label:
            draft.change(text=f"{block.text} {values[-1]}".strip())
        case "marked" if draft.in_instructions:
            draft.change(insn=int(values[1]))
        case "beside":
            draft.change(insn=int(values[3]))
        case "words" if draft.section == "Reason":
            draft.reason.append(values[0])


def _report(draft: _Draft) -> KernelReport:
    at, lock = draft.blocks.get("At", []), draft.blocks.get("Active lock", [])
    return KernelReport(
        category=draft.category,
        problem=draft.problem,
        reason=" ".join(draft.reason),
        at=at[0] if at else None,
        lock=lock[0] if lock else None,
        path=tuple(block for block in draft.blocks.get("Causal path", []) if block.label),
    )
