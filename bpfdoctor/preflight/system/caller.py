"""Who would load a program here: what this process may do, as the kernel tells it."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import suppress

from bpfdoctor import forked, rights
from bpfdoctor.kernel.capabilities import BPF, SYS_ADMIN, SYSLOG
from bpfdoctor.preflight.system import Caller
from bpfdoctor.preflight.system.bpf_call import bpf

_INFO_OF_FD, _NO_FD = 15, 0xFFFFFFFF  # BPF_OBJ_GET_INFO_BY_FD
_SECONDS = 5


def caller(unprivileged_disabled: str | None) -> Caller:
    """`unprivileged_disabled`: kernel.unprivileged_bpf_disabled, for whose sake EPERM may be no filter's."""
    have = rights.permitted()
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    is_root = os.geteuid() == 0 or bool(rights.as_whom())
    return Caller(
        have,
        "root" if is_root else f"uid {os.geteuid()}",
        rights.in_own_namespace("user"),
        _has_token(),
        _refused(have, unprivileged_disabled),
        SYSLOG in have or (None if rights.as_whom() else False),
        None if limit == resource.RLIM_INFINITY else limit,
    )


def _has_token() -> bool:
    """A BPF token is made of a BPF file system that was mounted with delegate_cmds=…"""
    with suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
        return any(" - bpf " in line and "delegate_" in line for line in mounts)
    return False


def _refused(have: frozenset[int], unprivileged_disabled: str | None) -> str | None:
    """What becomes of bpf(2) under a seccomp filter: a copy tries a request that asks for nothing."""
    if "Seccomp:\t2" not in _status():
        return ""
    try:
        said = int(forked.worked_out(_asked, _SECONDS))
    except forked.Unfinished:
        return "it ends the process"
    if said == errno.ENOSYS:
        return "ENOSYS"
    if said != errno.EPERM:
        return ""
    # Older kernels refuse all that those ask who may load nothing; a copy of root's process has its rights.
    may = os.geteuid() == 0 and have & {BPF, SYS_ADMIN}
    return "EPERM" if may or unprivileged_disabled == "0" else None


def _asked() -> bytes:
    """The number of the error that bpf(2) has for a descriptor that is none."""
    try:
        bpf(_INFO_OF_FD, _NO_FD.to_bytes(4, "little") + bytes(12))
    except OSError as error:
        return str(error.errno or 0).encode()
    return b"0"


def _status() -> str:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        return status.read()
