"""Tells the kinds of line apart by how they begin: bytes in, a kind out, at about a microsecond a line.

This is what lets a log of any size be cut into programs and error blocks without parsing it. The meaning of
a line is the business of `lines.py`; what a loader or a compiler says is told apart in `loader.py` and
`compiler.py`.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    BLANK = 0
    INSN = 1  # an instruction the verifier walked
    STATE = 2  # registers and stack
    PATH = 3  # from X to Y, safe
    COMMENT = 4  # ; source
    FRAME = 5  # caller:, callee:, returning from callee:
    NOTE = 6  # precision marks, func#0 @0 and what else says how the verifier works, never why it refuses
    TABLE = 7  # every instruction again, in the lists at level 2
    STATS = 8
    SOFT = 9  # a remark that is no failure, though it looks like one
    PAIR = 10  # cur state: / old state: behind "infinite loop detected"
    REPORT = 11  # the first line of the kernel's own report (7.3)
    BTF = 12  # the kernel's dump of BTF types
    LOADER = 13  # libbpf, bpftool, BCC, cilium/ebpf, aya, tc …
    COMPILER = 14  # clang, LLVM, BCC's front end
    ELLIPSIS = 15  # "...", "[snip]": somebody left something out
    TEXT = 16  # anything else: a message, or a user's words
    GAP = 17  # the middle of a large text, which nobody looked at


VERIFIER = frozenset({Kind.INSN, Kind.STATE, Kind.PATH, Kind.FRAME, Kind.NOTE, Kind.TABLE})


class Line(NamedTuple):
    """One line of a text: where it is, and how it begins."""

    kind: Kind
    start: int  # byte offsets in the text, without the newline
    end: int
    data: bytes

    @property
    def text(self) -> str:
        """The line for a reader. The kernel cuts its messages at 1,023 bytes; hostile lines are cut too."""
        return self.data[:2048].decode("utf-8", "replace").strip()


_STATE = rb"(?:R\d{1,2}(?:_[rwD]{1,3})?=|fp-\d+(?:_[rwD]{1,3})?=|refs=\d|R\d{1,2}=)"
_PUNCTUATION = rb"[\s.\[\](){}<>_*~=-]*"


class Shape(NamedTuple):
    """How lines of a kind begin: alternatives, and examples that a test holds against them."""

    kind: Kind
    begins: tuple[bytes, ...]
    examples: tuple[bytes, ...]


# In this order; the first that fits decides.
SHAPES = (
    Shape(Kind.BLANK, (rb"\s*$",), (b"", b"  \r")),
    Shape(
        Kind.INSN,
        (rb"(?:\d+: )?\([0-9a-f]{2}\) ", rb"\d+: <invalid "),
        (
            b"7: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)",
            b"(61) r3 = *(u32 *)(r2 +0)",  # somebody cut the number off
            b"2: <invalid kfunc call>",  # libbpf put it in the place of the instruction
        ),
    ),
    Shape(
        Kind.STATE,
        (
            rb"(?:\d+:)? {0,8}(?:frame\d+: ?)?" + _STATE,
            rb" ?frame\d+: ?(?:R|fp|refs|$)",
            rb"\d+: ?$",
        ),
        (
            b"0: R1=ctx() R10=fp0",
            b" R0=inv(id=0) R10=fp0",
            b"13: frame1: R1_w=7 R10=fp0",
            b"R0_w=inv1",
            b"8:",
        ),
    ),
    Shape(
        Kind.PATH,
        (rb"from \d+ to \d+[ :]", rb"\d+: safe"),
        (b"from 6 to 8: R0=0 R10=fp0", b"from 6 to 8 (speculative execution): safe", b"8: safe"),
    ),
    Shape(
        Kind.FRAME,
        (rb"call(?:er|ee):", rb"returning from callee:", rb"to caller at \d+:"),
        (b"caller:", b"to caller at 10:"),
    ),
    Shape(
        Kind.NOTE,
        (
            rb"(?:mark|force)_precise: ",
            rb"last_idx \d",
            rb"regs=",
            rb"parent (?:didn't have|already had) regs=",
            rb"frame ?\d+: (?:propagating|parent)",
            rb"propagating ",
            rb"func#\d+ @\d",
            rb"Validating .{1,200}\(\) func#",
            rb"Func#\d+ ",
            rb"SCC (?:enter|exit|backedge) ",
            rb".{0,80}live stack update done",
            rb"Please fix kernel include/",
            rb"CO-RE relocating ",
            rb"(?:vmlinux|module)_cand_cache:",
            rb"frame\d+ bpf_loop iteration limit reached",
            rb"signature verification passed",
            # has no newline of its own: "marking pointer arg1 as scalar as it may encode error1: R1=scalar()"
            rb"marking pointer arg\d+ as scalar ",
        ),
        (
            b"mark_precise: frame0: regs=r1 stack= before 9: (57) r1 &= -4",
            b"last_idx 11 first_idx 0",
            b"regs=2 stack=0 before 10: (67) r1 <<= 2",
            b"func#0 @0",
            b"Func#1 ('foo') is global and assumed valid.",
            b"Validating foo() func#1...",
        ),
    ),
    Shape(
        Kind.TABLE,
        (
            rb"Live regs before insn:",
            rb"(?: *\d+)? +\d+: (?:[0-9.]{10} )?\([0-9a-f]{2}\) ",
            rb"\d+: [0-9.]{10} \(",
            rb"topo_order\[\d",
            rb"subprog#\d+[: ]",
            rb"stack use/def ",
            rb"arg JOIN insn ",
        ),
        (
            b"Live regs before insn:",
            b"      2: .1........ (bf) r2 = r10",
            b"100: .12....... (85) call bpf_trace_printk#6",
            b"  2: (bf) r2 = r10\tr2: _ -> fp0+0",
            b"subprog#0: analyzing (depth 0)...",
            b"stack use/def subprog#0 entry (d0,cs0):",
        ),
    ),
    Shape(
        Kind.STATS,
        (
            rb"processed \d+ insns?\b",
            rb"verification time \d",
            rb"stack depth (?:\d|max)",
            rb"insns processed \d",
            rb"subprog \d+ \(",
        ),
        (
            b"processed 13 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1",
            b"verification time 123 usec",
            b"stack depth 8+16",
            b"subprog 0 (entry) main insns_self 6 insns_total 6 stack 16",
        ),
    ),
    Shape(
        Kind.SOFT,
        (
            rb"arg#\d+ (?:reference )?type\b.{0,200}(?:size cannot be determined|is not a struct)",
            rb"Global function .{1,200}Only those are supported",
            rb"reg type unsupported for arg#",
            rb"Unrecognized arg#\d+ type ",
            rb"btf_vmlinux is malformed",
            rb"func '.{1,200}' arg\d+ has btf_id \d+ type ",
            rb"Cannot find btf of tracepoint template",
            rb"trace type programs with run-time allocated hash maps are unsafe",
        ),
        (
            b"arg#0 reference type('UNKNOWN ') size cannot be determined: -22",
            b"Global function foo() doesn't return scalar. Only those are supported.",
            b"func 'bpf_lsm_file_open' arg0 has btf_id 601 type STRUCT 'file'",
        ),
    ),
    Shape(Kind.PAIR, (rb"(?:cur|old) state:",), (b"old state: R0_rw=ctx() R1_r=ctx() R10=fp0",)),
    Shape(
        Kind.REPORT,
        (rb"Verification failed: ",),
        (b"Verification failed: Memory Safety: Access outside bounds",),
    ),
    Shape(
        Kind.BTF,
        (
            rb"\[\d+\] [A-Z][A-Z_0-9]{2,12} ",
            rb"\t\S.{0,200} (?:type_id|val|bits_offset)=",
            rb"\t ?type_id=\d",
            rb"magic: 0x",
            rb"hdr_len: \d",
            rb"(?:type|str|layout)_(?:off|len): \d",
            rb"btf_total_size: \d",
        ),
        (b"[3] FUNC_PROTO (anon) return=4 args=(1 ctx)", b"\tdef type_id=24 bits_offset=0", b"hdr_len: 24"),
    ),
    Shape(Kind.COMMENT, (rb"; ", rb";$"), (b"; return 0; @ prog.bpf.c:12", b"; ")),
    Shape(
        Kind.ELLIPSIS,
        (_PUNCTUATION + rb"(?:(?:snip|skip\w*|cut|omitted|truncated|etc|more)" + _PUNCTUATION + rb")?$",),
        (b"...", b"[...]", b"......(skiped)", b"<snip>", b" (truncated...)", b"-----"),
    ),
    Shape(
        Kind.COMPILER,
        (
            rb"[^\s:(][^:\n(]{0,300}(?::\d+:\d+:|\(\d+,\d+\):|:\d+:) (?:fatal error|error|warning|note): ",
            rb"(?:fatal )?error: (?:error in backend|<unknown>:|/virtual/|unknown target CPU|no such file)",
            rb"(?:fatal )?error: (?:unable to open output file|linking with|.{0,200} in function )",
            rb"(?:\S*/)?(?:clang|llc|opt)(?:-\d+)?: (?:fatal )?(?:error|warning|note): ",
            rb"In file included from ",
            rb"LLVM ERROR: ",
            rb"ERROR llvm: ",
            rb"Error at line \d+: ",
            rb"Unable to find kernel headers",
            rb"cannot open kernel headers",
            rb"modprobe: (?:FATAL|ERROR)",
            rb"chdir\(",
            rb"could not open bpf map: ",
            rb"PLEASE (?:submit a bug|ATTACH)",
            rb"Stack dump:",
            rb"\d+ (?:warning|error)s?(?: and \d+ errors?)? generated",
            rb"<(?:built-in|inline asm)>:\d",
            rb"Exception: Failed to compile BPF module",
        ),
        (
            b"prog.bpf.c:6:21: error: use of undeclared identifier 'y'",
            b"/virtual/main.c:3:42: error: use of undeclared identifier 'nope'",
            b"fatal error: error in backend: Cannot select: 0x1: i64 = sdiv 0x2, 0x3",
            b"error: <unknown>:0:0: in function f i32 (): A call to built-in function 'x' is not supported.",
            b"LLVM ERROR: Cannot select: 0x1: ch = AtomicFence 0x2",
            b"clang: error: no such file or directory: 'x.c'",
            b"In file included from prog.bpf.c:1:",
            b"2 errors generated.",
            b"Exception: Failed to compile BPF module <text>",
        ),
    ),
    Shape(
        Kind.LOADER,
        (
            rb".{0,80}?\blibbpf: ?",
            rb".{0,40}?prog '[^']{1,100}': (?:-- |BPF program load|failed to load)",
            rb"-- (?:BEGIN|END) ",
            rb"(?:bpf|HINT|[Ee]rror|ERROR|[Ww]arning|WARNING|Exception): ",
            rb"Traceback \(most recent",
            rb"  File \"",
            rb"Caused by:",
            rb"thread '.{1,100}' panicked",
            rb"Prog section '",
            rb"Map object '",
            rb"Verifier analysis:",
            rb"(?:Error fetching program|Unable to load program|Log buffer too small|BTF debug data section)",
            rb" - (?:Type|Instructions|License|Attach Type): ",
            rb"PROCESSING ",
            rb"VERIFIER LOG:",
            rb"(?:Kernel e|E)rror log:",
            rb"libxdp: ",
            rb"Couldn't attach ",
            # somewhere in a longer line
            rb".{0,200}?(?:Verifier output: |verifier_log: |log_buf ?[=:] ?)",
            rb".{0,200}?(?:\(os error \d+\)|System error, errno: \d)",
            rb".{0,200}?(?:bpf_load_program\(\) err=|bpf_(?:prog_)?load(?:_program)?\b.{0,40}(?:failed|err))",
            rb".{0,200}?\b(?:load program|map create|load BTF|apply CO-RE relocations): ",
            rb".{0,200}?\b(?:fixup (?:and load|kfuncs)|error while loading \"|line\(s\) omitted\))",
            rb".{0,200}?(?:program|map) [\w.]{1,64}: (?:map|load|apply|unknown|missing|fixup|can't)",
            rb".{0,200}?(?:[Bb][Pp][Ff] syscall (?:failed|error)|BPF object\b.{0,60}: |BTF error: )",
            rb".{0,200}?(?:failed to create map `|error parsing BPF object|Failed to load program )",
            rb".{0,200}?error relocating ",
        ),
        (
            b"libbpf: prog 'handle_exec': BPF program load failed: Permission denied",
            b"WARNING: libbpf: prog 'x': -- BEGIN PROG LOAD LOG --",
            b"bpf: Failed to load program: Permission denied",
            b"Error: the BPF_PROG_LOAD syscall failed. Verifier output: 0: R1=ctx() R10=fp0",
            b"field Drop: program drop: load program: permission denied: 0: (95) exit: R0 !read_ok",
            b"Prog section 'action' rejected: Permission denied (13)!",
            b"    Permission denied (os error 13)",
        ),
    ),
)

_ANY = re.compile(
    b"|".join(b"(?P<%s>%s)" % (shape.kind.name.encode(), b"|".join(shape.begins)) for shape in SHAPES)
)
_BY_NAME = {kind.name: kind for kind in Kind}


def kind_of(line: bytes) -> Kind:
    """The kind of one line, which has no newline."""
    match = _ANY.match(line)
    return _BY_NAME[match.lastgroup or "TEXT"] if match else Kind.TEXT


def lines_of(text: bytes, offset: int = 0) -> list[Line]:
    """The lines of `text`, which stands at `offset` in the whole."""
    found = []
    for line in text.split(b"\n"):
        end = offset + len(line)
        found.append(Line(kind_of(line), offset, end, line))
        offset = end + 1
    return found
