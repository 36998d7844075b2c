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
        ("no such tracepoint",),
    ),
    "bpftrace, tracefs": Paste(
        script("stdin:1:1-15", "kfunc:vfs_read: could not read traceable functions from /sys/kernel/tracing/available_filter_functions (is tracefs mounted?)", "kfunc:vfs_read { }"),
        "attach-failed",
        ("mount -t tracefs",),
        ("The programs run",),
    ),
    "bpftrace, load": Paste(
        RLIMIT + "Attaching 1 probe...\nERROR: Error loading program: BEGIN (try -v)\n", "load-refused", ("BEGIN",), ("EPERM",)
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
        ("fp-144",),
        ("cur = pid", "instruction 24"),
    ),
    "zero bytes of the stack are NULL": Paste(
        "1028: (56) if w1 != 0x0 goto pc+178\n R0=inv(id=0) R1_w=inv0 R9=inv(id=0) R10=fp0 fp-256=00000000\n; if (info->flag)\n"
        "1029: (79) r9 = *(u64 *)(r10 -256)\n1030: (71) r1 = *(u8 *)(r9 +23)\nR9 invalid mem access 'inv'\n" + STATS,
        "null-dereference",
        ("NULL on this path",),
        ("probe_read",),
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
