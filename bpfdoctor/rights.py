"""Whose rights bpfdoctor uses: under sudo those of the user who called it; root's are lent to loaders only.

A stranger's program is read, compiled and worked out before it is loaded, and none of that needs root. So
under sudo the whole process becomes the invoking user at its start, and keeps of root's rights the few that
loading takes. They are not in force (capabilities(7): permitted, but not effective), and a program that is
started does not inherit them, except a loader, to which they are lent (ambient).
"""

from __future__ import annotations

import os
import sys

from bpfdoctor.kernel.capabilities import (
    BPF,
    DAC_READ_SEARCH,
    IPC_LOCK,
    NET_ADMIN,
    PERFMON,
    SYS_ADMIN,
    SYS_RESOURCE,
)
from bpfdoctor.model.problem import Problem

TYPE_CHECKING = False  # the command line imports this at every start, and children in a bare interpreter
if TYPE_CHECKING:
    import ctypes
    from collections.abc import Mapping

#: What loading takes: memory for maps (before 5.11 SYS_RESOURCE), types of modules (SYS_ADMIN), and for BCC a
#: look at the formats of tracepoints (DAC_READ_SEARCH).
LOADING = frozenset({DAC_READ_SEARCH, NET_ADMIN, IPC_LOCK, SYS_ADMIN, SYS_RESOURCE, PERFMON, BPF})

# linux/prctl.h
_SET_KEEPCAPS, _CAP_AMBIENT, _AMBIENT_RAISE, _AMBIENT_CLEAR_ALL = 8, 47, 2, 4

_caller: str | None = None  # the name of whom we became


def as_whom() -> str:
    """For the end of a sentence about a file: as whom it was opened, where that may surprise."""
    return f" (as {_caller}, who called sudo)" if _caller else ""


# PROC_USER_INIT_INO and PROC_PID_INIT_INO, include/linux/proc_ns.h
_FIRST_NAMESPACES = {"user": "user:[4026531837]", "pid": "pid:[4026531836]"}


def in_own_namespace(kind: str) -> bool:
    """Whether this process is in another namespace (user, pid) than the kernel's first one."""
    try:
        return os.readlink(f"/proc/self/ns/{kind}") != _FIRST_NAMESPACES[kind]
    except OSError:
        return False


def require_own(instead: str) -> None:
    """Raises Problem under sudo, for what starts programs with all rights of whoever calls."""
    if _caller:
        raise Problem(
            f"Under sudo this works as {_caller}, and so would the loader.",
            f"Give sudo to the loader: {instead}",
        )


def become_caller() -> None:
    """Under sudo, pkexec or doas be the user who called it, from here on. Raises Problem where that fails."""
    global _caller  # noqa: PLW0603 - a fact about the process
    if os.getuid() != 0 or os.geteuid() != 0 or not (user := _invoking_user(os.environ)):
        return
    uid, gid, groups, name, home = user
    _require_readable(uid, gid, groups, name)
    kept = permitted() & LOADING
    prctl(_SET_KEEPCAPS, 1)
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    set_capabilities(effective=frozenset(), permitted=kept, inheritable=frozenset())
    os.environ.update(HOME=home, USER=name, LOGNAME=name)
    _caller = name


def _invoking_user(env: Mapping[str, str]) -> tuple[int, int, list[int], str, str] | None:
    """Who called, from what sudo, pkexec and doas leave in the environment; None for nobody and for root.

    Numbers of user and group, all groups, name, home.
    """
    uid, name = env.get("SUDO_UID") or env.get("PKEXEC_UID") or "", env.get("DOAS_USER", "")
    if not uid and not name:
        return None
    import pwd

    try:
        known = pwd.getpwuid(int(uid)) if uid.isdecimal() else pwd.getpwnam(name)
    except (KeyError, OverflowError):
        gid = env.get("SUDO_GID", "")
        if not uid.isdecimal() or not gid.isdecimal():
            raise Problem(
                "It cannot be told who called sudo, and bpfdoctor compiles as that user.",
                "As root itself: env -u SUDO_UID -u PKEXEC_UID -u DOAS_USER bpfdoctor …",
            ) from None
        return int(uid), int(gid), [int(gid)], env.get("SUDO_USER") or uid, "/"
    if known.pw_uid == 0:
        return None
    groups = os.getgrouplist(known.pw_name, known.pw_gid)
    return known.pw_uid, known.pw_gid, groups, known.pw_name, known.pw_dir


def _require_readable(uid: int, gid: int, groups: list[int], name: str) -> None:
    """Raises Problem where a user may not read bpfdoctor itself: most of it is imported later."""
    before = os.getgroups()
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)
    needed = [os.path.dirname(os.path.abspath(__file__)), sys.executable]
    hidden = [path for path in needed if not os.access(path, os.R_OK | os.X_OK, effective_ids=True)]
    os.seteuid(0)
    os.setegid(0)
    os.setgroups(before)
    if hidden:
        raise Problem(
            f"Under sudo bpfdoctor works as {name}, who may not read {hidden[0]}, which is a part of it.",
            f"Install it where {name} can read it.",
            "Or work as root: env -u SUDO_UID bpfdoctor …",
        )


def permitted() -> frozenset[int]:
    """The capabilities that this process has or may lend, as numbers."""
    return _status("CapPrm:")


def _status(name: str) -> frozenset[int]:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        bits = next((int(line.split()[1], 16) for line in status if line.startswith(name)), 0)
    return frozenset(bit for bit in range(64) if bits >> bit & 1)


class Lent:
    """What is started inside `with Lent()` inherits the rights of this process; root's programs do anyway."""

    def __enter__(self) -> None:
        self._have = permitted() if os.geteuid() != 0 else frozenset()
        if self._have:
            self._effective = _status("CapEff:")
            set_capabilities(self._effective, self._have, inheritable=self._have)
            for bit in self._have:
                prctl(_CAP_AMBIENT, _AMBIENT_RAISE, bit)

    def __exit__(self, *_: object) -> None:
        if self._have:  # an ambient capability ends with its inheritable one
            set_capabilities(self._effective, self._have, inheritable=frozenset())


def withhold() -> None:
    """What is started from here on inherits no rights, unless they are lent. Root's programs have root's."""
    if os.geteuid() != 0 and _status("CapAmb:"):
        prctl(_CAP_AMBIENT, _AMBIENT_CLEAR_ALL)


def give_up() -> None:
    """This process has no rights from here on, where it is not root's."""
    if os.geteuid() != 0 and permitted():
        set_capabilities(frozenset(), frozenset(), frozenset())


def set_capabilities(
    effective: frozenset[int], permitted: frozenset[int], inheritable: frozenset[int]
) -> None:
    """capset(2) for this process. Raises OSError: never go on with rights that were to be given up."""
    import ctypes as ct

    sets = [sum(1 << bit for bit in each) for each in (effective, permitted, inheritable)]
    header = (ct.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    data = (ct.c_uint32 * 6)(*(bits & 0xFFFFFFFF for bits in sets), *(bits >> 32 for bits in sets))
    _done(_libc().capset(header, data), "capset")


def prctl(*arguments: int) -> None:
    """prctl(2). Raises OSError."""
    _done(_libc().prctl(*arguments, *[0] * (5 - len(arguments))), f"prctl {arguments[0]}")


def _libc() -> ctypes.CDLL:
    import ctypes as ct

    libc = ct.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ct.c_int] + [ct.c_ulong] * 4
    return libc


def _done(result: int, what: str) -> None:
    if result:
        import ctypes as ct

        raise OSError(ct.get_errno(), f"{what}: {os.strerror(ct.get_errno())}")
