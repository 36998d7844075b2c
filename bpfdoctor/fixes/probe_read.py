"""Copies what lies at a kernel's or a process's address into variables with a helper, and uses those."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import registers_read
from bpfdoctor.fixes.copied_whole import whole_copied
from bpfdoctor.fixes.core_read import as_macros
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Flavour
from bpfdoctor.source.cvalues import Access, AccessKind, Assignment, Declaration, Span, Statement
from bpfdoctor.source.kernel_reads import (
    is_given,
    is_of_the_process,
    is_the_kernels,
    reads_like,
    refused_reads,
)  # fmt: skip

_PREFIX = re.compile(r"^[a-z]{1,3}_(?=[a-z]\w{2,})")  # f_flags, sk_family
_POINTED = re.compile(r"\(\s*(?:const\s+|volatile\s+)*(?P<type>\w[\w ]*?)\s*\*\s*\)")
_USER = (
    *("tracepoint/syscalls/sys_enter", "tp/syscalls/sys_enter", "ksyscall/"),
    *("uprobe", "uretprobe", "usdt"),
)
_USER_NAMES = ("syscall__", "tracepoint__syscalls__sys_enter", "uprobe__", "uretprobe__")
_NUMBER = re.compile(r"[us](?:8|16|32|64)|__[us](?:8|16|32|64)|(?:unsigned |signed )?(?:char|short|int|long)")
_MOST = 12  # reads in one function that are rewritten


@dataclass(frozen=True, slots=True)
class _Read:
    """One read. `variable` gets the copy; `into` is what was declared for it in the program already."""

    access: Access
    statement: Statement
    variable: str
    type: str  # "{}" stands for the access
    zero: str
    into: Assignment | None = None
    declared: Declaration | None = None  # `into` is its initialiser


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `code`, its lines. All reads of the function that need it: one patch has to do."""
    at = site(context)
    if at is None:
        return
    yield from registers_read.ways(at)
    found = refused_reads(at.c, at.line) or _reads_before(at)
    refused = tuple(each for each in found if not is_given(at.c, each)) or found
    reads = reads_like(at.c, at.function, refused) if refused else ()
    by_process = any(is_of_the_process(at.c, each, at.context) for each in refused)
    user = by_process or _in_user_memory(context, at)
    user = user and not any(is_the_kernels(at.c, each) for each in refused)
    if not user:  # what leads into the process's memory is read by another helper, when it is its turn
        reads = tuple(each for each in reads if not is_of_the_process(at.c, each, at.context))
    helper = "bpf_probe_read_user" if user else "bpf_probe_read_kernel"
    if not reads:
        yield tuple(_in_macro(at, helper))
    elif len(reads) <= _MOST and not any(each.written for each in reads):
        yield as_macros(at, reads, user)
        yield _copied(context, at, reads, refused, helper)
        yield whole_copied(at, reads, helper)


def _reads_before(at: Site) -> tuple[Access, ...]:
    """Where the variables of the line were read: the compiler puts off what is used only there."""
    made = at.c.assignments(None, at.function.start, at.line - 1)
    lines = [each.span.line for each in made if each.target in at.c.names_on(at.line) and "->" in each.value]
    return next((reads for line in reversed(lines) if (reads := refused_reads(at.c, line))), ())


def _copied(
    context: Context, at: Site, reads: tuple[Access, ...], refused: tuple[Access, ...], helper: str
) -> tuple[Plan, ...]:
    """Copies with a helper, into variables of their own."""
    size = context.step.insn.size if context.step else None
    taken: set[str] = set()
    planned: list[_Read] = []
    for access in reads:
        statement = at.c.statement_around(access.span.line, access.span.column)
        if statement is None:
            return ()
        planned.append(_planned(at, access, statement, taken, size if access in refused else None))
    writer = _Writer(at, planned, helper)
    plans = tuple(writer.plans())
    return plans if writer.placed else ()


def _in_macro(at: Site, helper: str) -> Iterator[Plan]:
    """The read in the body of a macro that the refused line uses."""
    from bpfdoctor.source.csyntax import CFile

    for name in sorted(at.c.names_on(at.line) | {call.name for call in at.c.calls_on(at.line)}):
        macro = at.c.macros.get(name)
        line = at.c.line(macro.line) if macro is not None else ""
        if macro is None or line.count(macro.value) != 1:
            continue
        body = CFile(f"int f(void)\n{{\nreturn {macro.value};\n}}\n")
        reads = [read for read in body.accesses_on(3) if read.kind is not AccessKind.DOT and not read.address]
        if len(reads) == 1 and not reads[0].written and line.count(reads[0].text) == 1:
            read = reads[0]
            address = read.text[1:].strip() if read.kind is AccessKind.DEREF else f"&{read.text}"
            type_ = _type(at, read).replace("{}", read.text)
            copied = f"{type_} _value = {{0}}; {helper}(&_value, sizeof(_value), {address});"
            column = line.index(read.text) + 1
            text = f"({{ {copied} _value; }})"
            yield at.replacement(macro.line, column, column + len(read.text), text)
            return


def _planned(at: Site, access: Access, statement: Statement, taken: set[str], size: int | None) -> _Read:
    type_ = _type(at, access)
    into = _into(at, access, statement)
    if into is not None and not statement.in_head and not statement.guarded:
        declared = at.c.declaration_of(into.target, access.span.line) if into.target.isidentifier() else None
        own = declared if declared is not None and declared.initialiser == access.text else None
        if declared is not None and (own is None or own.alone) and _same_size(at, declared, type_, size):
            return _Read(
                access, statement, into.target, type_, "NULL" if declared.pointer else "0", into, own
            )
    wish = (
        _PREFIX.sub("", access.member)
        if access.member.isidentifier() and access.kind is AccessKind.ARROW
        else "value"
    )
    return _Read(access, statement, at.fresh_name(wish, taken), type_, _zero(at, access, type_))


def _into(at: Site, access: Access, statement: Statement) -> Assignment | None:
    """`x = access;`, as a statement or a declaration of its own."""
    found = at.c.assignments(None, access.span.line, access.span.line)
    same = [each for each in found if each.operator == "=" and each.value == access.text]
    here = [each for each in same if _holds(each.span, access.span)]
    if not here or statement.kind not in ("declaration", "expression_statement"):
        return None
    whole = statement.kind == "declaration" or _is_all_of(here[0].span, statement.span)
    return here[0] if whole and statement.span.line == statement.span.end_line else None


def _is_all_of(span: Span, statement: Span) -> bool:
    """Whether an expression and its semicolon are a whole statement."""
    return (span.line, span.column) == (statement.line, statement.column) and (
        (span.end_line, span.end_column + 1) == (statement.end_line, statement.end_column)
    )


def _holds(outer: Span, inner: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (
        (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _same_size(at: Site, declared: Declaration, type_: str, size: int | None) -> bool:
    """Whether the variable is as large as what is read; of the refused read the instruction tells."""
    from bpfdoctor.source.syntax_types import SyntaxTypes

    if declared.arrays or declared.scope != "local":
        return False
    if re.sub(r"\bconst\b", "", declared.type).split() == type_.split():
        return True
    types = SyntaxTypes(at.c)
    id_ = types.declared(declared.type, ())
    own = 8 if declared.pointer else types.size(id_) if id_ is not None else None
    return size is not None and own == size


def _type(at: Site, access: Access) -> str:
    """The type of what is read, without const: a constant copy would be worth its first value for ever."""
    cast = _POINTED.search(access.base) if access.kind in (AccessKind.DEREF, AccessKind.INDEX) else None
    if cast is not None and access.base[: cast.start()].strip("( ") == "":
        return cast["type"]
    root = at.c.declaration_of(access.root, access.span.line)
    if root is None or "const" not in root.type:
        return "typeof({})"
    if (
        access.kind in (AccessKind.DEREF, AccessKind.INDEX)
        and access.base == access.root
        and root.type.count("*") == 1
    ):
        return root.type.replace("const", "").replace("*", "").strip()
    return "typeof((0, {}))"


def _zero(at: Site, access: Access, type_: str) -> str:
    """`0` for what is used as a number; `{0}` is right for everything."""
    before, behind = at.c.line(access.span.line)[: access.span.column - 1], _behind(at, access)
    operator = re.search(r"[-+*/%&|^<>=!]\s*$", before) or re.match(r"\s*(?:[-+*/%|^<>]|&|[=!]=)", behind)
    condition = re.search(r"\b(?:if|while|return)\s*\(?\s*$", before)
    return "0" if _NUMBER.fullmatch(type_) or (operator and "= " not in before[-3:]) or condition else "{0}"


def _behind(at: Site, access: Access) -> str:
    return at.c.line(access.span.line)[access.span.end_column - 1 :]


class _Writer:
    """Turns planned reads into changes, statement by statement, inner reads first."""

    def __init__(self, at: Site, reads: list[_Read], helper: str) -> None:
        self._at, self._reads, self._helper = at, reads, helper
        self.placed = True  # whether every read found a place for its lines

    def plans(self) -> Iterator[Plan]:
        for statement in dict.fromkeys(each.statement.span for each in self._reads):
            yield from self._statement([each for each in self._reads if each.statement.span == statement])

    def _statement(self, reads: list[_Read]) -> Iterator[Plan]:
        outer = [r for r in reads if not any(self._inside(r, other) for other in reads)]
        code: list[tuple[str, str]] = []
        copied: dict[str, str] = {}
        for read in outer:
            span, same = read.access.span, copied.get(read.access.text)
            if same is not None:
                yield self._at.replacement(span.line, span.column, span.end_column, same)
            elif read.statement.in_head or read.statement.guarded:
                inside = " ".join(f"{made} {call}" for made, call in self._copied(read, reads))
                text = f"({{ {inside} {read.variable}; }})"
                yield self._at.replacement(span.line, span.column, span.end_column, text)
            elif read.into is None:
                code += self._copied(read, reads)
                copied[read.access.text] = read.variable
                yield self._at.replacement(span.line, span.column, span.end_column, read.variable)
            else:
                code += self._inner(read, reads)
                yield from self._direct(read, reads)
        if code:
            span = outer[0].access.span
            lines = [*(made for made, _ in code), "", *(call for _, call in code)]
            inserted = self._at.lines_before(span.line, lines, span.column)
            self.placed = self.placed and bool(inserted)
            yield from inserted

    def _direct(self, read: _Read, reads: list[_Read]) -> Iterator[Plan]:
        """`u32 x = *p;` becomes `u32 x = 0; helper(&x, …);`, `x = *p;` the call alone."""
        span, call = read.statement.span, self._call(read, reads)
        if read.declared is None:
            yield self._at.replacement(span.line, span.column, span.end_column, call)
            return
        value = read.access.span
        between = "\n" + self._at.c.indent_of(span.line) if self._at.c.stands_alone(span) else " "
        yield self._at.replacement(value.line, value.column, value.end_column, read.zero)
        yield self._at.replacement(span.line, span.end_column, span.end_column, between + call)

    def _copied(self, read: _Read, reads: list[_Read]) -> list[tuple[str, str]]:
        """(declaration, call) of a read, and of those that its address is made of."""
        type_ = read.type.replace("{}", self._text(read, reads))
        followed = any(self._inside(read, other) for other in reads) and type_.startswith("typeof")
        made = f"{type_} {read.variable} = {'NULL' if followed else read.zero};"
        return [*self._inner(read, reads), (made, self._call(read, reads))]

    def _inner(self, read: _Read, reads: list[_Read]) -> list[tuple[str, str]]:
        inside = [r for r in reads if self._inside(r, read)]
        direct = [r for r in inside if not any(self._inside(r, other) for other in inside)]
        return [pair for r in direct for pair in self._copied(r, reads)]

    def _call(self, read: _Read, reads: list[_Read]) -> str:
        text = self._text(read, reads)
        address = text[1:].strip() if read.access.kind is AccessKind.DEREF else f"&{text}"
        return f"{self._helper}(&{read.variable}, sizeof({read.variable}), {address});"

    def _text(self, read: _Read, reads: list[_Read]) -> str:
        """The access as written, with the reads inside it replaced by their copies."""
        text = read.access.text
        for inner in sorted(reads, key=lambda r: -len(r.access.text)):
            if self._inside(inner, read):
                text = text.replace(inner.access.text, inner.variable)
        return text

    @staticmethod
    def _inside(inner: _Read, outer: _Read) -> bool:
        return inner is not outer and _holds(outer.access.span, inner.access.span)


def _in_user_memory(context: Context, at: Site) -> bool:
    """Whether pointers among the program's arguments are the process's own: of a system call, in a uprobe."""
    name = context.raw.program.name if context.raw.program else None
    if (at.function.section or "").startswith(_USER) or (name or "").startswith(_USER_NAMES):
        return True
    return (
        context.raw.flavour is Flavour.PYTHON and name is not None and _attached_to_user_code(context, name)
    )


def _attached_to_user_code(context: Context, name: str) -> bool:
    """Whether a tool attaches the function to a uprobe or a USDT probe."""
    text = context.source.text(context.raw.source) or ""
    quoted = rf"['\"]{re.escape(name)}['\"]"
    return bool(re.search(rf"\b(?:attach_u(?:ret)?probe|enable_probe\w*)\s*\([^()]*{quoted}", text))
