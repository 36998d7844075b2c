"""Which package to install for a part that is missing, per distribution."""

from __future__ import annotations

import os
import re
from contextlib import suppress

#: part -> the package by distribution, as the distributions' own package pages list them; of SUSE only the
#: kernel's headers are known
PACKAGES = {
    "clang": {"debian": "clang", "fedora": "clang", "arch": "clang", "alpine": "clang"},
    "libbpf": {"debian": "libbpf1", "fedora": "libbpf", "arch": "libbpf", "alpine": "libbpf"},
    "bpf_helpers.h": {
        "debian": "libbpf-dev",
        "fedora": "libbpf-devel",
        "arch": "libbpf",
        "alpine": "libbpf-dev",
    },
    "asm/types.h": {
        "debian": "linux-libc-dev",
        "fedora": "kernel-headers",
        "arch": "linux-api-headers",
        "alpine": "linux-headers",
    },
    "bpftool": {
        "debian": "bpftool (linux-tools-common on Ubuntu)",
        "fedora": "bpftool",
        "arch": "bpf",
        "alpine": "bpftool",
    },
    "bcc": {"debian": "python3-bpfcc", "fedora": "python3-bcc", "arch": "python-bcc", "alpine": "py3-bcc"},
    "kernel headers": {
        "debian": "linux-headers-$(uname -r)",
        "fedora": "kernel-devel-$(uname -r)",
        "arch": "linux-headers (of the kernel's variant: linux-lts-headers …)",
        "alpine": "linux-lts-dev (linux-virt-dev for its virtual kernel)",
        "suse": "kernel-default-devel",
    },
}
#: ID and ID_LIKE of os-release(5) that mean one of these
_FAMILIES = {
    "ubuntu": "debian",
    "rhel": "fedora",
    "centos": "fedora",
}

#: the headers in libbpf's package that are made for BPF programs
PROGRAM_HEADERS = frozenset({
    "bpf_helpers.h", "bpf_helper_defs.h", "bpf_core_read.h", "bpf_endian.h", "bpf_tracing.h", "usdt.bpf.h",
})  # fmt: skip
#: all that are in it
LIBBPF_HEADERS = PROGRAM_HEADERS | {"bpf.h", "btf.h", "libbpf.h", "libbpf_common.h"}


def install(part: str) -> str:
    """One line that says what to install for `part`, here where the distribution is known."""
    if here := of_this_system(part):
        return f"Install it: {here} on {_told('/etc/os-release')['NAME']}."
    debian, fedora = PACKAGES[part]["debian"], PACKAGES[part]["fedora"]
    return f"Install it: {debian} on Debian and Ubuntu, {fedora} on Fedora."


def of_this_system(part: str, os_release: str = "/etc/os-release") -> str:
    """The package as this distribution calls it; "" for one that is not known."""
    told = _told(os_release)
    for name in f"{told['ID']} {told['ID_LIKE']}".split():
        family = "suse" if "suse" in name else _FAMILIES.get(name, name)  # opensuse-leap, sles
        if family in PACKAGES[part]:
            return PACKAGES[part][family]
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
