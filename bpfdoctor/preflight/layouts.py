"""Which members of the kernel's structures a program reads where a declaration has them.

CO-RE lets a loader put the right byte in; without it the declaration's is read, whatever is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bpfdoctor.formats.btf import Member
from bpfdoctor.formats.debug_info import Damaged
from bpfdoctor.formats.dwarf import Variables
from bpfdoctor.formats.dwarf_types import DwarfTypes
from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.model.preflight import Hook, MemberRead
from bpfdoctor.model.report import RawReport
from bpfdoctor.preflight.needs import core
from bpfdoctor.preflight.needs.code import Code, code_of
from bpfdoctor.source import Source
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Access, AccessKind, Function, Param
from bpfdoctor.source.members import Types

_CAST = re.compile(r"\(+\s*((?:const\s+)?(?:struct|union)\s+\w+)\s*\*\s*\)")
_ANY_CAST = re.compile(
    r"\(\s*(?:const\s+)?(?:(?:struct|union)\s+\w+|void|char|unsigned long|long)\s*\**\s*\)(?=\s*[\w(])"
)
_CURRENT = re.compile(r"bpf_get_current_task(?:_btf)?\s*\(\s*\)")
_POINTER = re.compile(r"(?:const\s+)?(struct \w+)\s*\*?")
_LINK = re.compile(r"^(.*?)\s*(?:->|\.)\s*(\w+)$", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
# What gives a program an address of the kernel's.
_OF_KERNEL = re.compile(
    r"\bbpf_(?:get_current_task|task_from|this_cpu_ptr|per_cpu_ptr)\w*\s*\(|\bPT_REGS_\w+\s*\(|\bctx->args\b"
)
_READS_KERNEL = r"\b(?:bpf_probe_read(?:_kernel)?(?:_str)?|bpf_core_read|BPF_CORE_READ_INTO)\s*\(\s*&\s*%s\b"
_READS_USER = re.compile(r"\bbpf_(?:probe_read_user|copy_from_user)\w*\s*\(")
_CONTEXT = re.compile(r"\b(?:ctx|args|pt_regs|xdp_md|__sk_buff|bpf_\w+)\b")
_LOOKED_UP = "__attribute__((preserve_access_index))"
_ROUNDS = 8  # variables that are made of one another
_DEEPEST = 8  # anonymous structures in one another


def reads_of(raw: RawReport, hook: Hook, source: Source) -> tuple[MemberRead, ...]:
    """Each member once, where it is first read; () without an object that has its types."""
    code = code_of(raw.object) if raw.object else None
    variables = Variables.from_elf(code.elf) if code is not None else None
    if code is None or variables is None:
        return ()
    found: dict[tuple[str, str], MemberRead] = {}
    try:
        moved = _moved(code)
        made = {each.file for each in raw.line_maps}  # BCC's own text
        for path in (each.path for each in raw.files if each.path not in made):
            c = source.c(path)
            start = c.function(hook.program) if c is not None else None
            if c is None or start is None:
                continue
            for function in c.reached(start):
                for read in _Function(c, function, variables.types, path, hook.program).reads():
                    if (read.declared, read.member) not in moved:
                        found.setdefault((read.declared, read.member), read)
    except Damaged:
        return ()
    return tuple(found.values())


def placed(types: Types, id: int, name: str, depth: int = 0) -> Member | None:
    """A member of a structure, with its place in the whole, also where it is in an anonymous part."""
    for member in types.members(types.resolve(id)):
        if member.name == name:
            return member
        if not member.name and depth < _DEEPEST:
            inner = placed(types, member.type, name, depth + 1)
            if inner is not None:
                return Member(inner.name, inner.type, member.bit_offset + inner.bit_offset, inner.bits)
    return None


def marked(at: Place | None, structure: str, source: Source) -> tuple[Edit, ...]:
    """The end of a structure's declaration with the attribute for CO-RE."""
    c = source.c(at.file) if at is not None else None
    declared = c.structs.get(structure) if c is not None else None
    if at is None or c is None or declared is None:
        return ()
    line = declared.span.end_line
    end = re.fullmatch(r"(\s*\})(\s*;.*)", c.line(line))
    return (Edit(at.file, line, line, (f"{end[1]} {_LOOKED_UP}{end[2]}",)),) if end else ()


@lru_cache(maxsize=2)
def _moved(code: Code) -> frozenset[tuple[str, str]]:
    """(structure, member) that CO-RE looks up when the object is loaded."""
    btf = code.btf
    asked = {(each.type, each.access) for each in code.relocations.values()}
    return (
        frozenset(pair for type, access in asked for pair in _steps(btf, type, access))
        if btf
        else frozenset()
    )


def _steps(btf: LargeBtf, type: int, access: str) -> Iterator[tuple[str, str]]:
    id = btf.resolve(type)
    name = btf.name(id)
    for number in map(int, filter(str.isdigit, access.split(":")[1:])):
        if array := btf.array(id):
            id = btf.resolve(array[0])
            continue
        members = btf.members(id)
        if number >= len(members):
            return
        id = btf.resolve(members[number].type)
        if members[number].name:  # what is in an anonymous part is a member of the whole
            yield name, members[number].name
            name = btf.name(id)


class _Function:
    """The reads of one function of the text."""

    def __init__(self, c: CFile, function: Function, types: DwarfTypes, file: str, program: str) -> None:
        self._c, self._function, self._types, self._file = c, function, types, file
        self._program = program
        self._text = "\n".join(c.line(line) for line in range(function.start, function.end + 1))

    def reads(self) -> Iterator[MemberRead]:
        for line in range(self._function.body.line, self._function.end + 1):
            for access in self._c.accesses_on(line):
                if access.kind not in (AccessKind.ARROW, AccessKind.DOT) or access.written:
                    continue
                if self._is_kernels(access) and (read := self._read(access)) is not None:
                    yield read

    def _read(self, access: Access) -> MemberRead | None:
        id = self._type_of(access.base, access.span.line)
        id = self._pointed(id) if id is not None and access.kind is AccessKind.ARROW else id
        member = placed(self._types, id, access.member) if id is not None else None
        if id is None or member is None or member.bits or member.bit_offset % 8:
            return None
        declared = self._types.name(self._types.resolve(id))
        name = core.essential(declared)
        if not name.startswith(("struct ", "union ")) or name in ("struct ", "union "):
            return None
        span = access.member_span
        place = Place(
            self._file, span.line, span.column, span.end_column, self._function.name, self._c.line(span.line)
        )
        own = self._c.structs.get(declared)
        named = tuple(each.name for each in own.fields if each.name) if own is not None else ()
        made_of = self._made_of(access.base, span.line) if named else ""
        made_of = "" if made_of == declared else made_of
        return MemberRead(name, declared, access.member, member.bit_offset // 8, place, named, made_of)

    def _made_of(self, expression: str, line: int) -> str:
        """The structure whose address is cast in an expression: `struct sock` of `(struct mine *)sk`.

        "" where the text does not show one: a variable with several values, a register.
        """
        text, is_cast = expression.strip(), False
        for _ in range(_ROUNDS):
            while text.startswith("(") and text.endswith(")") and not _ANY_CAST.match(text):
                text = text[1:-1].strip()
            if cast := _ANY_CAST.match(text):
                text, is_cast = text[cast.end() :].strip(), True
                continue
            if _CURRENT.fullmatch(text):
                return "struct task_struct"
            if not _WORD.fullmatch(text):
                return self._points_to(text, line)
            values = {each.value for each in self._c.assignments(text, self._function.start, line)}
            values -= {"NULL", "0"}
            if not values and is_cast:
                return self._declared_as(text, line)
            if len(values) != 1:
                return ""
            (text,) = values
            is_cast = True  # what is assigned to another type is converted, with a cast or from void *
        return ""

    def _points_to(self, expression: str, line: int) -> str:
        """`struct cfs_rq` of `task->se.cfs_rq`, as its declaration has it."""
        id = self._type_of(expression, line)
        id = self._pointed(id) if id is not None else None
        name = self._types.name(self._types.resolve(id)) if id is not None else ""
        return name if name.startswith("struct ") and len(name) > len("struct ") else ""

    def _declared_as(self, name: str, line: int) -> str:
        """`struct sock` of a parameter or variable `struct sock *sk`."""
        param = next((each for each in self._function.params if each.name == name), None)
        declared = self._c.declaration_of(name, line)
        type = param.type if param is not None else declared.type if declared is not None else ""
        found = _POINTER.fullmatch(type.strip())
        return found[1] if found is not None else ""

    def _type_of(self, expression: str, line: int) -> int | None:
        """The type of what stands before -> or . as far as names, members and casts tell it."""
        text = expression.strip()
        while text.startswith("(") and text.endswith(")") and not _CAST.match(text):
            text = text[1:-1].strip()
        if cast := _CAST.match(text):
            return self._pointer_to(cast[1].removeprefix("const").strip())
        if _WORD.fullmatch(text):
            declared = self._c.declaration_of(text, line)
            if declared is None or declared.arrays:
                return None
            name = declared.type.replace("const ", "").strip()
            return self._pointer_to(name[:-1].strip()) if name.endswith("*") else self._types.find(name)
        link = _LINK.match(text)
        if link is None:
            return None
        base = self._type_of(link[1], line)
        if base is not None and text[len(link[1]) :].lstrip().startswith("->"):
            base = self._pointed(base)
        member = placed(self._types, base, link[2]) if base is not None else None
        return member.type if member is not None else None

    def _pointer_to(self, name: str) -> int | None:
        """Negative: a pointer to the type of this id, which the object need not have as a type."""
        found = self._types.find(name)
        return -found if found is not None else None

    def _pointed(self, id: int) -> int | None:
        return -id if id < 0 else self._types.pointee(id)

    def _is_kernels(self, access: Access) -> bool:
        """Whether the address comes from the kernel, and is neither the context nor the program's memory."""
        statement = self._c.statement_at(access.span.line)
        first = statement.span.line if statement is not None else access.span.line
        before = "\n".join(self._c.line(line) for line in range(first, access.span.line + 1))
        if _READS_USER.search(before):
            return False
        names, seen = {access.root}, set[str]()
        if _OF_KERNEL.search(access.base):
            return True
        for _ in range(_ROUNDS):
            waiting = names - seen
            if not waiting:
                return False
            name = min(waiting)
            seen.add(name)
            if self._is_argument(name) or re.search(_READS_KERNEL % re.escape(name), self._text):
                return True
            for each in self._c.assignments(name, self._function.start, access.span.line):
                if _OF_KERNEL.search(each.value):
                    return True
                names |= {
                    word
                    for word in _WORD.findall(each.value)
                    if self._c.declaration_of(word, access.span.line) is not None
                }
        return False

    def _has_context(self, param: Param) -> bool:
        """Whether a first parameter is the context: of programs that no macro makes it always is."""
        is_plain_program = self._function.name == self._program and self._function.macro is None
        return is_plain_program or bool(_CONTEXT.search(f"{param.type} {param.name}"))

    def _is_argument(self, name: str) -> bool:
        """Whether it is a parameter that points to a structure, and no context."""
        for at, param in enumerate(self._function.params):
            if param.name == name:
                is_context = at == 0 and self._has_context(param)
                return not is_context and "struct" in param.type and "*" in f"{param.type}{param.name}"
        return False
