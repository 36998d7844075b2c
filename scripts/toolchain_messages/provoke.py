"""Small programs that clang refuses to compile for BPF, and what each clang says of them.

Some messages have no text of their own in LLVM's BPF back end (`Cannot select: …`), or are put together
from pieces: they are known only by asking a compiler.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.toolchain_messages.found import Found

_NEEDS = "void use(void *); long get(void); "
# name -> (code, extra flags)
SNIPPETS: dict[str, tuple[str, str]] = {
    "stack-limit": (_NEEDS + "int f(void) { char b[600]; use(b); return b[7]; }", ""),
    "memcpy-unknown-size": ("void f(char *d, char *s, unsigned long n) { __builtin_memcpy(d, s, n); }", ""),
    "memset-unknown-size": ("void f(char *d, unsigned long n) { __builtin_memset(d, 0, n); }", ""),
    "memmove": ("void f(char *d, char *s) { __builtin_memmove(d, s, 3000); }", ""),
    "struct-by-value": (
        "struct s { long a[4]; }; __attribute__((noinline)) long g(struct s x) { return x.a[3]; }"
        " long f(struct s *p) { return g(*p); }",
        "",
    ),
    "six-arguments": (
        "long g(long, long, long, long, long, long); long f(long a) { return g(a, a, a, a, a, a); }",
        "",
    ),
    "six-arguments-to-helper": (
        "static long (*h)(long, long, long, long, long, long) = (void *)7;"
        " long f(long a) { return h(a, a, a, a, a, a); }",
        "",
    ),
    "six-parameters": ("long f(long a, long b, long c, long d, long e, long g) { return a + g; }", ""),
    "struct-returned": (
        "struct s { long a[3]; }; struct s f(long a) { struct s x = {{ a, a, a }}; return x; }",
        "",
    ),
    "variadic-function": (
        "long f(long a, ...) { __builtin_va_list v; __builtin_va_start(v, a); return a; }",
        "",
    ),
    "signed-division": ("long f(long a, long b) { return a / b; }", ""),
    "signed-division-int": ("int f(int a, int b) { return a / b; }", ""),
    "signed-modulo": ("long f(long a, long b) { return a % b; }", ""),
    "signed-division-v4-only": ("long f(long a, long b) { return a / b; }", "-mcpu=v3"),
    "variable-length-array": (_NEEDS + "long f(long n) { char b[n]; use(b); return b[0]; }", ""),
    "int128-returned": ("__int128 f(__int128 a, long b) { return a * b; }", ""),
    "int128-division": ("long f(__int128 a, long b) { return (long)(a / b); }", ""),
    "double-sum": ("double f(double a, double b) { return a + b; }", ""),
    "float-from-int": ("int f(int a) { return (int)(a * 1.5f); }", ""),
    "double-compare": ("int f(double a, double b) { return a < b; }", ""),
    "atomic-nand": ("long f(long *p) { return __sync_fetch_and_nand(p, 3); }", "-mcpu=v3"),
    "atomic-and-old-cpu": ("long f(long *p) { return __sync_fetch_and_and(p, 3); }", "-mcpu=v2"),
    "atomic-add-used-old-cpu": ("long f(long *p) { return __sync_fetch_and_add(p, 3); }", "-mcpu=v2"),
    "atomic-swap-old-cpu": ("long f(long *p) { return __sync_lock_test_and_set(p, 3); }", "-mcpu=v2"),
    "atomic-compare-swap-old-cpu": (
        "int f(long *p) { return __sync_bool_compare_and_swap(p, 3, 4); }",
        "-mcpu=v2",
    ),
    "atomic-byte": ("void f(char *p) { __sync_fetch_and_add(p, 1); }", "-mcpu=v3"),
    "atomic-short": ("void f(short *p) { __sync_fetch_and_add(p, 1); }", "-mcpu=v3"),
    "atomic-minimum": ("long f(long *p) { return __atomic_fetch_min(p, 3, 0); }", "-mcpu=v3"),
    "atomic-load-acquire": ("long f(long *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }", "-mcpu=v3"),
    "atomic-load-seq-cst": ("long f(long *p) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }", "-mcpu=v4"),
    "atomic-store-release": ("void f(long *p) { __atomic_store_n(p, 1, __ATOMIC_RELEASE); }", "-mcpu=v3"),
    "fence": ("void f(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }", "-mcpu=v3"),
    "synchronize": ("void f(void) { __sync_synchronize(); }", ""),
    "computed-goto": ("int f(int a) { void *t[] = { &&x, &&y }; goto *t[a]; x: return 1; y: return 2; }", ""),
    "label-address": ("void *f(void) { l: return &&l; }", ""),
    "thread-local": ("__thread int t; int f(void) { return t++; }", ""),
    "frame-address": ("void *f(void) { return __builtin_frame_address(1); }", ""),
    "return-address": ("void *f(void) { return __builtin_return_address(0); }", ""),
    "trap": ("void f(void) { __builtin_trap(); }", ""),
    "setjmp": ("int f(void *b) { return __builtin_setjmp(b); }", ""),
    "clear-cache": ("void f(char *p) { __builtin___clear_cache(p, p + 8); }", ""),
    "preserve-access-index-without-debug": (
        "struct s { int a, b; }; int f(struct s *p) { return __builtin_preserve_access_index(p->b); }",
        "-g0",
    ),
    "field-info-without-debug": (
        "struct s { int a; }; int f(struct s *p) { return __builtin_preserve_field_info(p->a, 0); }",
        "-g0",
    ),
    "field-info-no-field": ("int f(int *p) { return __builtin_preserve_field_info(p, 0); }", ""),
    "field-info-not-constant": (
        "struct s { int a; }; int f(struct s *p, int k) { return __builtin_preserve_field_info(p->a, k); }",
        "",
    ),
    "field-info-unknown-kind": (
        "struct s { int a; }; int f(struct s *p) { return __builtin_preserve_field_info(p->a, 99); }",
        "",
    ),
    "type-info-no-type": ("int f(int a) { return __builtin_preserve_type_info(a, 0); }", ""),
    "type-info-not-constant": (
        "struct s { int a; }; int f(int k) { return __builtin_preserve_type_info(*(struct s *)0, k); }",
        "",
    ),
    "enum-value-no-enum": ("int f(int a) { return __builtin_preserve_enum_value(a, 0); }", ""),
    "type-id-not-constant": ("int f(int a, int k) { return __builtin_btf_type_id(a, k); }", ""),
    "type-id-without-debug": ("int f(int a) { return __builtin_btf_type_id(a, 0); }", "-g0"),
    "bitfield-address": ("struct s { int a : 3; }; int *f(struct s *p) { return &p->a; }", ""),
    "static-offset": (
        "struct __attribute__((preserve_static_offset)) s { int a[9]; };"
        " int f(struct s *p, int i) { return p->a[i]; }",
        "",
    ),
    "assembly-unknown": ('void f(void) { asm volatile ("movq %rax, %rbx"); }', ""),
    "assembly-register": ('void f(void) { asm volatile ("r12 = 0"); }', ""),
    "assembly-operand": ('void f(void) { asm volatile ("r1 = r2 + r3"); }', ""),
    "assembly-immediate": ('void f(void) { asm volatile ("r1 = 0x123456789"); }', ""),
    "assembly-offset": ('void f(void) { asm volatile ("r1 = *(u64 *)(r2 + 70000)"); }', ""),
    "assembly-needs-newer-cpu": ('void f(void) { asm volatile ("r1 = (s8)r2"); }', "-mcpu=v3"),
    "assembly-constraint": ('void f(void) { int a; asm volatile ("%0 = 1" : "=a"(a)); }', ""),
    "assembly-unfinished": ('void f(void) { asm volatile ("if r1 == goto +1"); }', ""),
    "loop-not-unrolled": (
        _NEEDS
        + 'long f(long n) { long s = 0;\n_Pragma("clang loop unroll(full)")\nfor (long i = 0; i < n; i++)'
        " s += get(); return s; }",
        "-Wpass-failed",
    ),
    "branch-too-far": (
        _NEEDS + 'long f(long a) { if (a) { asm volatile (".rept 40000\\nr1 = 1\\n.endr"); } return get(); }',
        "-mcpu=v3",
    ),
    "unknown-cpu": ("int f(void) { return 0; }", "-mcpu=v99"),
    "undeclared-function": ("int f(void) { return bpf_get_smp_processor_id(); }", ""),
    "undeclared-name": ("int f(void) { return BPF_ANY; }", ""),
    "unknown-type": ("int f(__u32 a) { return a; }", ""),
    "incomplete-type": ("struct task_struct; int f(struct task_struct *t) { return t->pid; }", ""),
    "no-member": ("struct s { int a; }; int f(struct s *t) { return t->b; }", ""),
    "redefinition": ("struct s { int a; }; struct s { int a; };", ""),
    "incompatible-pointer": ("void g(int *); void f(struct s *p) { g(p); }", "-Werror"),
    "no-vmlinux": ('#include "vmlinux.h"\nint f(void) { return 0; }', ""),
    "no-libbpf-headers": ("#include <bpf/bpf_helpers.h>\nint f(void) { return 0; }", "-nostdinc"),
    "no-asm-types": (
        "#include <linux/types.h>\nint f(__u32 a) { return a; }",
        "-nostdinc -isystem linux-only",
    ),
    "no-stdio": ("#include <stdio.h>\nint f(void) { return 0; }", "-nostdinc"),
    "bad-section": (
        '__attribute__((section("maps"))) int a = 1;'
        ' __attribute__((section("maps"))) int f(void) { return 1; }',
        "",
    ),
    "not-constant": ("int g(void); int a = g();", ""),
    "assertion": ('_Static_assert(sizeof(long) == 4, "long");', ""),
    "atomic-pointer-type": (
        "struct s { char a[3]; }; void f(struct s *p) { __sync_fetch_and_add(p, 1); }",
        "",
    ),
    "too-many-to-helper": ("static long (*h)(long) = (void *)5; long f(long a) { return h(a, a); }", ""),
    "string-too-long": (
        _NEEDS + "int f(void) { char b[] = " + '"' + "x" * 560 + '"' + "; use(b); return 0; }",
        "",
    ),
    "musttail": ("long g(long, long); long f(long a) { __attribute__((musttail)) return g(a, a); }", ""),
    "naked-with-parameter": ("__attribute__((naked)) int f(int a) { return a; }", ""),
    "address-space-cast": ("void *f(void __attribute__((address_space(5))) *p) { return (void *)p; }", ""),
    "call-of-number": ("long f(int a) { return a(1); }", ""),
    "address-space": ("void f(void __attribute__((address_space(1))) *p, void **q) { *q = p; }", ""),
}
_LINE = re.compile(r"^(?:\S+?:(?:\d+:){1,2} )?(?P<text>(?:fatal )?error: .*|warning: .*)$")
# Warnings that are about BPF; others only came along
_WARNINGS = ("static-offset", "loop-not-unrolled", "undeclared-function", "assembly-immediate")


def provoked(version: str, clang: Path, libraries: Path | None) -> Iterator[Found]:
    """Compiles every snippet with one clang and hands over what it said, each text once a snippet."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    if libraries is not None:
        environment["LD_LIBRARY_PATH"] = str(libraries)
    for name, (code, flags) in SNIPPETS.items():
        for text in dict.fromkeys(_compile(clang, code, flags.split(), environment)):
            kind = "warning" if text.startswith("warning") else "error"
            if kind == "warning" and name not in _WARNINGS:
                continue
            short = code if len(code) < 300 else code[:120] + "…"
            yield Found("llvm", version, format_of(text), "clang", kind, name, "compiler", text, short)


def _compile(clang: Path, code: str, flags: list[str], environment: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        if "linux-only" in flags:
            os.makedirs(f"{folder}/linux-only/linux")
            Path(f"{folder}/linux-only/linux/types.h").write_text("#include <asm/types.h>\n")
        Path(folder, "input.c").write_text(code + "\n")
        command = [str(clang), "-target", "bpf", "-O2", "-g", *flags, "-c", "input.c", "-o", "out.o"]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    found = (_LINE.match(row) for row in done.stderr.splitlines())
    return [match["text"].rstrip() for match in found if match]


def format_of(text: str) -> str:
    """The text with what differs from program to program as conversions: addresses, names, places."""
    text = re.sub(r"\b0x[0-9a-f]{6,}\b", "%p", text)
    text = re.sub(r",? \binput\.c:\d+:\d+", "", text)  # the place of a node, with -g only
    text = re.sub(r"@\w+", "@%s", text)
    if text.endswith("file not found"):
        return text  # which file it is says what is missing
    return re.sub(r"(?<=')[^' ]*(?: \*)?(?=')|(?<=')struct \w+(?: \*)?(?=')", "%s", text)
