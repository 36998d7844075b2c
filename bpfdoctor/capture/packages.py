"""Which package to install for a part that is missing, per distribution."""

from __future__ import annotations

import os
import re
from contextlib import suppress

#: part: (Debian and Ubuntu, Fedora and RHEL)
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


#: the kernel's headers where they are called otherwise, by ID or ID_LIKE of os-release(5)
_OTHER_HEADERS = {
    "arch": "linux-headers (of the kernel's variant: linux-lts-headers …)",
    "suse": "kernel-default-devel",
    "alpine": "linux-lts-dev (linux-virt-dev for its virtual kernel)",
}


def install(part: str) -> str:
    """One line that says what to install for `part`, here where the distribution is known."""
    debian, fedora = PACKAGES[part]
    if here := of_this_system(part):
        return f"Install it: {here} on {_told('/etc/os-release')['NAME']}."
    return f"Install it: {debian} on Debian and Ubuntu, {fedora} on Fedora."


def of_this_system(part: str, os_release: str = "/etc/os-release") -> str:
    """The package as this distribution calls it; "" for one that is not known."""
    told = _told(os_release)
    names = f"{told['ID']} {told['ID_LIKE']}".split()
    debian, fedora = PACKAGES[part]
    for name in names:
        if name in ("debian", "ubuntu"):
            return debian
        if name in ("fedora", "rhel", "centos"):
            return fedora
        other = next((each for each in _OTHER_HEADERS if each in name), "")
        if other and part == "kernel headers":
            return _OTHER_HEADERS[other]
    return ""


def _told(os_release: str) -> dict[str, str]:
    """os-release(5) as a table."""
    told = {"ID": "", "ID_LIKE": "", "NAME": "this system"}
    with suppress(OSError), open(os_release, encoding="utf-8", errors="replace") as file:
        told |= {
            name: value.strip().strip("\"'") for name, _, value in (line.partition("=") for line in file)
        }
    return told


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
