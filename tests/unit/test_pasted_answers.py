"""What is answered to texts as people paste them: one finding, its rule, its words, and what it must not say."""

# ruff: noqa: E501  (loaders' lines are as long as they are)

from __future__ import annotations

from typing import NamedTuple

import pytest

from bpfdoctor.model.diagnosis import Diagnosis, Report
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import Canvas
from bpfdoctor.render import text as as_text

RLIMIT = 'ERROR: Unknown error -1: couldn\'t set RLIMIT_MEMLOCK for bpftrace. If your program is not loading, you can try "ulimit -l 8192" to fix the problem\n'
STATS = "processed 213 insns (limit 1000000) max_states_per_insn 0 total_states 9 peak_states 9 mark_read 5\n"


class Paste(NamedTuple):
    text: str
    rule: str
    says: tuple[str, ...]
    never: tuple[str, ...] = ()


def script(place: str, message: str, line: str) -> str:
    return f"{RLIMIT}{place}: ERROR: {message}\n{line}\n~~~\n"


PASTES = {
    # compilers
    "bpftrace, a structure that the script does not define": Paste(
        "definitions.h:4:14: error: field has incomplete type 'struct inner'\ndefinitions.h:4:12: note: forward declaration of 'struct inner'\n",
        "type-not-defined",
        ("struct inner", "above its first use"),
        ("BCC",),
    ),
    "vmlinux.h in a folder": Paste(
        "k/common.h:4:10: fatal error: 'headers/vmlinux.h' file not found\n#include <headers/vmlinux.h>\n         ^\n",
        "missing-header",
        ("bpftool btf dump file /sys/kernel/btf/vmlinux format c",),
    ),
    "declared again, and what lacks its fields": Paste(
        "a.bpf.c:11:8: error: redefinition of 'mine'\nstruct mine {\n       ^\n./vmlinux.h:61:8: note: previous definition is here\n"
        "struct mine {\n       ^\na.bpf.c:30:20: error: no member named 'pid' in 'struct mine'\n  m->pid;\n  ~  ^\n2 errors generated.\n",
        "declared-twice",
        ("mine",),
        ("no field",),
    ),
    "a method of newer BCC": Paste(
        "/virtual/main.c:5:7: error: no member named 'atomic_increment' in 'struct sums_table_t'\n  sums.atomic_increment(k);\n  ~~~~ ^\n",
        "bcc-map-definition",
        ("older than the method atomic_increment",),
    ),
    "parameters without names in a header": Paste(
        "In file included from /virtual/main.c:2:\ninclude/linux/string.h:21:27: error: arguments to BPF program definition must be named\n"
        "extern char *mine(char *,const char *);\n                        ^\n",
        "kernel-headers-unfit",
        ("include/linux/string.h",),
        ("a name for each parameter",),
    ),
    "gcc, a macro that it does not know": Paste(
        "./mine_helpers.h:9:15: error: expected declaration specifiers or '...' before 'sizeof'\n static_assert(sizeof(__u8) == 1);\n               ^\n",
        "compiler-error",
        ("C11", "user space"),
    ),
    "BCC's exception alone": Paste(
        "Traceback (most recent call last):\n  File \"./mine.py\", line 4, in <module>\n    b = BPF(text=text)\nException: Failed to compile BPF text\n",
        "compiler-error",
        ("is not in this text", "2>&1"),
    ),
    # the verifier's words
    "an aligned object with too little room": Paste(
        "cannot pass in iter at an offset=-64\n" + STATS, "stack-object-offset", ("does not fit between -64",), ("aligned to eight",)
    ),
    "fentry without the kernel's BTF": Paste(
        "FENTRY/FEXIT program can only be attached to another program annotated with BTF\n", "attach-to-program", ("/sys/kernel/btf/vmlinux",), ("static",)
    ),
    "a warning, and the reason is cut": Paste(
        "program mine: load program: permission denied: trace type programs with run-time allocated hash maps are unsafe. Switch to preallocated hash maps.\n",
        "log-without-message",
        ("a warning",),
    ),
    "dmesg, the verifier's own fault": Paste("[   59.1] verifier backtracking bug (mine)\n", "verifier-bug", ("the kernel's own code",)),
    "a message behind a loader's words": Paste(
        "2024/03/02 10:11:12 Error loading BPF program: unknown func bpf_ktime_get_tai_ns#208\n", "helper-not-allowed", ("bpf_ktime_get_tai_ns",), ("classified",)
    ),
    "rbpf, in a panic": Paste(
        "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: Custom { kind: Other, error: \"[Verifier] Error: division by 0 (insn #4)\" }', src/main.rs:12:50\n",
        "other-verifier",
        ("division by 0",),
        ("crashed",),
    ),
    "Windows, bpf2c": Paste("Verification failed for mine with error error: mismatched EBPF_ARGUMENT_TYPE_PTR_TO_MAP: bpf_mine\n", "other-verifier", ("eBPF for Windows",)),
    "Windows, no type": Paste("Program type for section .text not found.\n", "other-verifier", ("SEC(",)),
    "libxdp's dispatcher": Paste(
        "libbpf: prog 'xdp_dispatcher': missing BPF prog type, check ELF section name 'xdp/dispatcher'\nlibbpf: failed to load object 'xdp-dispatcher.o'\n",
        "section-unknown",
        ("libxdp", "attaches it alone"),
        ("name the section after",),
    ),
    "a cut end under the summary that has its message": Paste(
        "Error: program mine: load program: permission denied: 30: (71) r1 = *(u8 *)(r9 +23): R9 invalid mem access 'inv' (46 line(s) omitted)\n"
        "  Verifier error tail:\n   (38 line(s) omitted)\n   28: (56) if w1 != 0x0 goto pc+178\n   29: (79) r9 = *(u64 *)(r10 -256)\n",
        "probe-read-needed",
        ("R9",),
        ("is missing, and",),
    ),
    # bpftrace, of its script
    "bpftrace, name": Paste(
        script("stdin:1:34-37", "Unknown identifier: 'lag'", 'kprobe:vfs_read { printf("%d", lag); }'),
        "bpftrace-script",
        ("stdin:1:34", "'lag'"),
        ("EPERM",),
    ),
    "bpftrace, type and what follows from it": Paste(
        'io.bt:2:10-33: ERROR: Cannot resolve unknown type "struct mine"\n  $m = (struct mine *)arg0;\n       ~~~~\n'
        "io.bt:3:12-20: ERROR: Unknown struct/union: 'struct mine'\n",
        "bpftrace-script",
        ("struct mine", "io.bt:2", "/sys/kernel/btf/vmlinux"),
    ),
    "bpftrace, syntax over lines": Paste(
        "io.bt:4-9: ERROR: syntax error, unexpected end of file\n", "bpftrace-script", ("io.bt:4", "unexpected end of file")
    ),
    "bpftrace, a message that no rule knows": Paste(
        script("stdin:1:1-20", "mine is not a hardware probe", "hardware:mine:100 { }"),
        "compiler-error",
        ("stdin:1:1", "mine is not a hardware probe"),
    ),
    "bpftrace, tracepoint": Paste(
        script("stdin:1:1-37", "tracepoint not found: sched:mine", "tracepoint:sched:mine { }"),
        "attach-failed",
        ("no tracepoint sched:mine",),
    ),
    "bpftrace, tracefs": Paste(
        script("stdin:1:1-15", "kfunc:vfs_read: could not read traceable functions from /sys/kernel/tracing/available_filter_functions (is tracefs mounted?)", "kfunc:vfs_read { }"),
        "attach-failed",
        ("mount -t tracefs",),
        ("The programs run",),
    ),
    "bpftrace, load": Paste(
        RLIMIT + "Attaching 1 probe...\nERROR: Error loading program: BEGIN (try -v)\n", "loading-step-failed", ("BEGIN",), ("EPERM",)
    ),
    "bpftrace before 0.10, indented": Paste(
        "I get this:\n\n    Attaching 1 probe...\n    bpf: Failed to load program: Invalid argument\n\n    Error loading program: kprobe:vfs_open\n",
        "load-refused",
        ("EINVAL", "kprobe:vfs_open"),
        ("no rule knows",),
    ),
    # compilers
    "asm goto": Paste(
        "./arch/x86/include/asm/x.h:1:2: error: 'asm goto' constructs are not supported yet\n  do { asm goto(\"a\"); } while (0)\n       ^\n",
        "kernel-headers-unfit",
        ("clang 9",),
        ("Which of three",),
    ),
    "a macro of another libbpf": Paste(
        "core.bpf.h:9:51: error: too many arguments provided to function-like macro invocation\n\tif (bpf_core_field_exists(struct a, b))\n\t ^\n"
        "/usr/include/bpf/bpf_core_read.h:119:9: note: macro 'bpf_core_field_exists' defined here\n"
        "core.bpf.h:9:6: error: use of undeclared identifier 'bpf_core_field_exists'\n\tif (bpf_core_field_exists(struct a, b))\n\t    ^\n2 errors generated.\n",
        "name-not-declared",
        ("bpf_core_field_exists takes other arguments", "newer"),
        ("which is not included",),
    ),
    "a structure without struct": Paste(
        "error: use of undeclared identifier '__sk_buff'\n  e = bpf_ringbuf_reserve(&rb, sizeof(__sk_buff), 0);\n                                      ^\n",
        "name-not-declared",
        ("struct __sk_buff",),
        ("usually from a header",),
    ),
    "a BCC map that is not declared": Paste(
        "/virtual/main.c:9:27: error: use of undeclared identifier 'evs'\n    struct ev *e = evs.ringbuf_reserve(sizeof(*e));\n                   ^\n",
        "bcc-map-definition",
        ("BPF_RINGBUF_OUTPUT(evs",),
    ),
    "clang's word for a structure without struct": Paste(
        "a.bpf.c:3:38: error: must use 'struct' tag to refer to type 'flow'\n    3 | { flow f; return 0; }\n      |   ^\n      |   struct \n"
        "a.bpf.c:3:44: error: variable has incomplete type 'flow'\n2 errors generated.\n",
        "compiler-error",
        ("struct flow",),
    ),
    "a map that nothing defines": Paste(
        "a.bpf.c:3:66: error: use of undeclared identifier 'flows'\n    3 |   return bpf_map_lookup_elem(&flows, &key) != 0;\n      |                               ^~~~~\n1 error generated.\n",
        "name-not-declared",
        ("flows is used as a map", "SEC(\".maps\")"),
        ("usually from a header",),
    ),
    "asm in headers without goto": Paste(
        "/lib/modules/5.4.0/build/arch/x86/include/asm/segment.h:254:2: error: expected '(' after 'asm'\n\talternative_io (\"lsl\",\n\t^\n"
        "/lib/modules/5.4.0/build/include/linux/compiler_types.h:210:24: note: expanded from macro 'asm_inline'\n#define asm_inline asm __inline\n",
        "kernel-headers-unfit",
        ("has `asm inline`", "BCC 0.12"),
        ("asm goto`",),
    ),
    "a kind of map that BCC is too old for": Paste(
        "/virtual/main.c:9:1: error: unsupported map type: maps/perf_output\nBPF_PERF_OUTPUT(events);\n^\n"
        "/virtual/main.c:19:5: error: expected initialized handle for bpf_table\n    events.perf_submit(ctx, &d, sizeof(d));\n    ^\n2 errors generated.\n",
        "bcc-map-definition",
        ("built without maps of the kind perf_output",),
        ("one of its kinds",),
    ),
    "a constant by its old word": Paste(
        "3: (b7) r1 = 0\n4: (61) r3 = *(u32 *)(r1 +0)\nR1 invalid mem access 'imm'\n",
        "null-dereference",
        ("R1, which is NULL",),
        ("pointer of kind imm",),
    ),
    "a build script that hides the compiler": Paste(
        "  thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: Build(\"Failed to compile /tmp/a.o from ./src/a.bpf.c\")', build.rs:38:39\n",
        "loading-step-failed",
        ("was not compiled", "cargo build -vv"),
    ),
    "a compiler's words in a string": Paste(
        "  thread 'main' panicked at 'failed: Build(\"Failed to compile\\n stderr=\\n ./src/a.bpf.c:15:3: error: Looks like the BPF stack limit of 512 bytes is exceeded.\\n\\n\", main.rs:2:1\n",
        "stack-too-large",
        ("./src/a.bpf.c:15",),
    ),
    "libbpf's linker": Paste(
        "libbpf: failed to find BTF info for global/extern symbol 'details_of'\n", "extern-unresolved", ("details_of", "-g")
    ),
    # the verifier's
    "a level without a time": Paste(
        "WARN load failed. name: on_write, Argument list too long errno: 7\nWARN BPF program is too large. Processed 1000001 insn\n"
        "WARN processed 1000001 insns (limit 1000000) max_states_per_insn 9 total_states 60 peak_states 10\n",
        "program-too-large",
        ("1000001",),
        ("no rule knows",),
    ),
    "remarks before the message": Paste(
        "Error: the BPF_PROG_LOAD syscall failed. Verifier output: R1 type=ctx expected=fp\nreg type unsupported for arg#0 function is_mine#25\n"
        "math between map_value pointer and register with unbounded min value is not allowed\n" + STATS,
        "unbounded-access",
        ("map_value",),
        ("address of a local variable",),
    ),
    "the steps before the message are left out": Paste(
        "0: R1=ctx(off=0,imm=0) R10=fp0\n; cur = pid & 0xffff;\n24: (63) *(u32 *)(r10 -28) = r6       ; R6_w=scalar(id=1) R10=fp0 fp-32=mmmm????\n...\n"
        "invalid indirect read from stack R3 off -144+0 size 8\n" + STATS,
        "uninitialized-stack",
        ("stack offset -144",),
        ("cur = pid", "instruction 24"),
    ),
    "zero bytes of the stack are NULL": Paste(
        "1028: (56) if w1 != 0x0 goto pc+178\n R0=inv(id=0) R1_w=inv0 R9=inv(id=0) R10=fp0 fp-256=00000000\n; if (info->flag)\n"
        "1029: (79) r9 = *(u64 *)(r10 -256)\n1030: (71) r1 = *(u8 *)(r9 +23)\nR9 invalid mem access 'inv'\n" + STATS,
        "null-dereference",
        ("NULL on this path",),
        ("probe_read",),
    ),
    "clang counts the rounds of a loop over the packet": Paste(
        "46: (1f) r7 -= r8\n47: (b7) r1 = 54\n48: (1d) if r7 == r1 goto pc+23\n R1_w=inv54 R7_w=inv(id=3) R8=pkt(id=0,off=0,r=54,imm=0) R10=fp0\n"
        "49: (bf) r3 = r8\n50: (0f) r3 += r1\n51: (71) r3 = *(u8 *)(r3 +0)\ninvalid access to packet, off=54 size=1, R3(id=0,off=54,r=54)\nR3 offset is outside of the packet\n" + STATS,
        "packet-bounds",
        ("length as a number", "54 bytes proved"),
        ("no check at all",),
    ),
    "an index that comes back from the stack": Paste(
        " R0=map_value(id=0,off=0,ks=4,vs=32768,imm=0) R7=map_value(id=0,off=0,ks=4,vs=1848,imm=0) R9=map_value(id=0,off=0,ks=4,vs=1848,imm=0) R10=fp0 fp-248=mmmmmmmm\n"
        "1587: (7b) *(u64 *)(r10 -272) = r8\n1588: (79) r7 = *(u64 *)(r10 -248)\n1589: (0f) r7 += r9\nlast_idx 1589 first_idx 1583\n"
        "math between map_value pointer and register with unbounded min value is not allowed\n" + STATS,
        "unbounded-access",
        ("R7: any number", "forgot its limits"),
        ("R9",),
    ),
    "a sum that is too large at worst": Paste(
        "141: (67) r6 <<= 3\n142: (0f) r3 += r6\n143: (79) r2 = *(u64 *)(r4 +0)\n frame1: R4_w=map_value(id=0,off=8,ks=8,vs=144,umax_value=2040,var_off=(0x0; 0x7f8)) R10=fp0\n"
        "invalid access to map value, value_size=144 off=2048 size=8\nR4 max value is outside of the allowed memory range\n" + STATS,
        "map-value-bounds",
        ("limit the index",),
        ("declare the map",),
    ),
    "a harness's name of a stream": Paste(
        "".join(f"2023-02-16T13:37:38.163267{n}Z [            ] stderr: {line}\n" for n, line in enumerate(("0: (b7) r0 = 0", "1: (61) r1 = *(u32 *)(r3 +0)", "R3 !read_ok", STATS.strip()))),
        "uninitialized-register",
        ("R3",),
    ),
    "an error of clang's in Rust's chain": Paste(
        "Caused by:\n    0: Command `clang -g -O2 -c a.bpf.c` failed (exit status: 1)\n    1: src/a.bpf.c:102:5: error: incomplete definition of type 'struct user_pt_regs'\n       int BPF_KPROBE(f)\n           ^~~~\n",
        "type-not-defined",
        ("src/a.bpf.c:102", "another processor"),
    ),
    "a log in one line that is cut": Paste(
        'time="2024-08-27T02:38:37Z" level=error msg="failed: program on_run: load program: bad address: regs=10 stack=0 before 994: (67) r4 <<= 32: regs=10 stack=0 (truncated, 960 line(s) omitted)"\n'
        'time="2024-08-27T02:38:37Z" level=info msg="Clean the version map and bpf prog"\n',
        "load-refused",
        ("on_run", "EFAULT"),
        ("Clean the",),
    ),
    "a global function under a lock": Paste(
        "566: (7b) *(u64 *)(r10 -8) = r1\n567: (85) call pc+128\nglobal function calls are not allowed while holding a lock,\nuse static function instead\n" + STATS,
        "call-in-critical-section",
        ("not static", "make the function static"),
        ("A helper is called",),
    ),
    "a log that is cut before its message": Paste(
        "libbpf: prog 'on_run': BPF program load failed: Invalid argument\nlibbpf: prog 'on_run': -- BEGIN PROG LOAD LOG --\n"
        "reg type unsupported for arg#0 function on_run#22\n0: R1=ctx(off=0,imm=0) R10=fp0\n0: (79) r6 = *(u64 *)(r1 +8)          ; R6_w=scalar()\n1: (b7) r2 = 1",
        "load-refused",
        ("only the beginning of its log", "tail -n 40"),
    ),
    "tc, cut, too complex": Paste(
        "Prog section 'ingress' rejected: Argument list too long (7)!\n - Type:         3\n - Instructions: 2559 (0 over limit)\n - License:      GPL\n\nVerifier analysis:\n\n"
        "Skipped 19625033 bytes, use 'verb' option for the full verbose log.\n[...]\n1117: (63) *(u32 *)(r7 +48) = r0\n",
        "load-refused",
        ("ingress", "limit on work"),
    ),
    "strace, a map that is made at the second try": Paste(
        "bpf: Failed to load program: Invalid argument\n\nError loading program: kprobe:vfs_open\n\n"
        "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=8, map_name=\"a\", ...}, 72) = -1 EINVAL (Invalid argument)\n"
        "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=8, max_entries=9}, 72) = 3\n",
        "load-refused",
        ("kprobe:vfs_open",),
        ("could not create a map",),
    ),
}  # fmt: skip


def report_of(text: str) -> list[Report]:
    raw = RawReport(data=text.encode(), source="paste", flavour=Flavour.LOG, stage=Stage.PASTE)
    return list(diagnose(raw))


def findings(text: str) -> list[Diagnosis]:
    return [each for report in report_of(text) for each in report.diagnoses]


@pytest.mark.parametrize("name", PASTES)
def test_one_finding_says_what_is_known_and_no_more(name: str) -> None:
    paste = PASTES[name]
    said = " ".join(as_text.render(report_of(paste.text), Canvas()).split())
    assert {each.rule for each in findings(paste.text)} == {paste.rule}
    assert said.count("error[") == 1
    for words in paste.says:
        assert words in said
    for words in paste.never:
        assert words not in said


def test_a_note_on_a_limit_is_no_failure() -> None:
    assert findings(RLIMIT + "Attaching 1 probe...\n") == []
