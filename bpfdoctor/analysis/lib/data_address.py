"""A register that should hold the address of a global variable or a literal, where the loader put none.

BCC loads functions and maps only: the instruction that is to load such an address keeps the offset in the
section, usually 0. clang makes no other use of a 16-byte load of so small a number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of
from bpfdoctor.kernel.instructions import LD_IMM64
from bpfdoctor.model.diagnosis import Fact, Facts, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Flavour
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.pattern import later
from bpfdoctor.source.static_data import StaticData, Storage, of_expression, on_line
from bpfdoctor.trace.slice import How, slice_of

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile

_LARGEST = 1 << 31  # a larger number needs the 16 bytes; smaller ones are moved in 8
_REWRITTEN = later(r"\(\{.*\}\)|\b(?:for|while)\s*\([^()]*\)")  # BCC's own additions
_CHANGES = later(
    r"\+\+|--|[-+*/%|&^]=|<<=|>>=|\bbpf_get_current_comm\s*\(|\bbpf_probe_read\w*\s*\(\s*\w+\s*,"
)
_WRITABLE = (Storage.VARIABLE,)


@dataclass(frozen=True, slots=True)
class DataAddress:
    """`address` is where the address belongs: the offset in the section, usually 0.

    `objects` are what the source line uses: none where the source is not at hand, or does not tell.
    """

    address: int
    objects: tuple[StaticData, ...]
    file: str | None
    function: str | None
    loader: str  # "BCC", or "the loader" where a pasted log does not tell
    stored: bool = False  # something is written there
    quoted: str = ""  # the refused line, where that is all there is of the source

    @property
    def is_number(self) -> bool:
        """Whether it is a single constant number."""
        declared = self.objects[0].declared if self.objects else None
        return self.storage is Storage.CONSTANT and declared is not None and not declared.arrays

    @property
    def name(self) -> str:
        """`total`; "" where it is not known."""
        return " or ".join(dict.fromkeys(each.name for each in self.objects))

    @property
    def called(self) -> str:
        """What the refused line calls it, where that is another name."""
        names = {each.called for each in self.objects} - {None}
        return f"{names.pop()}" if len(names) == 1 else ""

    @property
    def use(self) -> Place | None:
        """Where on the refused line, when that is one place."""
        spans = {each.use for each in self.objects}
        span = spans.pop() if len(spans) == 1 else None
        return _place(self.file, span.line, span.column, span.end_column) if self.file and span else None

    @property
    def storage(self) -> Storage | None:
        """None where it is not known or they differ."""
        kinds = {each.storage for each in self.objects}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def writable(self) -> bool:
        """Whether it is a variable; without the source, whether the quoted line changes something."""
        if self.objects:
            return any(each.storage in _WRITABLE for each in self.objects)
        return self.stored or bool(_CHANGES.search(_REWRITTEN.sub(" ", self.quoted)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WithData(Facts):
    """Facts about a register that may hold such an address: `data` says so."""

    data: DataAddress | None = None

    @property
    def named(self) -> Place | None:
        """Where the thing is named, when that is not the refused line."""
        here = self.data.objects[0] if self.data and self.data.objects else None
        if self.data is None or self.data.file is None or here is None or here.called is None:
            return None
        return _place(self.data.file, here.span.line, here.span.column, here.span.end_column)

    @property
    def declared(self) -> Place | None:
        """Where the variable or table is declared."""
        declared = self.data.objects[0].declared if self.data and self.data.objects else None
        if self.data is None or self.data.file is None or declared is None:
            return None
        span = declared.span
        return _place(self.data.file, span.line, span.column, span.end_column)

    def not_loaded(self) -> Mapping[str, Fact] | None:
        """What the outside is told of `data`."""
        if self.data is None:
            return None
        return {
            "address": self.data.address,
            "name": self.data.name or None,
            "storage": self.data.storage,
            "writable": self.data.writable,
            "use": self.data.use,
            "named": self.named,
            "declared": self.declared,
        }


def _place(file: str, line: int, column: int, end: int) -> Place:
    return Place(file, line, column, max(end, column + 1))


def data_address(context: Context, register: str) -> DataAddress | None:
    """Whether the value in `register` was made of the address of something that was not loaded."""
    step = context.step
    if step is None or not (context.raw.flavour.is_bcc or context.raw.flavour is Flavour.LOG):
        return None
    loaded = next(
        (
            each.step
            for each in slice_of(context.trace, step, register).numbers
            if each.how is How.CONSTANT and _is_address(each.step)
        ),
        None,
    )
    if loaded is None:
        return None
    state = context.register(register)
    if state is not None and state.kind not in ("scalar", "?"):
        return None
    place = context.source.place(step)
    objects = _objects(context, step, register)
    is_bcc = context.raw.flavour is not Flavour.LOG or _says_bcc(step)
    return DataAddress(
        loaded.insn.imm or 0,
        objects,
        place.file if place else None,
        place.function if place else None,
        "BCC" if is_bcc else "the loader",
        step.insn.op in (Op.STORE, Op.ATOMIC),
        (context.source.comment(step) or "") if not objects else "",
    )


def _is_address(step: Step) -> bool:
    insn = step.insn
    return insn.opcode == LD_IMM64 and insn.imm is not None and 0 <= insn.imm < _LARGEST


def _says_bcc(step: Step) -> bool:
    """BCC calls every program main.c."""
    file = step.comment.file if step.comment else None
    return file is not None and os.path.basename(file) == "main.c"


def _objects(context: Context, step: Step, register: str) -> tuple[StaticData, ...]:
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return ()
    if step.insn.op is Op.CALL:
        given = argument_of(context)
        if given is not None:
            return of_expression(c, given)
    else:
        base = context.called(register)
        through = [a for a in c.accesses_on(place.line) if not a.address]
        if step.insn.op is Op.STORE:
            through = [a for a in through if a.written] or through
        names = {a.root for a in through} if base is None else {re.split(r"->|\[", base)[0].lstrip("&*")}
        if found := on_line(c, place.line, names):
            return _fitting(c, step, found)
    return _fitting(c, step, on_line(c, place.line))


def _fitting(c: CFile, step: Step, found: tuple[StaticData, ...]) -> tuple[StaticData, ...]:
    """Those that the access can be about: nothing read-only is written."""
    if step.insn.op in (Op.STORE, Op.ATOMIC):
        found = tuple(each for each in found if each.storage in _WRITABLE) or found
    if len(found) > 1 and step.insn.size:
        found = tuple(each for each in found if _size(c, each) in (None, step.insn.size)) or found
    return found


def _size(c: CFile, data: StaticData) -> int | None:
    """Bytes of a single number; None for anything else."""
    from bpfdoctor.source.syntax_types import SyntaxTypes

    declared = data.declared
    if declared is None or declared.arrays or declared.struct:
        return None
    types = SyntaxTypes(c)
    id_ = types.declared(re.sub(r"\b(?:static|extern)\s+", "", declared.type), ())
    return types.size(id_) if id_ is not None else None
