"""From a step of the failing path to the user's file, line, column, variable and statement."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, RawReport
from bpfdoctor.model.trace import CalleeKind, Comment, Op, Step
from bpfdoctor.model.transcript import ErrorBlock, KernelBlock, Transcript
from bpfdoctor.pattern import later
from bpfdoctor.source.files import Files, base
from bpfdoctor.source.places import Places, characters

if TYPE_CHECKING:
    from bpfdoctor.formats.btf import MapDef
    from bpfdoctor.formats.btf_ext import LineInfo
    from bpfdoctor.formats.dwarf import Variable
    from bpfdoctor.source.comments import LineFinder
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.layout import Spot
    from bpfdoctor.source.members import Fields, Leaf
    from bpfdoctor.source.program import ObjectProgram
    from bpfdoctor.source.rewritten import Rewritten
    from bpfdoctor.source.typefinder import TypeFinder

_CALLED = later(r"\b([A-Za-z_]\w*)\(")
_NO_CALLS = {"if", "for", "while", "switch", "return", "sizeof"}
_LARGEST = 4 << 20  # characters; a larger text (a pasted vmlinux.h) is not worth a syntax tree


class Source:
    """What is known of the source of one program. Every answer is None rather than a guess."""

    def __init__(self, raw: RawReport, transcript: Transcript) -> None:
        self._raw = raw
        self._transcript = transcript
        self._files = Files(raw)
        self._trees: dict[str, CFile | None] = {}
        self._places = Places(self._files, self.c)

    # -- files ---------------------------------------------------------------------------------------------

    @property
    def user_file(self) -> str | None:
        """The path of the user's main file, when its text is at hand."""
        paths = [file.path for file in self._raw.files]
        return self._raw.source if self._raw.source in paths else paths[0] if paths else None

    def text(self, file: str) -> str | None:
        """The text of one of the user's files."""
        return self._files.texts.get(file)

    def c(self, file: str) -> CFile | None:
        """The syntax of one of the user's files; of a Python tool, that of the C text inside it, in place."""
        if file not in self._trees:
            text = self.text(file)
            if text is None or len(text) > _LARGEST:
                self._trees[file] = None
            else:
                from bpfdoctor.source.csyntax import CFile

                self._trees[file] = CFile(self._c_text(file, text))
        return self._trees[file]

    def _c_text(self, file: str, text: str) -> str:
        if self._raw.flavour is not Flavour.PYTHON or not file.endswith(".py"):
            return text
        from bpfdoctor.source.embedded import c_inside

        known = [
            line for found in self._raw.line_maps if found.user_file == file for line in found.lines.values()
        ]
        return c_inside(text, min(known), max(known)) if known else ""

    # -- places --------------------------------------------------------------------------------------------

    def place(self, step: Step) -> Place | None:
        """Where a step comes from; None when nothing says so."""
        place = self._place(step.insn.index, step.insn.opcode, step.comment, self._offset(step))
        return place and self._places.refined(place, step.insn)

    def place_at(self, insn: int) -> Place | None:
        """Where the instruction with that number of the log comes from."""
        from bpfdoctor.source.comments import comment_of

        return self._place(insn, None, comment_of(self._transcript.text, insn), None)

    def compiler_place(
        self, file: str, line: int, column: int | None = None, offset: int = 0
    ) -> Place | None:
        """A place that a compiler names, in the user's file; the printed one when that is not at hand.

        `offset` is where the message stands in the report.
        """
        return self._places.printed(Comment("", file, line), column, offset) if line > 0 else None

    def block_place(self, block: ErrorBlock) -> Place | None:
        """The place of a compiler's message. LLVM may name no line but a function only (main.c:0:0)."""
        if block.line:
            return self.compiler_place(block.file or "", block.line, block.column, block.start)
        file = self.user_file
        c = self.c(file) if file and block.function else None
        function = c.function(block.function or "") if c is not None else None
        return self._places.in_file(file, function.start, 0) if file and function else None

    def is_put_in(self, step: Step) -> bool:
        """Whether a step is of code that BCC put in for an expression of the user's."""
        info = self._info(step.insn.index, step.insn.opcode) if self._rewritten is not None else None
        if info is None or self._rewritten is None or self._files.map_for(base(info.file)) is None:
            return False
        piece = self._rewritten.piece(info.line, info.column)
        return piece is not None and not piece.exact

    def comment(self, step: Step) -> str | None:
        """The source line of a step as the log or the object has it, also when no file is known."""
        if self._rewritten is not None and (place := self.place(step)) is not None:
            return place.text
        comment = self._in_force(step.comment, self._offset(step))
        if comment is not None and comment.text.strip():
            return comment.text.strip()
        info = self._info(step.insn.index, step.insn.opcode)
        return info.text.strip() or None if info else None

    def _place(
        self, insn: int, opcode: int | None, comment: Comment | None, offset: int | None
    ) -> Place | None:
        info = self._info(insn, opcode)
        if info is not None and _agree(info, comment):
            return self._from_object(info, insn, opcode)
        comment = self._in_force(comment, offset)
        told = self._told.get(insn)
        if told is not None and (comment is None or comment.line in (None, told.line)):
            text = comment.text if comment else ""
            place = self._places.printed(Comment(text, told.file, told.line), told.column)
            return place and replace(place, function=place.function or told.function)
        if comment is None:
            return None
        if comment.file and comment.line:
            return self._places.printed(comment, None)
        return self._by_text(comment.text, offset) if comment.text.strip() else None

    @cached_property
    def _told(self) -> dict[int, KernelBlock]:
        """Instructions whose place the kernel's own report gives, with a column (since 7.3)."""
        reports = [report for block in self._transcript.blocks for report in block.reports]
        told = [block for report in reports for block in (*report.path, report.at) if block is not None]
        return {block.insn: block for block in told if block.insn is not None and block.line}

    def _offset(self, step: Step) -> int | None:
        """Where the step stands in our text; None for a step of another text (the log at level 2)."""
        start = b"%d: (" % step.insn.index
        return step.offset if self._transcript.text[step.offset : step.offset + len(start)] == start else None

    def _in_force(self, comment: Comment | None, offset: int | None) -> Comment | None:
        """The comment of a step; for one without line and text, the last one before it that has them."""
        if comment is None or comment.line or comment.text.strip() or offset is None:
            return comment
        from bpfdoctor.source.comments import comment_before

        return comment_before(self._transcript.text, offset)

    def _from_object(self, info: LineInfo, insn: int, opcode: int | None) -> Place:
        """The user's line; for code of a header that is not the user's, the line that uses it."""
        spot = self._spot(insn, opcode)
        place = self._places.users(info.file, info.line, info.column, info.text)
        for call in self._object.inlined_at(spot) if place is None and self._object and spot else ():
            place = place or self._places.users(call.file, call.line, call.column, None)
        if place is not None:
            return place
        function = spot.function if spot else None
        column = characters(info.text, info.column)
        return Place(info.file, info.line, column, None, function, info.text.strip())

    @cached_property
    def _rewritten(self) -> Rewritten | None:
        """The text that BCC made of the user's, when it is at hand."""
        found = next((each for each in self._raw.line_maps if each.file in self._files.texts), None)
        return self._places.rewrite(found) if found is not None else None

    def _by_text(self, text: str, offset: int | None) -> Place | None:
        """A place found by what the line says: in BCC's rewritten text first, then in the user's file."""
        for found in self._raw.line_maps:
            if found.file in self._files.texts:
                line = self._finder.line(found.file, text, offset)
                if line is not None and (place := self._places.mapped(found, line, 0)) is not None:
                    return place
        path = self.user_file
        line = self._finder.line(path, text, offset) if path is not None else None
        return self._places.in_file(path, line, 0) if path is not None and line is not None else None

    @cached_property
    def _finder(self) -> LineFinder:
        from bpfdoctor.source.comments import LineFinder

        return LineFinder(self._transcript.text, self._files.lines, self.c, self._program_name)

    # -- the object ----------------------------------------------------------------------------------------

    @property
    def _program_name(self) -> str | None:
        program = self._raw.program
        return (program.name if program else None) or self._transcript.program

    @cached_property
    def _object(self) -> ObjectProgram | None:
        if self._raw.object is None:
            return None
        from bpfdoctor.source.program import ObjectProgram

        section = self._raw.program.section if self._raw.program else None
        return ObjectProgram.read(self._raw.object, self._program_name, section)

    def object_is_other(self, step: Step) -> bool:
        """Whether the program that the object has by this name has another instruction at this step."""
        if self._object is None or self._object.block is None:
            return False
        return self._spot(step.insn.index, step.insn.opcode) is None

    def _spot(self, insn: int, opcode: int | None) -> Spot | None:
        return self._object.spot(insn, opcode) if self._object else None

    def _info(self, insn: int, opcode: int | None) -> LineInfo | None:
        spot = self._spot(insn, opcode)
        return self._object.line(spot) if self._object and spot else None

    # -- names ---------------------------------------------------------------------------------------------

    def variables(self, step: Step) -> tuple[Variable, ...]:
        """C variables that DWARF places in a register or on the stack when the step is about to run."""
        spot = self._spot(step.insn.index, step.insn.opcode)
        info = self._info(step.insn.index, step.insn.opcode)
        if self._object is None or spot is None or (info is not None and not _agree(info, step.comment)):
            return ()
        found = self._object.variables(spot)
        if self._rewritten is None:
            return found
        return tuple(known for each in found if (known := self._rewritten.variable(each)) is not None)

    def variable(self, step: Step, register: str) -> str | None:
        """What the user calls the value that a register has when the step is about to run."""
        if register == "r10":
            return None
        from bpfdoctor.source import names, quoted

        place = self.place(step)
        c = self.c(place.file) if place is not None else None
        known = names.in_register(self.variables(step), register)
        if c is None or place is None:
            line = self.comment(step)
            told = quoted.name(line, step, register, self._callee(step)) if line else None
            return told or (known.pop() if len(known) == 1 else None)
        # what the line itself says comes first: r8 may be `eth` too when it is read as `udp->dest`
        mentioned = known & c.names_on(place.line)
        if len(mentioned) == 1:
            return mentioned.pop()
        found = names.from_syntax(c, place, step, register, self._callee(step))
        return found or (known.pop() if len(known) == 1 else None)

    def called(self, step: Step) -> str | None:
        """The function that a call goes to, as far as the object, or the only call of the line, tells."""
        if (known := self._callee(step)) is not None or step.insn.op is not Op.CALL:
            return known
        names = set(_CALLED.findall(self.comment(step) or "")) - _NO_CALLS
        return names.pop() if len(names) == 1 else None

    def _callee(self, step: Step) -> str | None:
        """The name of the function that a call goes to."""
        insn = step.insn
        if insn.callee_kind is not CalleeKind.SUBPROG or insn.target is None:
            return insn.callee
        spot = self._spot(insn.target, None)
        return spot.function if spot else None

    def stack_variable(self, step: Step, offset: int) -> Variable | None:
        """The local variable that covers a byte of the step's stack frame (offset from r10, negative)."""
        from bpfdoctor.source import names

        spot = self._spot(step.insn.index, step.insn.opcode)
        if self._rewritten is None or self._object is None or spot is None:
            return names.on_stack(self.variables(step), offset)
        found = names.on_stack(self._object.variables(spot), offset)
        known = self._rewritten.variable(found) if found is not None else None
        if found is None or known is not None:
            return known
        name = self._rewritten.copied(found, self.place(step))
        return replace(found, name=name, line=None) if name is not None and name.isidentifier() else None

    # -- types ---------------------------------------------------------------------------------------------

    @cached_property
    def _types(self) -> TypeFinder:
        from bpfdoctor.source.typefinder import TypeFinder

        def texts() -> Iterator[CFile]:
            for file in self._files.texts:
                c = self.c(file) if file.endswith((".c", ".h", ".py")) else None
                if c is not None:
                    yield c

        return TypeFinder(self._object, texts)

    def member(self, type: str, offset: int, size: int = 0) -> str | None:
        """The member of a type (`struct udphdr`, `udphdr`) at a byte offset: `dest`, `in[2].port`.

        The offsets are the program's; those of the kernel's own types can differ on the kernel.
        """
        return self._types.member(type, offset, size)

    def layout(self, type: str) -> tuple[tuple[Leaf, ...], tuple[tuple[int, int], ...]] | None:
        """(members with offsets and sizes, byte ranges of padding) of a type of the program."""
        return self._types.layout(type)

    def stacks(self, deepest: int) -> Iterator[tuple[tuple[str, int, tuple[Variable, ...]], ...]]:
        """Chains of calls in the object: (function, bytes of stack, its variables there) of each."""
        return self._object.stacks(deepest) if self._object else iter(())

    def open_end(self) -> int | None:
        """The last instruction, as the log counts them, of a function that runs on into the next one."""
        return self._object.open_end() if self._object else None

    def unresolved(self) -> tuple[int, str] | None:
        """(instruction of the log, name) of the first call of what the object does not contain."""
        return next(self._object.unresolved(), None) if self._object else None

    def unfilled(self) -> Iterator[tuple[int, str, int, bytes]]:
        """The addresses of data that the program asks for: see Layout.unfilled."""
        return self._object.unfilled() if self._object else iter(())

    def calls(self) -> Iterator[tuple[int, str, str]]:
        """(instruction as the log counts them, caller, callee) of every call of a function of the object."""
        return self._object.calls() if self._object else iter(())

    def fields(self, variable: Variable) -> Fields | None:
        """The members of a variable that DWARF knows."""
        return self._object.fields(variable) if self._object else None

    def fields_of(self, type: str, arrays: tuple[str, ...] = ()) -> tuple[int, Fields] | None:
        """(size, members) of a declared variable: `struct key`; `char` with its arrays as written."""
        return self._types.declared(type, arrays)

    def map(self, name: str) -> MapDef | None:
        """The map with that name, which the kernel cuts to 15 characters."""
        maps = self._object.btf.maps if self._object and self._object.btf else {}
        if name in maps:
            return maps[name]
        alike = [found for full, found in maps.items() if len(name) == 15 and full.startswith(name)]
        return alike[0] if len(alike) == 1 else None


def _agree(info: LineInfo, comment: Comment | None) -> bool:
    """Whether the object's line and the log's comment say the same; if not, the log is of another build."""
    if comment is None or comment.line == 0:
        return True
    if comment.line is not None and comment.line != info.line:
        return False
    return not comment.text.strip() or not info.text.strip() or comment.text.split() == info.text.split()
