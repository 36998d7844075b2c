"""Which #include of the user's led to a header, and whose headers lie on the way."""

from __future__ import annotations

import re

from bpfdoctor.analysis.lib import compiler_excerpt as excerpt
from bpfdoctor.analysis.lib.compiler_excerpt import Origin
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.transcript import ErrorBlock

# What stands before a header's name as it is written: the folder, and on Debian the processor's.
_FOLDER = re.compile(r"^(?:.*/)?include/(?:[\w.]{2,20}-(?:[\w.]{1,20}-)?linux(?:-[\w.]{1,20})?/)?(?=[^/])")
_SYSTEM = re.compile(r"^/(?:.*/)?include/")
_OF_CLANG = re.compile(r"/lib/clang/[^/]{1,30}/include/")
_OF_LIBBPF = re.compile(
    r"(?:^|/)(?:bpf|libbpf/src)/(bpf_\w{1,40}\.h|(?:lib)?bpf\.h|btf\.h|libbpf_\w{1,30}\.h|usdt\.bpf\.h)$"
)
# Folders of the C library that hold nothing of the kernel's.
_FOLDERS = ("sys/", "bits/", "gnu/", "net/", "netinet/", "arpa/", "netpacket/")
_HEADERS = frozenset(
    {
        "alloca.h", "assert.h", "byteswap.h", "complex.h", "ctype.h", "dirent.h", "endian.h", "errno.h",
        "features.h", "fcntl.h", "fenv.h", "getopt.h", "ifaddrs.h", "inttypes.h", "limits.h", "locale.h",
        "malloc.h", "math.h", "memory.h", "netdb.h", "poll.h", "pthread.h", "pwd.h", "sched.h", "setjmp.h",
        "signal.h", "stdc-predef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h",
        "syscall.h", "syslog.h", "time.h", "uchar.h", "unistd.h", "wchar.h", "wctype.h",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lead:
    """An #include in a file of the user's: its place, the header as written, the headers down to the message.

    `way` begins with that header and ends with the one that the message is about.
    """

    file: str
    line: int
    header: str
    way: tuple[str, ...]


def lead(block: ErrorBlock) -> Lead | None:
    """The innermost #include of the user's files that led to the message; None when it is in one of them."""
    places = [_split(each) for each in reversed(excerpt.included_by(block))]
    if not places or not block.file:
        return None
    files = [*(file for file, _ in places), block.file]
    own = 0
    while own < len(files) and _is_users(files[own]):
        own += 1
    if not 0 < own < len(files):
        return None
    file, line = places[own - 1]
    return Lead(file, line, spelled(files[own]), tuple(files[own:]))


def spelled(path: str) -> str:
    """A header's name as an #include has it: linux/if_ether.h of /usr/include/linux/if_ether.h."""
    if found := _OF_LIBBPF.search(path):
        return f"bpf/{found[1]}"
    return path[found.end() :] if (found := _FOLDER.match(path)) else path.rsplit("/", 1)[-1]


def is_c_library(path: str) -> bool:
    """Whether it is a header of the C library, or the one of the same name that clang puts before it."""
    name = spelled(path)
    in_system = _SYSTEM.match(path) is not None and "/linux-headers" not in path
    return in_system and (name.startswith(_FOLDERS) or name in _HEADERS)


def _is_users(file: str) -> bool:
    is_system = _SYSTEM.match(file) is not None or _OF_CLANG.search(file) or _OF_LIBBPF.search(file)
    return excerpt.origin(file) is Origin.USER and not is_system and not file.startswith("<")


def _split(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


def library_behind(found: Lead) -> str | None:
    """The first header of the C library on the way, as an #include has it; None where there is none."""
    return next((spelled(file) for file in found.way if is_c_library(file)), None)
