# ruff: noqa: E501 - a program is a line
"""What each kind of compiler error is answered: real programs, every clang that is here, and texts of BCC's."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from bpfdoctor import capture, pipeline
from bpfdoctor.diagnosing import OTHER_HEADERS
from bpfdoctor.kernel import declared
from bpfdoctor.model.diagnosis import Confidence, Diagnosis, Layer
from bpfdoctor.model.report import CaptureOptions
from tests.compilers import CLANG, CLANGS, HEADERS, clang, version_of
from tests.unit.log.texts import raw_of

START = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
NO_CAUSE = "compiler-error"
NOT = "name-not-declared"
NO_INSTRUCTION = "unsupported-construct"


class Kind(NamedTuple):
    """A mistake; `rule` and words that its only answer must have, and must not have."""

    name: str
    source: str
    rule: str
    says: tuple[str, ...]
    never: tuple[str, ...] = ("linux/in.h",)
    flags: tuple[str, ...] = ()
    before: int = 99  # the first clang that says it otherwise, or takes it


def body(expression: str, before: str = "", after: str = "") -> str:
    return f'{START}{before}\nSEC("xdp")\nint f(struct xdp_md *c)\n{{\n\treturn {expression};\n}}\n{after}'


LIBBPF = [
    ("bpf_htons(c->rx_queue_index)", "bpf_htons", "bpf/bpf_endian.h"),
    ("bpf_ntohl(c->rx_queue_index)", "bpf_ntohl", "bpf/bpf_endian.h"),
    ("PT_REGS_PARM1(c)", "PT_REGS_PARM1", "bpf/bpf_tracing.h"),
    ("PT_REGS_RC(c)", "PT_REGS_RC", "bpf/bpf_tracing.h"),
    ("BPF_CORE_READ(c, pid)", "BPF_CORE_READ", "bpf/bpf_core_read.h"),
    ("bpf_core_type_exists(struct xdp_md)", "bpf_core_type_exists", "bpf/bpf_core_read.h"),
]
CONSTANTS = [
    ("ETH_P_IP", "linux/if_ether.h"),
    ("IPPROTO_TCP", "linux/in.h"),
    ("TC_ACT_OK", "linux/pkt_cls.h"),
    ("EPERM", "linux/errno.h"),
    ("PATH_MAX", "linux/limits.h"),
    ("O_RDONLY", "linux/fcntl.h"),
    ("CLONE_NEWNS", "linux/sched.h"),
    ("SIGKILL", "linux/signal.h"),
    ("NF_ACCEPT", "linux/netfilter.h"),
]
KERNEL = [
    "READ_ONCE(c->rx_queue_index)",
    "unlikely(c->rx_queue_index)",
    "ARRAY_SIZE(c)",
    "min(1, 2)",
    "AF_INET",
]
OTHER = [
    ("htons(1)", "bpf_htons"),
    ("ntohl(1)", "bpf_ntohl"),
    ("be16_to_cpu(1)", "bpf_ntohs"),
    ("(u32)1", "__u32"),
]

KINDS = [
    *(Kind(name, body(text), NOT, (name, f"<{header}>")) for text, name, header in LIBBPF),
    *(Kind(name, body(name), NOT, (name, f"<{header}>"), ("bpf/",)) for name, header in CONSTANTS),
    *(Kind(text, body(text), NOT, ("kernel's own headers", "#define"), ("<bpf/",)) for text in KERNEL),
    *(Kind(text, body(text), NOT, (name,)) for text, name in OTHER),
    Kind(
        "BPF_PROG",
        f'{START}SEC("fentry/x")\nint BPF_PROG(f, int a)\n{{\n\treturn a;\n}}\n',
        NOT,
        ("BPF_PROG", "bpf_tracing.h"),
    ),
    Kind(
        "BPF_KPROBE",
        f'{START}SEC("kprobe/x")\nint BPF_KPROBE(f, int a)\n{{\n\treturn a;\n}}\n',
        NOT,
        ("BPF_KPROBE", "bpf_tracing.h"),
    ),
    Kind(
        "SEC",
        '#include <linux/bpf.h>\nSEC("xdp") int f(struct xdp_md *c) { return 0; }\n',
        NOT,
        ("SEC", "bpf_helpers.h"),
    ),
    Kind(
        "the types come too late",
        "#include <bpf/bpf_helpers.h>\n#include <linux/bpf.h>\n",
        NOT,
        ("__u64", "before <bpf/bpf_helpers.h>"),
        ("-I/usr",),
    ),
    Kind(
        "no types at all",
        "#include <bpf/bpf_helpers.h>\nint f(void) { return 0; }\n",
        NOT,
        ("nothing before it declares",),
    ),
    Kind(
        "memset",
        body("b[1]", "static char b[8];\nvoid g(void) { memset(b, 0, 8); }"),
        NOT,
        ("__builtin_memset",),
    ),
    Kind("strlen", body('strlen("x")'), NOT, ("C library",)),
    Kind("a kfunc", body("bpf_task_from_pid(1) != 0"), NOT, ("__ksym", "bpf_task_from_pid"), ("C library",)),
    Kind(
        "a typing mistake",
        body("val", "static int value;").replace("val;", "valeu;"),
        NOT,
        ("value", "if that is what was meant"),
        before=22,
    ),
    Kind("nobody's name", body("frobnicate"), NO_CAUSE, ("frobnicate", "not declared"), ("#include", "bpf/")),
    Kind(
        "an unknown helper",
        body("bpf_map_lookup(c)"),
        NO_CAUSE,
        ("bpf_map_lookup", "not declared"),
        ("#include <",),
    ),
    Kind(
        "a function that comes later",
        body("g(1)", after="static int g(int x)\n{\n\treturn x;\n}\n"),
        NO_CAUSE,
        ("g is not declared",),
    ),
    Kind("no such field", body("c->nosuch"), NO_CAUSE, ("struct xdp_md has no field nosuch",), ("#include",)),
    Kind(
        "no semicolon",
        body("0").replace("return 0;", "return 0"),
        NO_CAUSE,
        ("expected ;",),
        ("#include", "skb"),
    ),
    Kind("no brace", START + "int f(void)\n{\n\treturn 0;\n", NO_CAUSE, ("expected }",), ("#include",)),
    Kind(
        "a dot for an arrow", body("c.rx_queue_index"), NO_CAUSE, ("did you mean to use '->'",), ("#include",)
    ),
    Kind(
        "too many arguments",
        body("bpf_ktime_get_ns(1)"),
        NO_CAUSE,
        ("too many arguments to function call",),
        ("#include",),
    ),
    Kind(
        "no constant",
        body("y", "int g(int);\nint y = g(1);"),
        NO_CAUSE,
        ("compile-time constant",),
        ("#include",),
    ),
    Kind("thread-local", body("x", "__thread int x;"), NO_CAUSE, ("thread-local storage",), ("#include",)),
    Kind(
        "the user's assertion",
        body("0", '_Static_assert(sizeof(int) == 8, "eight");'),
        NO_CAUSE,
        ("does not hold", "sizeof(int) == 8", "eight"),
        ("BCC", "#include"),
    ),
    Kind(
        "a second structure",
        body("0", "struct s { int a; };\nstruct s { long a; };"),
        NO_CAUSE,
        ("s is declared a second time",),
        ("vmlinux",),
    ),
    Kind(
        "a built-in of nobody",
        body("__builtin_frobnicate(c)"),
        "builtin-unknown",
        ("no clang up to", "__builtin_frobnicate"),
        ("newer",),
    ),
    Kind(
        "a built-in of clang 21",
        body("__builtin_counted_by_ref(c)"),
        "builtin-unknown",
        ("clang 21 (clang 19 does not)",),
        ("no clang",),
        before=21,
    ),
    Kind(
        "signed division",
        body("(int)c->rx_queue_index / (int)c->ingress_ifindex"),
        NO_INSTRUCTION,
        ("signed division",),
        flags=("-mcpu=v3",),
    ),
    Kind(
        "a variable array",
        START
        + "int g(void *);\nint f(int n)\n{\n\tchar b[n];\n\n\tbpf_get_current_comm(b, n);\n\treturn b[1];\n}\n",
        NO_INSTRUCTION,
        ("size of a local variable",),
    ),
    Kind(
        "six arguments",
        body(
            "g(1, 2, 3, 4, 5, c->rx_queue_index)",
            "__attribute__((noinline)) int g(int a, int b, int c, int d, int e, int f)\n{\n\treturn a + b * c + d - e + f;\n}",
        ),
        NO_INSTRUCTION,
        ("five arguments",),
    ),
    Kind(
        "a structure returned",
        body(
            "g(1).b",
            "struct s { long a, b, c; };\n__attribute__((noinline)) struct s g(long a)\n{\n\tstruct s x = {a, a + 1, a};\n\treturn x;\n}",
        ),
        NO_INSTRUCTION,
        ("return value of at most eight",),
    ),
    Kind(
        "a structure passed",
        body(
            "g((struct s){1, c->rx_queue_index})",
            "struct s { long a, b, c; };\n__attribute__((noinline)) long g(struct s x)\n{\n\treturn x.a + x.b;\n}",
        ),
        NO_INSTRUCTION,
        ("pass by value",),
    ),
    Kind(
        "variadic",
        body(
            "g(1, 2)",
            "__attribute__((noinline)) int g(int a, ...)\n{\n\t__builtin_va_list l;\n\t__builtin_va_start(l, a);\n\treturn __builtin_va_arg(l, int);\n}",
        ),
        NO_INSTRUCTION,
        ("at most five arguments",),
    ),
    Kind(
        "16-bit atomic",
        body("0", "unsigned short x;\nvoid g(void) { __sync_fetch_and_add(&x, 1); }"),
        NO_INSTRUCTION,
        ("atomic operation for this size",),
        ("Cannot select",),
    ),
    Kind(
        "8-bit exchange",
        body("__sync_val_compare_and_swap(&x, 1, 2)", "unsigned char x;"),
        NO_INSTRUCTION,
        ("atomic operation for this size",),
    ),
    Kind(
        "atomic load",
        body("__atomic_load_n(&x, __ATOMIC_ACQUIRE)", "unsigned long x;"),
        NO_INSTRUCTION,
        ("no atomic load",),
        ("switch",),
    ),
    Kind(
        "a barrier",
        body("0", "void g(void) { __sync_synchronize(); }"),
        NO_INSTRUCTION,
        ("memory barrier",),
        ("switch",),
    ),
    Kind(
        "computed goto",
        START
        + "int f(int n)\n{\n\tstatic void *t[] = {&&a, &&b};\n\tgoto *t[n & 1];\na:\n\treturn 1;\nb:\n\treturn 2;\n}\n",
        NO_INSTRUCTION,
        ("computed address",),
    ),
    Kind(
        "floating point",
        body("c->rx_queue_index * 1.5"),
        "unsupported-builtin",
        ("integer arithmetic",),
        ("C library", "loop"),
    ),
    Kind(
        "128 bits",
        body("((__int128)c->rx_queue_index * c->ingress_ifindex * c->rx_queue_index) >> 70"),
        "unsupported-builtin",
        ("integer arithmetic",),
    ),
    Kind(
        "a large memset",
        body("0", "void g(char *p, int n) { __builtin_memset(p, 0, n); }"),
        "unsupported-builtin",
        ("memset", "constant size"),
    ),
    Kind(
        "assembly of x86",
        body("0", 'void g(void) { asm volatile("mov r0, 0"); }'),
        "inline-assembly",
        ("not a register",),
    ),
    Kind(
        "a constraint of x86",
        body("0", 'int g(void) { int x; asm volatile("%0 = 1" : "=a"(x)); return x; }'),
        "inline-assembly",
        ("'=a' is not a BPF constraint", "r (any register)"),
        ("llvm-objdump",),
    ),
    Kind(
        "no constant for i",
        body("0", 'void g(int n) { asm volatile("r0 = %0" ::"i"(n)); }'),
        "inline-assembly",
        ("must be a constant",),
        ("llvm-objdump",),
    ),
    Kind("vmlinux.h", '#include "vmlinux.h"\n', "missing-header", ("vmlinux.h", "bpftool btf dump")),
    Kind("a C library header", "#include <gnu/stubs-32.h>\n", "missing-header", ("C library",)),
    Kind("a skeleton", '#include "mine.skel.h"\n', "missing-header", ("bpftool gen skeleton",), ("-I",)),
    Kind(
        "the kernel's own header",
        "#include <net/sock.h>\n",
        "missing-header",
        ("vmlinux.h", "kernel's own"),
        ("-I",),
    ),
    Kind(
        "a name of the kernel's source",
        "#include <uapi/linux/bpf.h>\n",
        "missing-header",
        ("#include <linux/bpf.h>",),
        ("-I",),
    ),
    Kind(
        "headers that are not whole",
        '#include "./include/linux/kconfig.h"\n',
        "missing-header",
        ("not whole",),
        ("-I",),
    ),
    Kind(
        "what the kernel's build defines",
        body("KBUILD_MODNAME[0]"),
        "name-not-declared",
        ("command line",),
        ("headers of the kernel that",),
    ),
    Kind(
        "a macro that is another's other name",
        "int BPF_KPROBE_SYSCALL(on_call, const char *path)\n{\n\treturn path != 0 && ctx != 0;\n}\n",
        "name-not-declared",
        ("bpf/bpf_tracing.h", "BPF_KPROBE_SYSCALL"),
    ),
    Kind("libxdp's header", "#include <xdp/xdp_helpers.h>\n", "missing-header", ("libxdp-dev",)),
    Kind(
        "no header of libbpf's",
        "#include <bpf/bpf_arena_common.h>\n",
        "missing-header",
        ("no version of libbpf",),
        ("libbpf-dev",),
    ),
    Kind(
        "an unknown processor",
        "int f(void) { return 0; }\n",
        "compiler-cpu-unknown",
        ("v9",),
        flags=("-mcpu=v9",),
    ),
    Kind(
        "an unknown option",
        "int f(void) { return 0; }\n",
        "compiler-option-unknown",
        ("-fno-such-thing",),
        flags=("-fno-such-thing",),
    ),
]


def said_by(compiler: str, source: str, folder: Path, *flags: str) -> str:
    (folder / "prog.bpf.c").write_text(source)
    command = [
        compiler,
        "-O2",
        "-g",
        "-target",
        "bpf",
        "-I",
        HEADERS,
        *flags,
        "-c",
        "prog.bpf.c",
        "-o",
        "prog.o",
    ]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return run.stderr


def answers(text: str) -> list[Diagnosis]:
    return [each for report in pipeline.diagnose(raw_of(text)) for each in report.diagnoses]


def words(found: Diagnosis) -> str:
    fixes = [line for fix in found.fixes for line in (fix.title, fix.why, *fix.example)]
    return "\n".join([found.headline, found.wants, found.has, found.note, *fixes])


@pytest.mark.parametrize(
    ("kind", "compiler"),
    [
        pytest.param(kind, compiler, id=f"{kind.name}-{compiler}")
        for kind in KINDS
        for compiler in CLANGS
        if version_of(compiler) < kind.before
    ],
)
def test_one_mistake_has_one_answer_of_its_own(kind: Kind, compiler: str, tmp_path: Path) -> None:
    text = said_by(compiler, kind.source, tmp_path, *kind.flags)
    (found,) = answers(text)
    assert found.rule == kind.rule, text
    assert found.faults == ()
    said = words(found)
    assert all(each in said for each in kind.says), said
    assert not any(each in said for each in kind.never), said


PROTECTED = (
    START + "int f(void)\n{\n\tchar b[64];\n\n\tbpf_get_current_comm(b, sizeof(b));\n\treturn b[1];\n}\n"
)


@pytest.mark.needs_clang(14)  # later ones leave the option out for BPF, with a warning
def test_a_stack_protector_is_the_compilers_doing(tmp_path: Path) -> None:
    (found,) = answers(said_by(clang(14), PROTECTED, tmp_path, "-fstack-protector-all"))
    assert found.rule == "stack-protector"
    assert "-fno-stack-protector" in words(found) and "C library" not in words(found)


@pytest.mark.parametrize("compiler", CLANGS)
def test_what_clang_prints_twenty_times_is_one_finding_with_its_places(compiler: str, tmp_path: Path) -> None:
    lines = "".join(f"int f{n}(void) {{ return ETH_P_IP + {n}; }}\n" for n in range(12))
    (found,) = answers(said_by(compiler, START + lines, tmp_path))
    assert found.location is not None and found.location.line == 3
    assert [each.place.line for each in found.labels if each.place] == list(range(4, 15))


@pytest.mark.parametrize("compiler", CLANGS)
def test_a_structure_without_its_definition_is_one_finding_however_it_is_used(
    compiler: str, tmp_path: Path
) -> None:
    uses = ("p[1].x", "p + 1 != 0", "p->x", "sizeof(*p)", "(*p).x", "__builtin_offsetof(struct iphdr, ttl)")
    source = "".join(f"int f{n}(struct iphdr *p)\n{{\n\treturn {use};\n}}\n" for n, use in enumerate(uses))
    (found,) = answers(said_by(compiler, "struct iphdr;\n" + source, tmp_path))
    assert found.rule == "type-not-defined" and "struct iphdr" in found.headline


@pytest.mark.parametrize("compiler", CLANGS)
def test_names_from_several_headers_are_several_findings(compiler: str, tmp_path: Path) -> None:
    source = body("ETH_P_IP + IPPROTO_TCP + frobnicate")
    found = answers(said_by(compiler, source, tmp_path))
    assert [each.rule for each in found] == [NOT, NOT, NO_CAUSE]


@pytest.mark.parametrize("compiler", CLANGS)
def test_the_variables_of_an_unknown_type_are_not_missing_too(compiler: str, tmp_path: Path) -> None:
    source = START + "int f(void)\n{\n\tu32 x = 1;\n\n\tx += 2;\n\treturn x;\n}\n"
    (found,) = answers(said_by(compiler, source, tmp_path))
    assert "__u32" in found.headline


@pytest.mark.parametrize("compiler", CLANGS)
def test_an_unmatched_error_is_the_compilers_words_and_who_included_the_file(
    compiler: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.h").write_text("int g(int);\nstatic int y = g(1);\n")
    (found,) = answers(said_by(compiler, START + '#include "mine.h"\n', tmp_path))
    assert found.rule == NO_CAUSE and found.fixes == ()
    assert "initializer element is not a compile-time constant" in found.headline
    assert "prog.bpf.c:3" in found.note


BCC_MIN = """\
/virtual/main.c:8:14: error: cannot call non-static helper function
        u32 n = min(len, 64);
                ^
include/linux/minmax.h:129:19: note: expanded from macro 'min'
#define min(x, y)       __careful_cmp(min, x, y)
                        ^
include/linux/compiler_types.h:352:2: note: expanded from macro 'compiletime_assert'
        _compiletime_assert(condition, msg, __compiletime_assert_, __COUNTER__)
        ^
1 error generated.
"""
HEADER = """\
In file included from /virtual/main.c:2:
In file included from include/linux/sched.h:12:
{file}:{line}:{column}: error: {words}
1 error generated.
"""


def test_a_macro_of_the_kernels_headers_that_hides_a_call_is_named() -> None:
    (found,) = answers(BCC_MIN)
    assert found.rule == "macro-hides-call"
    said = words(found)
    assert "min, from include/linux/minmax.h" in said and "a < b ? a : b" in said
    assert "make the function static inline" not in said


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("include/linux/fs.h", "static assertion failed due to requirement 'sizeof(struct file) % 8 == 0'"),
        ("./arch/x86/include/asm/cpufeature.h", "invalid output constraint '=@ccnz' in asm"),
        ("arch/x86/include/asm/jump_label.h", "expected ')'"),
        ("include/asm-generic/percpu.h", "use of undeclared identifier '__percpu_qual'"),
        ("/lib/modules/6.12.0/build/include/linux/bpf.h", "redefinition of 'bpf_dynptr_kern'"),
        (
            "/usr/src/linux-headers-6.8.0/include/linux/atomic.h",
            "operand of type 'atomic_t' where arithmetic or pointer type is required",
        ),
    ],
)
def test_an_error_in_the_kernels_headers_is_not_the_programs(file: str, message: str) -> None:
    (found,) = answers(HEADER.format(file=file, line=19, column=15, words=message))
    assert found.rule == "kernel-headers-unfit", found.rule
    assert file in found.headline and message in found.headline
    assert "include/linux/sched.h:12" in found.has
    assert "linux/in.h" not in words(found)


def test_vmlinux_beside_a_header_for_programs_is_told(tmp_path: Path) -> None:
    (tmp_path / "vmlinux.h").write_text("struct ethhdr { unsigned char h_dest[6]; };\n")
    source = '#include "vmlinux.h"\n#include <linux/if_ether.h>\n'
    (found,) = answers(said_by(CLANGS[-1], source, tmp_path))
    assert found.rule == "declared-twice"
    assert "<linux/if_ether.h> and vmlinux.h" in found.headline and "ethhdr, in /usr/include/" in found.has
    assert found.location is not None and found.location.line == 2


def test_two_copies_of_one_header_are_told(tmp_path: Path) -> None:
    for tree in ("one", "two"):
        (tmp_path / tree / "linux").mkdir(parents=True)
        (tmp_path / tree / "linux" / "mine.h").write_text("enum { FIRST_OF_MINE };\n")
    source = '#include "one/linux/mine.h"\n#include "two/linux/mine.h"\n'
    (found,) = answers(said_by(CLANGS[-1], source, tmp_path))
    assert found.rule == "declared-twice" and "two copies" in words(found)


def test_the_c_library_beside_the_kernels_headers_is_told() -> None:
    text = (
        "/usr/include/x86_64-linux-gnu/sys/types.h:42:18: error: typedef redefinition with different types"
        " ('__loff_t' (aka 'long') vs '__kernel_loff_t' (aka 'long long'))\n"
        "/lib/modules/6.11.2/source/include/linux/types.h:52:26: note: previous definition is here\n"
    )
    (found,) = answers(text)
    assert found.rule == "declared-twice" and "both declare __loff_t" in words(found)


def test_bccs_own_header_is_not_the_program() -> None:
    text = (
        "In file included from <built-in>:2:\n/virtual/include/bcc/bpf.h:67:2: error: unknown type name '__u8'\n"
        "        __u8    code;\n        ^\n/virtual/include/bcc/bpf.h:70:2: error: unknown type name '__s16'\n"
        "        __s16   off;\n        ^\n"
    )
    (found,) = answers(text)
    assert found.rule == "kernel-headers-unfit" and "not in the program" in words(found)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("failed to find BTF for extern 'htons': -2", "bpf_htons()"),
        ("failed to find BTF for extern 'bpf_ntohs' [22] section: -2", "#include <bpf/bpf_endian.h>"),
        ("failed to find BTF for extern 'BPF_CORE_READ': -2", "#include <bpf/bpf_core_read.h>"),
        ("failed to find BTF for extern 'PT_REGS_PARM2': -2", "#include <bpf/bpf_tracing.h>"),
        ("failed to find BTF for extern '__stack_chk_fail': -2", "-fno-stack-protector"),
        ("extern (func ksym) 'mine': func_proto [18] incompatible with vmlinux [6076]", "another prototype"),
        ("sec 'xdp': corrupted symbol #12 pointing to invalid section #65522 for relo #0", "-fno-common"),
    ],
)
def test_what_only_the_loader_notices(line: str, says: str) -> None:
    found = answers(f"libbpf: {line}\n")[0]
    assert says in f"{found.means} {found.next_step}"


@pytest.mark.parametrize("compiler", CLANGS)
def test_the_table_of_built_ins_agrees_with_the_compilers_that_are_here(compiler: str) -> None:
    names = [
        "__builtin_popcountg",
        "__builtin_counted_by_ref",
        "__builtin_preserve_type_info",
        "__builtin_memcpy",
    ]
    names += ["__builtin_elementwise_abs", "__builtin_assume_separate_storage", "__builtin_frobnicate"]
    asked = "".join(f"#if __has_builtin({name})\n{name}\n#endif\n" for name in names)
    command = [compiler, "-target", "bpf", "-E", "-P", "-"]
    run = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60, check=True)
    version = subprocess.run(
        [compiler, "-dumpversion"], capture_output=True, text=True, timeout=60, check=True
    )
    number = int(version.stdout.split(".")[0])
    known = {name: declared.clang_with(name) for name in names}
    assert run.stdout.split() == [name for name, since in known.items() if since and since[0] <= number]


def test_every_header_of_libbpf_is_in_the_table() -> None:
    headers = {
        row.header
        for name in ("SEC", "bpf_htons", "BPF_PROG", "BPF_CORE_READ", "BPF_USDT")
        if (row := declared.where(name))
    }
    assert headers == {
        f"bpf/{name}.h" for name in ("bpf_helpers", "bpf_endian", "bpf_tracing", "bpf_core_read", "usdt.bpf")
    }


RUST = """\
error: linking with `bpf-linker` failed: exit status: 1
  = note: error: LLVM issued diagnostic with error severity
  = note: ERROR llvm: <unknown>:0:0: in function count i32 (ptr): A call to built-in function 'memcpy' is not supported.
"""
GO = """\
Error: can't execute clang: exit status 1
/src/counter.c:4:10: fatal error: 'bpf_helpers.h' file not found
1 error generated.
counter.go:12: running "go": exit status 1
"""


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        (RUST, "unsupported-builtin", "memcpy"),
        (GO, "missing-header", "<bpf/bpf_helpers.h>"),
        ("gcc: error: unrecognized command-line option '-target'\n", "compiler-option-unknown", "'-target'"),
        (
            "error: unable to create target: 'No available targets are compatible with triple \"bpfel\"'\n",
            "compiler-option-unknown",
            "cannot make code for BPF",
        ),
    ],
)
def test_what_other_tools_wrap_around_a_compiler_changes_nothing(text: str, rule: str, says: str) -> None:
    (found,) = answers(text)
    assert (found.rule, says in words(found)) == (rule, True), words(found)


@pytest.mark.parametrize(
    ("structure", "confidence"), [("ev", Confidence.CERTAIN), ("iphdr", Confidence.LIKELY)]
)
def test_a_field_that_another_kernels_headers_may_have_is_only_likely_the_authors(
    structure: str, confidence: Confidence, tmp_path: Path
) -> None:
    source = f"struct ev {{ int pid; }};\nint f(struct {structure} *p)\n{{\n\treturn p->comm;\n}}\n"
    (tmp_path / "a.bpf.c").write_text("#include <linux/bpf.h>\n#include <linux/ip.h>\n" + source)
    [raw] = capture.check(tmp_path / "a.bpf.c", CaptureOptions(clang=CLANG, load=False))
    [found] = pipeline.diagnose(raw)[-1].diagnoses
    assert (found.confidence, found.layer) == (confidence, Layer.SOURCE)
    assert (found.confidence_why == OTHER_HEADERS) == (confidence is Confidence.LIKELY)


def test_a_structure_of_ones_own_with_a_kernels_name_is_renamed(tmp_path: Path) -> None:
    (tmp_path / "vmlinux.h").write_text("struct key_info { int x; };\n")
    (tmp_path / "mytool.h").write_text("struct key_info { int cpu; };\n")
    (found, *_) = answers(said_by(CLANGS[-1], '#include "vmlinux.h"\n#include "mytool.h"\n', tmp_path))
    assert (found.rule, found.layer) == ("declared-twice", Layer.SOURCE)
    assert "my_key_info" in words(found) and not found.fixes


def test_a_type_that_is_defined_twice_has_the_name_of_the_shown_line() -> None:
    text = (
        "/usr/lib/llvm-13.0/lib/clang/13.0.1/include/stddef.h:46:23: error: typedef redefinition with different"
        " types ('unsigned long' vs '__kernel_size_t' (aka 'unsigned int'))\ntypedef __SIZE_TYPE__ size_t;\n"
        "                      ^\nbpf/vmlinux.h:85:25: note: previous definition is here\n"
        "typedef __kernel_size_t size_t;\n                        ^\n1 error generated.\n"
    )
    (found,) = answers(text)
    assert found.rule == "declared-twice" and "size_t, in " in found.has and "<stddef.h>" in found.headline


@pytest.mark.parametrize(
    ("include", "used", "rule", "says"),
    [
        (
            "<linux/sched.h>",
            "((struct task_struct *)c)->pid",
            "type-not-defined",
            "task_struct is the kernel's own",
        ),
        (
            "<linux/types.h>",
            "((struct file *)c)->f_flags",
            "type-not-defined",
            "struct file is the kernel's own",
        ),
        (
            '"vmlinux.h"',
            "((struct user_pt_regs *)c)->regs[0]",
            "type-not-defined",
            "has the registers of arm64",
        ),
        (
            "<linux/ptrace.h>",
            "((struct pt_regs *)c)->di",
            "compiler-error",
            "di is its name in the kernel, rdi",
        ),
        ('"vmlinux.h"', "((struct pt_regs *)c)->rdi", "compiler-error", "the kernel's has no r"),
    ],
)
def test_structures_and_registers_of_other_headers(
    include: str, used: str, rule: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "vmlinux.h").write_text("struct pt_regs { unsigned long di, si; };\nstruct user_pt_regs;\n")
    path = tmp_path / "p.bpf.c"
    path.write_text(
        f"#include {include}\nstruct task_struct; struct file;\nint f(void *c) {{ return {used}; }}\n"
    )
    options = CaptureOptions(clang=CLANG, load=False, include_dirs=(str(tmp_path),))
    (raw,) = capture.check(path, options)
    (found,) = [each for report in pipeline.diagnose(raw) for each in report.diagnoses]
    assert found.rule == rule
    assert says in found.headline
