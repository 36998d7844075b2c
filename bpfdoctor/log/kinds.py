"""The kinds of line that a text can have, and how the lines of each begin: the one table of line starts.

What a loader or a compiler says is told apart in `loader.py` and `compiler.py`, the meaning of the verifier's
lines is the business of `lines.py`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    BLANK = 0
    INSN = 1  # an instruction the verifier walked
    STATE = 2  # registers and stack
    FROM = 3  # from X to Y: a branch taken up again
    SAFE = 4  # "8: safe": a known state, this path ends here
    COMMENT = 5  # ; source
    CALL = 6  # caller:, callee:, returning from callee:
    PRECISION = 7  # the verifier walks back to mark registers precise
    NOTE = 8  # func#0 @0 and what else says how the verifier works, never why it refuses
    TABLE = 9  # every instruction again, in the lists at level 2
    STATS = 10
    SOFT = 11  # a remark that is no failure, though it looks like one
    LOOP = 12  # cur state: / old state: after "infinite loop detected"
    REPORT = 13  # the first line of the kernel's own report (7.3); the others are known by where they are
    BTF = 14  # the kernel's dump of BTF types
    LOADER = 15  # libbpf, bpftool, BCC, cilium/ebpf, aya, tc …
    COMPILER = 16  # clang, LLVM, BCC's front end
    ELLIPSIS = 17  # "...", "[snip]": somebody left something out
    TEXT = 18  # anything else: a message, or a user's words
    GAP = 19  # the inside of a log in a large text, which nobody looked at
    BREAK = 20  # what a large text has between its logs


VERIFIER = frozenset(
    {Kind.INSN, Kind.STATE, Kind.FROM, Kind.SAFE, Kind.CALL, Kind.PRECISION, Kind.NOTE, Kind.TABLE}
)


class Shape(NamedTuple):
    """How lines of a kind look. `begins` are literal, `pattern` fits the beginning as well, and `holds` stand
    somewhere in the line's first bytes. A test holds the examples against all of them.
    """

    kind: Kind
    begins: tuple[bytes, ...] = ()
    pattern: bytes = rb"(?!)"
    holds: tuple[bytes, ...] = ()
    examples: tuple[bytes, ...] = ()


_STATE = rb"(?:R\d{1,2}(?:_[rwD]{1,3})?=|fp-\d+(?:_[rwD]{1,3})?=|refs=\d)"
_DOTS = rb"[\s.\[\](){}<>_*~=-]*"

# A literal beginning decides first, then the patterns in this order, then what a line holds.
SHAPES = (
    # All that Python calls white space, in UTF-8: what is stripped of it leaves no line to show.
    Shape(
        Kind.BLANK,
        pattern=rb"(?:[\s\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]"
        rb"|\xe2\x81\x9f|\xe3\x80\x80)*$",
        examples=(b"", b"  \r", b"\x1f", "\u2003".encode()),
    ),
    Shape(
        Kind.INSN,
        pattern=rb"(?:\d+: )?\([0-9a-f]{2}\) (?!frame|live )|\d+: (?:<invalid |BUG_)",
        examples=(
            b"7: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)",
            b"(61) r3 = *(u32 *)(r2 +0)",  # somebody cut the number off
            b"2: <invalid kfunc call>",  # libbpf put it in the place of the instruction
        ),
    ),
    Shape(
        Kind.STATE,
        pattern=(
            rb"(?:\d+:)? {0,8}(?:frame\d+: ?)?"
            + _STATE
            + rb"|(?:\d+:)? {0,8}frame\d+: ?(?:R|fp|refs|$)|\d+: ?$"
            # That message has no newline of its own.
            rb"|marking pointer arg\d+ as scalar .{0,200}error\d+:"
        ),
        examples=(
            b"marking pointer arg1 as scalar as it may encode error1: R1=scalar()",
            b"0: R1=ctx() R10=fp0",
            b" R0=inv(id=0) R10=fp0",
            b"13: frame1: R1_w=7 R10=fp0",
            b"R0_w=inv1",
            b"56: frame1:",
            b"8:",
        ),
    ),
    Shape(
        Kind.FROM,
        pattern=rb"from \d+ to \d+[ :]",
        examples=(b"from 6 to 8: R0=0 R10=fp0", b"from 6 to 8 (speculative execution): safe"),
    ),
    Shape(Kind.SAFE, pattern=rb"\d+: safe", examples=(b"8: safe",)),
    Shape(
        Kind.CALL,
        (b"caller:", b"callee:", b"returning from callee:", b"to caller at "),
        examples=(b"caller:", b"to caller at 10:"),
    ),
    Shape(
        Kind.PRECISION,
        (
            b"mark_precise: ",
            b"force_precise: ",
            b"last_idx ",
            b"regs=",
            b"parent didn't have regs=",
            b"parent already had regs=",
            b"propagating ",
        ),
        pattern=rb"frame ?\d+: (?:propagating|parent)",
        examples=(
            b"mark_precise: frame0: regs=r1 stack= before 9: (57) r1 &= -4",
            b"last_idx 11 first_idx 0",
            b"regs=2 stack=0 before 10: (67) r1 <<= 2",
            b"frame 0: propagating r3,r4",
        ),
    ),
    Shape(
        Kind.NOTE,
        (
            b"Validating ",
            b"Func#",
            b"SCC enter ",
            b"SCC exit ",
            b"SCC backedge ",
            b"CO-RE relocating ",
            b"vmlinux_cand_cache:",
            b"module_cand_cache:",
            b"Please fix kernel include/",
            b"signature verification passed",
        ),
        pattern=rb"\(\d+(?:,\d+)*\) (?:frame|live )|frame\d+ bpf_loop iteration|func#\d+ @\d",
        examples=(
            b"(0) live stack update done in 3 iterations",
            b"func#0 @0",
            b"Func#1 ('foo') is global and assumed valid.",
            b"Validating foo() func#1...",
        ),
    ),
    Shape(
        Kind.TABLE,
        (b"Live regs before insn:", b"topo_order[", b"subprog#", b"stack use/def ", b"arg JOIN insn "),
        pattern=(
            rb"(?: *\d+)? +\d+: (?:[0-9.]{10,} )?(?:\([0-9a-f]{2}\) |<invalid |BUG_)"
            rb"|\d+: [0-9.]{10,} (?:\(|BUG_)"
        ),
        examples=(
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
        (b"verification time ", b"insns processed "),
        pattern=rb"processed \d+ insns?\b|stack depth (?:max )?\d++(?! exceeds)|subprog \d+ \(",
        examples=(
            b"processed 13 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1",
            b"verification time 123 usec",
            b"stack depth 8+16",
            b"subprog 0 (entry) main insns_self 6 insns_total 6 stack 16",
        ),
    ),
    Shape(
        Kind.SOFT,
        (
            b"reg type unsupported for arg#",
            b"Unrecognized arg#",
            b"btf_vmlinux is malformed",
            b"Cannot find btf of tracepoint template",
            b"trace type programs with run-time allocated hash maps are unsafe",
        ),
        pattern=(
            rb"arg#\d+ (?:reference )?type\b.{0,200}(?:size cannot be determined|is not a struct)"
            rb"|Global function .{1,200}Only those are supported|func '.{1,200}' arg\d+ has btf_id \d+ type "
        ),
        examples=(
            b"arg#0 reference type('UNKNOWN ') size cannot be determined: -22",
            b"Global function foo() doesn't return scalar. Only those are supported.",
            b"func 'bpf_lsm_file_open' arg0 has btf_id 601 type STRUCT 'file'",
        ),
    ),
    Shape(Kind.LOOP, (b"cur state:", b"old state:"), examples=(b"old state: R0_rw=ctx() R10=fp0",)),
    Shape(Kind.REPORT, (b"Verification failed: ",), examples=(b"Verification failed: Policy: Not allowed",)),
    Shape(
        Kind.BTF,
        (
            b"magic: 0x",
            b"btf_total_size: ",
            b"hdr_len: ",
            b"type_off: ",
            b"type_len: ",
            b"str_off: ",
            b"str_len: ",
            b"layout_off: ",
            b"layout_len: ",
        ),
        pattern=rb"\[\d+\] [A-Z][A-Z_0-9]{2,12} "
        rb"|[\t ]{1,40}\S.{0,200} (?:type_id|val|bits_offset)=|\t ?type_id=\d",
        examples=(
            b"[3] FUNC_PROTO (anon) return=4 args=(1 ctx)",
            b"\tdef type_id=24 bits_offset=0",
            b"hdr_len: 24",
        ),
    ),
    Shape(Kind.COMMENT, (b"; ",), pattern=rb";$", examples=(b"; return 0; @ prog.bpf.c:12", b"; ", b";")),
    Shape(
        Kind.ELLIPSIS,
        pattern=_DOTS + rb"(?:(?:snip|skip\w*|cut|omitted|truncated|etc|more)" + _DOTS + rb")?$",
        examples=(b"...", b"[...]", b"......(skiped)", b"<snip>", b" (truncated...)", b"-----"),
    ),
    Shape(
        Kind.COMPILER,
        (
            b"In file included from ",
            b"LLVM ERROR: ",
            b"ERROR llvm: ",
            b"Error at line ",
            b"error: error in backend: ",
            b"fatal error: error in backend: ",
            b"error: <unknown>:",
            b"error: /virtual/",
            b"error: unknown target CPU",
            b"error: unknown target triple",
            b"error: unable to create target",
            b"error: option '",
            b"error: no such file",
            b"error: linking with ",
            b"Unable to find kernel headers",
            b"cannot open kernel headers",
            b"modprobe: FATAL",
            b"modprobe: ERROR",
            b"chdir(",
            b"could not open bpf map: ",
            b"PLEASE submit a bug",
            b"PLEASE ATTACH",
            b"Stack dump:",
            b"<built-in>:",
            b"<inline asm>:",
            b"Exception: Failed to compile BPF ",
        ),
        pattern=(
            rb"[^\s:(][^:\n(]{0,300}(?::\d+:\d+:|\(\d+,\d+\):|:\d+:) (?:fatal error|error|warning|note): "
            # bpftrace, of its script, but for what it misses in the kernel
            rb"|[^\s:(][^:\n(]{0,300}:\d+(?::\d+)?-\d+: ERROR: "
            rb"(?!tracepoint not found|[^\n]{0,200}(?:not available for your kernel|could not read traceable|"
            rb"is not traceable))"
            rb"|(?:\S*/)?(?:clang|llc|opt|(?:bpf-[\w-]{1,20})?gcc)(?:-\d+)?: "
            rb"(?:fatal )?(?:error|warning|note): "
            rb"|\d+ (?:warning|error)s?(?: and \d+ errors?)? generated"
            # the shell and Make, of a tool that is not installed
            rb"|(?:\S{0,60}/)?(?:(?:ba|da|z)?sh|make(?:\[\d\])?): (?:\d{1,4}: |line \d{1,4}: )?"
            rb"(?:clang(?:\+\+)?|llc|opt|llvm-[a-z]{2,12}|bpftool|bpf-(?:gcc|linker)|pahole)(?:-\d{1,2})?"
            rb": (?:[Cc]ommand )?not found"
        ),
        examples=(
            b"prog.bpf.c:6:21: error: use of undeclared identifier 'y'",
            b"/virtual/main.c:3:42: error: use of undeclared identifier 'nope'",
            b"fatal error: error in backend: Cannot select: 0x1: i64 = sdiv 0x2, 0x3",
            b"error: <unknown>:0:0: in function f i32 (): A call to built-in function 'x' is not supported.",
            b"LLVM ERROR: Cannot select: 0x1: ch = AtomicFence 0x2",
            b"clang: error: no such file or directory: 'x.c'",
            b"error: option 'cf-protection=return' cannot be specified on this target",
            b"In file included from prog.bpf.c:1:",
            b"stdin:1:34-37: ERROR: Unknown identifier: 'foo'",
            b"2 errors generated.",
            b"/bin/sh: 1: llc: not found",
            b"make: clang: Command not found",
            b"Exception: Failed to compile BPF module <text>",
        ),
    ),
    Shape(
        Kind.LOADER,
        (
            b"libbpf:",
            b"libxdp: ",
            b"bpf: ",
            b"-- BEGIN ",
            b"-- END ",
            b"HINT: ",
            b"Error: ",
            b"ERROR: ",
            b"Warning: ",
            b"WARNING: ",
            b"Exception: ",
            b"Traceback (most recent",
            b'  File "',
            b"Caused by:",
            b"thread '",
            b"Prog section '",
            b"Map object '",
            b"Verifier analysis:",
            b"Error fetching program",
            b"Unable to load program",
            b"BTF debug data section",
            b"Log buffer too small",
            b"Skipped ",
            b" - Type: ",
            b" - Instructions: ",
            b" - License: ",
            b" - Attach Type: ",
            b"PROCESSING ",
            b"VERIFIER LOG:",
            b"Kernel error log:",
            b"The verifier log:",
            b"Bytecode: ",
            b"Error log:",
            b"Error loading program: ",
            b"Couldn't attach ",
        ),
        pattern=rb" *File {2,}Program {2,}Verdict",
        holds=(
            b"libbpf: ",
            b"': -- BEGIN PROG",
            b"': -- END PROG",
            b"': BPF program load failed",
            b"': failed to load: ",
            b"Verifier output:",
            b"verifier_log: ",
            b"log_buf =",
            b"log_buf:",
            b"(os error ",
            b"System error, errno: ",
            b"bpf_load_program() err=",
            b"load program: ",
            b"map create: ",
            b"ebpf_create_map() failed: ",
            b"load BTF: ",
            b"apply CO-RE relocations: ",
            b'error while loading "',
            b"line(s) omitted)",
            b"BPF syscall failed",
            b"bpf syscall error",
            b"Failed to load BPF object",
            b"Failed to load program ",
            b"failed to create map `",
            b"error parsing BPF object",
            b"error relocating ",
            b"BTF error: ",
        ),
        examples=(
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
