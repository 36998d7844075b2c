"""Which accesses of a function go through an address that only a helper may follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bpfdoctor.source.cvalues import Access, AccessKind, Function

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile

_UNEVALUATED = re.compile(r"\b(?:sizeof|typeof|__typeof__|offsetof)\s*\(?\s*$")
_WORD = re.compile(r"[A-Za-z_]\w*")
_INTEGER = re.compile(
    r"^(?:(?:const|volatile|unsigned|signed|long|short|int|char|size_t|uintptr_t|[us](?:8|16|32|64)"
    r"|__[us](?:8|16|32|64)|u?int\d+_t)\s*)+$"
)
_NUMBER = re.compile(
    r"\bPT_REGS_\w+\s*\(|\bctx->\w+|\(\s*(?:u64|__u64|unsigned long|long|size_t|uintptr_t)\s*\)"
)
_CONTEXT = re.compile(r"\b(?:ctx|args|pt_regs|xdp_md|__sk_buff|bpf_\w+)\b")
_PATH = re.compile(r"PT_REGS_\w+\s*\(\s*\w+\s*\)|(?<!\w)[a-z_]\w*(?:(?:->|\.)\w+)+|(?<!\w)[a-z_]\w*(?=\W*$)")
_GIVES_MEMORY = re.compile(
    r"^(?:\([^()]*\)\s*)?bpf_(?:ringbuf_reserve|dynptr_(?:data|slice(?:_rdwr)?)|\w+_storage_get)\("
)
_OF_THE_KERNEL = re.compile(
    r"\bbpf_(?:get_current_task|task_from|this_cpu_ptr|per_cpu_ptr|sk_|skc_|get_current_cgroup)\w*\("
)
_OF_THE_PROCESS = re.compile(
    r"\bPT_REGS_(?:PARM\d|IP|SP|FP|RC)\w*\s*\(\s*(\w+)\s*\)|\b(\w+)(?=->(?:[abcd]x|[sd]i|[sbi]p|r\d+|regs)\b)"
)
_MEMBER = re.compile(r"(\w+)(->|\.)(\w+)")
_ROUNDS = 8  # variables that are made of one another


def refused_reads(c: CFile, line: int) -> tuple[Access, ...]:
    """The reads of a line that need a helper; where some are sure to, only those. Outer before inner."""
    function = c.function_at(line)
    found = [each for each in _reads(c, line, line) if function and not _is_allowed(c, function, each)]
    doubtful = [each for each in found if function and _is_number(c, function, each)]
    return tuple(doubtful or found)


def reads_like(c: CFile, function: Function, reads: tuple[Access, ...]) -> tuple[Access, ...]:
    """All reads of the function through the same addresses, and through what was read from them."""
    roots = {each.root for each in reads if c.declaration_of(each.root, each.span.line)}
    known = {each.span: each for each in reads}
    inside = [
        each for each in _reads(c, function.body.line, function.end) if not _is_allowed(c, function, each)
    ]
    for _ in range(_ROUNDS):
        known |= {each.span: each for each in inside if each.root in roots}
        texts = {each.text for each in known.values()}
        made = {
            each.target
            for each in c.assignments(None, function.body.line, function.end)
            if each.target.isidentifier() and any(text in each.value for text in texts)
        }
        if made <= roots:
            break
        roots |= made
    return tuple(
        sorted(known.values(), key=lambda each: (each.span.line, each.span.column, -each.span.end_column))
    )


def is_given(c: CFile, access: Access) -> bool:
    """Whether the address is all along one that a call gave with memory behind it: a ring buffer's record."""
    function = c.function_at(access.span.line)
    made = c.assignments(access.root, function.start, function.end) if function else ()
    return bool(made) and all(_GIVES_MEMORY.search(each.value) for each in made if each.operator == "=")


def is_the_kernels(c: CFile, read: Access) -> bool:
    """Whether the address came from a helper, and not from the program's arguments."""
    function = c.function_at(read.span.line)
    names, seen = {read.root}, set[str]()
    while function is not None and names - seen:
        name = min(names - seen)
        seen.add(name)
        for each in c.assignments(name, function.start, read.span.line):
            if _OF_THE_KERNEL.search(each.value):
                return True
            names |= {word for word in _WORD.findall(each.value) if c.declaration_of(word, read.span.line)}
    return bool(_OF_THE_KERNEL.search(read.base))


def is_of_the_process(c: CFile, read: Access, context: str | None) -> bool:
    """Whether the address stood in a register of the process that made a system call: in no context's."""
    function = c.function_at(read.span.line)
    own = (
        {context, *(each.name for each in function.params[:1] if not function.static)} if function else set()
    )
    names, seen = {read.root}, set[str]()
    while function is not None and names - seen:
        name = min(names - seen)
        seen.add(name)
        for each in c.assignments(name, function.start, read.span.line):
            for found in _OF_THE_PROCESS.finditer(each.value):
                regs = found[1] or found[2]
                declared = c.declaration_of(regs, read.span.line)
                if regs not in own and declared is not None and declared.struct == "struct pt_regs":
                    return True
            names |= {word for word in _WORD.findall(each.value) if c.declaration_of(word, read.span.line)}
    return False


def innermost(reads: tuple[Access, ...]) -> Access | None:
    """The read that comes first, where that is one: the others are made of what it reads."""
    inner = [each for each in reads if not any(other.text in each.base for other in reads)]
    return inner[0] if inner and len({each.text for each in inner}) == 1 else None


def pointer_of(c: CFile, read: Access) -> str | None:
    """What a read starts from: `p` of `*(u32 *)(p + 64)`, `ctx->di`, `PT_REGS_PARM1(ctx)`, `*file`."""
    function, line = c.function_at(read.span.line), read.span.line
    if function is not None and any(e.variable == read.root for e in c.lookups(function.start, line)):
        return f"*{read.root}" if f"*{read.root}" in read.base else None
    if c.declaration_of(read.root, line) is not None and "->" not in read.base:
        return read.root
    path = _PATH.search(read.base)
    return path[0] if path else None


def _reads(c: CFile, first: int, last: int) -> Iterator[Access]:
    seen = set()
    for number in range(first, last + 1):
        for access in c.accesses_on(number):
            span = access.span
            if access.kind is AccessKind.DOT or access.address or span in seen or span.line != span.end_line:
                continue
            if (
                access.kind is AccessKind.ARROW
                and not _is_of_others(c, access)
                and _is_array(c, access.member)
            ):
                continue
            seen.add(span)
            if not _UNEVALUATED.search(c.line(span.line)[: span.column - 1]):
                yield access


def _is_of_others(c: CFile, access: Access) -> bool:
    """Whether the structure is one that the file does not define: its members may be called like others."""
    root = c.declaration_of(access.root, access.span.line) if access.base == access.root else None
    return root is not None and root.struct is not None and root.struct not in c.structs


def _is_array(c: CFile, member: str) -> bool:
    """Whether a member is an array in all structures that have it: then its name is an address, no read."""
    fields = [field for struct in c.structs.values() for field in struct.fields if field.name == member]
    return bool(fields) and all(field.arrays for field in fields)


def _is_allowed(c: CFile, function: Function, access: Access) -> bool:
    """Whether the access is one that the verifier lets pass: context, map value, local array."""
    if (
        access.kind is AccessKind.INDEX
        and (member := _MEMBER.fullmatch(access.base))
        and _is_array(c, member[3])
    ):
        return _is_own_memory(c, function, access, member[2])
    if access.base.strip("()* ") != access.root:
        return False
    context = function.params[0] if function.params else None
    if context is not None and access.root == context.name and access.kind is AccessKind.ARROW:
        return bool(_CONTEXT.search(f"{context.type} {context.name}"))
    lookups = c.lookups(function.start, function.end)
    if any(each.variable == access.root for each in lookups):
        return True
    declared = c.declaration_of(access.root, access.span.line)
    return declared is not None and bool(declared.arrays) and declared.scope != "parameter"


def _is_own_memory(c: CFile, function: Function, access: Access, operator: str) -> bool:
    """Whether the structure that an array is in is a local variable, a map value or a record."""
    declared = c.declaration_of(access.root, access.span.line)
    if operator == ".":
        return declared is not None and not declared.pointer
    looked_up = any(each.variable == access.root for each in c.lookups(function.start, function.end))
    return looked_up or is_given(c, access)


def _is_number(c: CFile, function: Function, access: Access) -> bool:
    """Whether the address is a number in C, too, or was one: cast from an integer."""
    declared = c.declaration_of(access.root, access.span.line)
    if declared is None:
        return bool(_NUMBER.search(access.base))
    if _INTEGER.match(declared.type):
        return True
    sets = [
        each for each in c.assignments(access.root, function.start, access.span.line) if each.operator == "="
    ]
    for each in sets:
        names = set(_WORD.findall(each.value)) - {access.root}
        kinds = [known for name in names if (known := c.declaration_of(name, each.span.line))]
        if any(_INTEGER.match(known.type) and not known.arrays for known in kinds):
            return True
    return False
