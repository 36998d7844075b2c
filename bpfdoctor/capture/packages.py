"""Which package to install for a part that is missing, per distribution."""

from __future__ import annotations

import os
import re

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


def lacking(messages: bytes) -> tuple[str, ...]:
    """Which package has the header that was not found, where one has it and it is not installed."""
    found = re.search(rb"'([^'\n]{1,200})' file not found", messages)
    header = found[1].decode("utf-8", "replace") if found else ""
    folder, _, name = header.partition("/")
    if folder == "bpf" and name in LIBBPF_HEADERS and not os.path.exists(f"/usr/include/{header}"):
        return (f"{header} belongs to libbpf's headers. {install('bpf_helpers.h')}",)
    if folder in ("asm", "linux") and not os.path.exists("/usr/include/linux/bpf.h"):
        return (f"{header} belongs to the kernel's headers for programs. {install('asm/types.h')}",)
    return ()
