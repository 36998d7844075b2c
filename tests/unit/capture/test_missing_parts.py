"""Machines on which something is missing: one sentence, and the package to install."""

from __future__ import annotations

import glob

import pytest

from tests.unit.capture.running import Write, python

pytestmark = pytest.mark.usefixtures("kernel")  # hiding files takes root, too

INCLUDES = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
LIBBPF = INCLUDES + 'SEC("xdp") int f(struct xdp_md *ctx) { return 2; }\n'
BCC = "int kprobe__do_exit(void *ctx) { return 0; }\n"
TYPES = LIBBPF.replace("<linux/bpf.h>", '"vmlinux.h"')


def hidden(*patterns: str) -> list[str]:
    return [path for pattern in patterns for path in glob.glob(pattern)]


def test_without_libbpf(write: Write) -> None:
    path = write("a.bpf.c", LIBBPF)
    said = python(f"tell({str(path)!r})", without=hidden("/usr/lib/*/libbpf.so.1"))
    assert "libbpf.so.1 cannot be used" in said
    assert "libbpf1 on Debian" in said


def test_without_bcc(write: Write) -> None:
    said = python(f"tell({str(write('a.c', BCC))!r})", without=hidden("/usr/lib/*/libbcc.so.0"))
    assert "BCC cannot be used: " in said
    assert "python3-bpfcc on Debian" in said


def test_without_kernel_headers(write: Write) -> None:
    said = python(f"tell({str(write('a.c', BCC))!r})", without=["/usr/src", "/lib/modules"])
    assert "BCC needs the kernel's headers, and none are installed" in said
    assert "linux-headers-$(uname -r) on Debian" in said
    said = python(f"tell({str(write('a.c', BCC))!r})", BCC_KERNEL_SOURCE="/no/such/folder")
    assert "BCC_KERNEL_SOURCE names /no/such/folder" in said


def test_without_libbpfs_headers(write: Write) -> None:
    said = python(f"tell({str(write('a.bpf.c', LIBBPF))!r})", without=["/usr/include/bpf"])
    assert said.startswith("not-compiled")
    assert "libbpf-dev on Debian" in said


def test_without_bpftool_there_is_no_vmlinux_h(
    write: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, empty = write("a.bpf.c", TYPES), str(tmp_path_factory.mktemp("cache"))
    tools = hidden("/usr/sbin/bpftool", "/usr/local/sbin/bpftool", "/usr/bin/bpftool")
    said = python(f"tell({str(path)!r})", without=tools, XDG_CACHE_HOME=empty)
    assert said.startswith("not-compiled")
    assert "bpftool, which could make one" in said
    said = python(f"tell({str(path)!r})", without=["/sys/kernel/btf"], XDG_CACHE_HOME=empty)
    assert "this kernel has no BTF to make one from" in said


def test_without_a_place_for_a_cache_all_still_works(write: Write) -> None:
    libbpf, bcc = write("a.bpf.c", TYPES), write("a.c", BCC)
    said = python(f"tell({str(libbpf)!r}); tell({str(bcc)!r})", XDG_CACHE_HOME="/proc/nowhere")
    assert [line.split(" | ")[:2] for line in said.splitlines()] == [
        ["loads", "f"],
        ["loads", "kprobe__do_exit"],
    ]


def test_without_the_right_to_load(write: Write) -> None:
    libbpf, bcc = write("a.bpf.c", LIBBPF), write("a.c", "BPF_HASH(seen, u32);\n" + BCC)
    code = f"""
privileges.drop("unprivileged")
tell({str(libbpf)!r})
tell({str(bcc)!r})
tell({str(libbpf)!r}, load=False)
tell({str(bcc)!r}, load=False)
"""
    refused, also_refused, compiled, also_compiled = python(code).splitlines()
    assert refused.startswith("Loading a BPF program needs root or CAP_BPF")
    assert "sudo" in refused
    assert "--no-load" in refused
    assert also_refused == refused
    assert compiled == "not-asked | f"
    assert also_compiled.startswith("not-asked | kprobe__do_exit")


@pytest.mark.parametrize(
    ("capabilities", "verdict"), [("bpf+net", "refused"), ("unprivileged", "not-loaded")]
)
def test_fewer_rights_are_what_the_kernel_sees(write: Write, capabilities: str, verdict: str) -> None:
    # Comparing a pointer with a constant is for those with CAP_PERFMON only.
    leak = LIBBPF.replace("return 2;", "return (long)ctx > 16;")
    path = str(write("a.bpf.c", leak))
    assert python(f"tell({path!r})").startswith("loads")
    assert python(f"tell({path!r}, capabilities={capabilities!r})").startswith(verdict)
