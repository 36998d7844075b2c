# ruff: noqa: E501 - what a compiler printed is a line
"""Whose header it is that does not compile, or is not there: what clang, GCC and BCC print, and the pages' sessions."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor import pipeline
from bpfdoctor.catalogue.page import SAID, sessions_folder
from bpfdoctor.kernel import renamed
from bpfdoctor.model.diagnosis import Diagnosis
from tests.compilers import CLANGS, HEADERS
from tests.unit.log.texts import raw_of


def answers(text: str) -> list[Diagnosis]:
    return [found for report in pipeline.diagnose(raw_of(text)) for found in report.diagnoses]


def words(found: Diagnosis) -> str:
    return "\n".join((found.headline, found.wants, found.has, found.note))


# The session of a page, its rule and outcome, what is said, and the line of prog.bpf.c.
SESSIONS = [
    ("c-library-header/string-h", "C_LIBRARY", "__builtin_memcpy", 2),
    ("c-library-header/behind-if-arp", "C_LIBRARY_BEHIND", "<linux/if_arp.h> leads to <sys/socket.h>", 2),
    ("c-library-header/libbpf-of-user-space", "LIBBPF_OF_PROGRAMS", "<bpf/bpf_helpers.h>", 2),
    ("kernel-headers-unfit/sched-h-for-bpf", "BPF_TARGET", "<linux/sched.h> leads to the kernel's own", 1),
    ("type-not-defined/flag-of-arm64", "OTHER_PROCESSOR", "registers of arm64", 6),
    ("missing-header/asm-types", "ASM", "asm/types.h", 5),
]


@pytest.mark.parametrize(("session", "outcome", "says", "line"), SESSIONS)
def test_the_sessions_of_the_pages_are_answered(session: str, outcome: str, says: str, line: int) -> None:
    (found,) = answers((sessions_folder() / session / SAID).read_text())
    assert (f"{found.rule}/", found.outcome) == (session[: len(found.rule) + 1], outcome)
    assert says in words(found)
    assert found.location is not None and found.location.line == line


GCC = """\
In file included from ../src/api.bpf.h:9,
                 from ../src/mine.bpf.c:9:
/usr/include/linux/types.h:5:10: fatal error: asm/types.h: No such file or directory
    5 | #include <asm/types.h>
      |          ^~~~~~~~~~~~~
compilation terminated.
"""
OF_BCC = """\
In file included from <built-in>:2:
In file included from /virtual/include/bcc/bpf.h:12:
In file included from include/linux/types.h:6:
include/uapi/linux/types.h:5:10: fatal error: 'asm/types.h' file not found
#include <asm/types.h>
         ^~~~~~~~~~~~~
1 error generated.
"""
HALF = """\
In file included from <built-in>:1:
././include/linux/kconfig.h:5:10: fatal error: 'generated/autoconf.h' file not found
#include <generated/autoconf.h>
         ^~~~~~~~~~~~~~~~~~~~~~
1 error generated.
"""
MACOS = """\
In file included from src/mine.c:2:
In file included from /usr/local/llvm/lib/clang/6.0.1/include/stdint.h:63:
In file included from /usr/include/stdint.h:52:
In file included from /usr/include/sys/_types.h:32:
/usr/include/sys/cdefs.h:763:2: error: Unsupported architecture
#error Unsupported architecture
 ^
"""
INLINE = """\
In file included from /virtual/main.c:2:
In file included from /lib/modules/5.4.0/build/arch/x86/include/asm/ptrace.h:5:
/lib/modules/5.4.0/build/arch/x86/include/asm/segment.h:254:2: error: expected '(' after 'asm'
        alternative_io ("lsl %[seg],%[p]",
        ^
/lib/modules/5.4.0/build/include/linux/compiler_types.h:210:24: note: expanded from macro 'asm_inline'
#define asm_inline asm __inline
                       ^
1 error generated.
"""
OLD_CLANG = """\
In file included from mine.bpf.c:1:
../include/vmlinux.h:5:15: error: attribute 'preserve_access_index' is not supported by '#pragma clang attribute'
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
              ^
../include/vmlinux.h:4844:20: error: expected member name or ';' after declaration specifiers
        struct cgroup_bpf bpf;
                          ^
"""
LINK = """\
In file included from lib/mine.bpf.c:9:
vmlinux/vmlinux.h:1:1: error: unknown type name 'arch'
arch/x86/vmlinux.h
^
vmlinux/vmlinux.h:1:5: error: expected identifier or '('
arch/x86/vmlinux.h
    ^
"""
BCCS_HELPERS = """\
In file included from /virtual/main.c:2:
In file included from /usr/include/bpf/bpf_helpers.h:11:
/usr/include/bpf/bpf_helper_defs.h:56:16: error: redefinition of 'bpf_map_lookup_elem' with a different type: 'void *(*)(void *, const void *)' vs 'void *(*)(void *, void *)'
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *) 1;
               ^
/virtual/include/bcc/helpers.h:534:16: note: previous definition is here
static void *(*bpf_map_lookup_elem)(void *map, void *key) =
               ^
In file included from /virtual/main.c:2:
In file included from /usr/include/bpf/bpf_helpers.h:11:
/usr/include/bpf/bpf_helper_defs.h:88:15: error: redefinition of 'bpf_map_delete_elem' with a different type: 'long (*)(void *, const void *)' vs 'int (*)(void *, void *)'
static long (*bpf_map_delete_elem)(void *map, const void *key) = (void *) 3;
              ^
/virtual/include/bcc/helpers.h:538:14: note: previous definition is here
static int (*bpf_map_delete_elem)(void *map, void *key) =
             ^
2 errors generated.
"""
PROTOTYPE = """\
/usr/include/bpf/bpf_helpers.h:318:12: error: conflicting types for ‘bpf_stream_vprintk’; have ‘int(int,  const char *, const void *, __u32,  void *)’
  318 | extern int bpf_stream_vprintk(int stream_id, const char *fmt__str, const void *args,
      |            ^~~~~~~~~~~~~~~~~~
vmlinux.h:167079:12: note: previous declaration of ‘bpf_stream_vprintk’ with type ‘int(int,  const char *, const void *, u32)’
"""
WITH_KERNELS = """\
./vmlinux.h:38:3: error: typedef redefinition with different types ('struct __vector128' vs 'struct __vector128')
} __vector128;
  ^
/lib/modules/6.10.0/build/arch/powerpc/include/uapi/asm/types.h:36:32: note: previous definition is here
"""
REGISTER = """\
mine.bpf.c:27:5: error: no member named 'di' in 'struct pt_regs'
int BPF_KPROBE(hello, const char *pathname)
    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
/usr/include/bpf/bpf_tracing.h:272:46: note: expanded from macro 'PT_REGS_PARM1'
#define PT_REGS_PARM1(x) (__PT_REGS_CAST(x)->__PT_PARM1_REG)
                          ~~~~~~~~~~~~~~~~~  ^
"""
UNKNOWN_PROCESSOR = """\
mine.bpf.c:65:5: error: implicit declaration of function 'PT_REGS_PARM1' is invalid in C99 [-Werror,-Wimplicit-function-declaration]
int BPF_KPROBE(on_merge, struct request *rq)
    ^
.output/bpf/bpf_tracing.h:385:20: note: expanded from macro 'BPF_KPROBE'
        return ____##name(___bpf_kprobe_args(args));                        \\
                          ^
"""
TEXTS = [
    (GCC, "missing-header", "ASM", "asm/types.h"),
    (OF_BCC, "kernel-headers-unfit", "NOT_WHOLE", "uapi/linux/types.h asks for <asm/types.h>"),
    (HALF, "kernel-headers-unfit", "NOT_WHOLE", "linux/kconfig.h asks for <generated/autoconf.h>"),
    (MACOS, "c-library-header", "C_LIBRARY", "-ffreestanding"),
    (INLINE, "kernel-headers-unfit", "ASM_INLINE", "BCC 0.12"),
    (OLD_CLANG, "kernel-headers-unfit", "OLD_CLANG", "clang 10 or newer"),
    (LINK, "missing-header", "LINK_AS_TEXT", "arch/x86/vmlinux.h"),
    (BCCS_HELPERS, "declared-twice", "BCC_AND_LIBBPF", "without <bpf/…>"),
    (PROTOTYPE, "declared-twice", "LIBBPF_AND_VMLINUX", "bpf_stream_vprintk otherwise"),
    (WITH_KERNELS, "declared-twice", "KERNEL_AND_VMLINUX", "bpftrace"),
    (REGISTER, "target-arch-missing", "OTHER_PROCESSOR", "a register di"),
    (UNKNOWN_PROCESSOR, "target-arch-missing", "NO_PROCESSOR", "not ppc64le"),
    (
        "/bpftrace/include/clang_workarounds.h:14:10: fatal error: 'linux/types.h' file not found\n",
        "missing-header",
        "BPFTRACE",
        "a kernel with BTF",
    ),
    (
        "mine.bpf.c:1:10: fatal error: 'linux/bpf.h' file not found\n#include <linux/bpf.h>\n         ^~~\n",
        "missing-header",
        "FOR_PROGRAMS",
        "the package that has them",
    ),
    (
        "/virtual/main.c:5:70: error: no member named 'state' in 'struct task_struct'\n",
        "compiler-error",
        "RENAMED",
        "__state in Debian's 6.1",
    ),
    (
        "libbpf: prog 'f': relo #2: failed to resolve CO-RE relocation <type_size> [12] struct absent\n",
        "core-relocation-failed",
        "TYPE",
        "no struct absent",
    ),
    (
        "module.go:32:10: fatal error: bcc/bcc_common.h: No such file or directory\n",
        "missing-header",
        "LIBBCC",
        "a header of BCC's library",
    ),
    (
        "mine.c:7:2: error: no member named 'orig_ax' in 'struct pt_regs'\n",
        "compiler-error",
        "CALL_NUMBER",
        "orig_rax",
    ),
]


@pytest.mark.parametrize(("text", "rule", "outcome", "says"), TEXTS, ids=[each[2] for each in TEXTS])
def test_a_text_has_one_answer_that_names_whose_header_it_is(
    text: str, rule: str, outcome: str, says: str
) -> None:
    (found,) = answers(text)
    assert (found.rule, found.outcome) == (rule, outcome)
    assert says in words(found)


def test_an_include_chain_of_clangs_is_told_from_the_inside() -> None:
    (found,) = answers(OF_BCC.replace("'asm/types.h' file not found", "expected ';'"))
    assert "included from include/linux/types.h:6, which is included from /virtual" in found.has


# What the pages say to write instead; each compiled with every clang, without -D__x86_64__.
INSTEAD = [
    ("#include <stdint.h>\n#include <limits.h>\nuint32_t x = INT_MAX;\n", ("-ffreestanding",)),
    ("#include <stdbool.h>\n#include <stddef.h>\nbool x;\nsize_t y;\n", ()),
    (
        "#include <linux/in.h>\n#include <linux/ip.h>\n#include <linux/tcp.h>\n#include <linux/udp.h>\nint x = IPPROTO_TCP;\n",
        (),
    ),
    ("#include <linux/if_ether.h>\n#include <linux/errno.h>\nint x = ETH_P_IP + EPERM;\n", ()),
    ("#include <string.h>\nvoid *f(void *a, void *b) { return memcpy(a, b, 8); }\n", ("-D__x86_64__",)),
    ("#ifndef __bpf__\n#include <string.h>\n#endif\nint x;\n", ()),
]


@pytest.mark.parametrize("clang", CLANGS)
def test_what_the_page_of_the_c_library_says_to_write_compiles(clang: str, tmp_path: Path) -> None:
    for source, flags in INSTEAD:
        (tmp_path / "p.c").write_text(source)
        command = [clang, "-target", "bpf", "-fsyntax-only", f"-I{HEADERS}", *flags, "p.c"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (source, done.stderr)


def test_other_names_are_found_both_ways_and_of_flavours() -> None:
    row = renamed.other_name("struct task_struct___old", "state")
    assert row is not None and row == renamed.other_name("const struct task_struct", "__state")
    assert renamed.other_name("struct inode", "i_atime.tv_sec") is not None
    assert renamed.other_name("struct inode", "i_ino") is None
    assert renamed.other_name("struct mine", "state") is None
