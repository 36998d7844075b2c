"""What can be said about a C text: functions, declarations, expressions, conditions."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text. Lines and columns (in characters) count from 1; `end_column` is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def holds(self, line: int) -> bool:
        return self.line <= line <= self.end_line


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function with a body. `name` is the program's name in the kernel also where a macro makes it."""

    name: str
    span: Span
    body: Span
    params: tuple[Param, ...]
    returns: str  # the return type: "int", "static" and attributes left out
    static: bool = False
    inline: bool = False
    noinline: bool = False
    section: str | None = None  # xdp of SEC("xdp")
    macro: str | None = None  # BPF_PROG, TRACEPOINT_PROBE …

    @property
    def start(self) -> int:
        return self.span.line

    @property
    def end(self) -> int:
        return self.span.end_line


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where a name is declared. `span` is the declarator, `statement` the whole declaration."""

    name: str
    type: str  # without arrays: "struct iphdr *", "char"
    span: Span
    statement: Span
    initialiser: str | None = None
    arrays: tuple[str, ...] = ()  # size expressions as written: ("16",); "" for []
    struct: str | None = None  # "struct val_t", without pointers; also "union u"
    scope: str = "local"  # local | parameter | global
    alone: bool = True  # the declaration declares nothing else

    @property
    def pointer(self) -> bool:
        return self.type.endswith("*")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression. `kind` is tree-sitter's: field_expression, call_expression, identifier …"""

    text: str
    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Use:
    """A name in an expression."""

    span: Span
    written: bool = False  # assigned to, ++
    address: bool = False  # &name


@dataclass(frozen=True, slots=True)
class Argument:
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `receiver` is the map of BCC's `map.lookup(&key)`; `name` is then "lookup"."""

    name: str
    args: tuple[Argument, ...]
    span: Span
    receiver: str | None = None


class AccessKind(StrEnum):
    """How a member, an element or a pointee is reached."""

    ARROW = "arrow"  # a->b
    DOT = "dot"  # a.b
    INDEX = "index"  # a[i]
    DEREF = "deref"  # *a


@dataclass(frozen=True, slots=True)
class Access:
    """A member, element or pointee. `base` is what stands before -> . [ or after the *."""

    text: str
    kind: AccessKind
    base: str
    member: str  # field name or index expression; "" for deref
    root: str  # the leftmost name: `a` of a->b.c[i]
    span: Span
    member_span: Span
    written: bool = False
    address: bool = False  # &udp->dest: no access, only an address


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target = value`, `target += value`, `target++`, or a declaration with an initialiser."""

    target: str
    operator: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left == right`, `left != right`, or a case of a `switch (left)`. `span`: the case's, or all."""

    left: str
    right: str
    span: Span


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition before a line. `encloses`: the line is in its body; `branch` says in which part."""

    text: str
    kind: str  # if | while | for | do | ?: | switch
    span: Span
    names: frozenset[str]
    encloses: bool
    branch: str | None = None  # then | else | body
    exit: str = ""  # `return 0;`, `goto out;`, `break;`, `continue;`: what its body ends with
    elsewhere: bool = False  # in a case or a block that the line is not in: there are ways past it

    @property
    def exits(self) -> bool:
        """Whether its body always leaves."""
        return self.exit != ""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop. `bound` is what the counter is compared with, when the head says so."""

    kind: str  # for | while | do | bpf_for | bpf_for_each | bpf_repeat | another macro's name
    span: Span
    head: Span
    condition: str
    bound: str | None = None
    variable: str | None = None
    unrolled: bool = False  # #pragma unroll in front


@dataclass(frozen=True, slots=True)
class Return:
    value: str  # "" for a bare return
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """The innermost statement at a place. `braced`: in a block, so another can be put before it.

    `in_head`: the place is in a loop's head, which runs again in each round; `guarded`: it is evaluated only
    under a condition of the same statement.
    """

    kind: str
    span: Span
    braced: bool
    in_head: bool = False
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """`variable = bpf_map_lookup_elem(&map, key)` or BCC's `map.lookup(key)`."""

    variable: str
    map: str
    key: str
    span: Span  # of the statement
    function: str  # bpf_map_lookup_elem, lookup, lookup_or_try_init …


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    line: int
    arrays: tuple[str, ...] = ()
    bits: str | None = None


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct or union with its members, as written."""

    name: str  # "struct val_t", or the typedef's name
    span: Span
    fields: tuple[Field, ...]
    attributes: bool = False  # __packed, aligned …: not laid out as usual


@dataclass(frozen=True, slots=True)
class MapDeclaration:
    """A map: `kind` is BPF_MAP_TYPE_HASH … or BCC's macro; types as written, None where not given."""

    name: str
    kind: str
    line: int
    key: str | None = None
    value: str | None = None
    max_entries: str | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How the file is laid out, for inserted lines."""

    indent: str  # one level: "\t" or some spaces
    newline: str  # "\n" or "\r\n"
    brace_below: bool = False  # the opening brace of an if is on a line of its own
