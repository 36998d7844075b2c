"""Which package to install for a part that is missing, per distribution."""

from __future__ import annotations

#: part: (Debian and Ubuntu, Fedora)
PACKAGES = {
    "clang": ("clang", "clang"),
    "libbpf": ("libbpf1", "libbpf"),
    "bpf_helpers.h": ("libbpf-dev", "libbpf-devel"),
    "asm/types.h": ("linux-libc-dev", "kernel-headers"),
    "bpftool": ("bpftool (linux-tools-common on Ubuntu)", "bpftool"),
    "bcc": ("python3-bpfcc", "python3-bcc"),
    "kernel headers": ("linux-headers-$(uname -r)", "kernel-devel-$(uname -r)"),
}

#: the headers in libbpf's package that are made for BPF programs
PROGRAM_HEADERS = frozenset({
    "bpf_helpers.h", "bpf_helper_defs.h", "bpf_core_read.h", "bpf_endian.h", "bpf_tracing.h", "usdt.bpf.h",
})  # fmt: skip
#: all that are in it
LIBBPF_HEADERS = PROGRAM_HEADERS | {"bpf.h", "btf.h", "libbpf.h", "libbpf_common.h"}


def install(part: str) -> str:
    """One line that says what to install for `part`."""
    debian, fedora = PACKAGES[part]
    return f"Install it: {debian} on Debian and Ubuntu, {fedora} on Fedora."
