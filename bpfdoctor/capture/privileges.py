"""Says whether this process may load BPF programs; gives up capabilities in a child that loads with fewer."""

from __future__ import annotations

from bpfdoctor import rights
from bpfdoctor.kernel.capabilities import BPF, NEEDED, NET_ADMIN, PERFMON, SETPCAP, SETS, SYS_ADMIN
from bpfdoctor.model.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpfdoctor.model.report import CaptureOptions


def unprivileged_allowed() -> bool:
    """Whether the kernel lets everybody load socket filters (kernel.unprivileged_bpf_disabled = 0)."""
    try:
        with open("/proc/sys/kernel/unprivileged_bpf_disabled", encoding="ascii") as setting:
            return setting.read().strip() == "0"
    except OSError:
        return False


_SET_NO_NEW_PRIVS, _CAPBSET_DROP = 38, 24  # linux/prctl.h


def name_of(have: frozenset[int], wanted: str = "full") -> str:
    """The name of what is left of `have` when a child keeps only the set `wanted`."""
    kept = SETS[wanted]
    left = have if kept is None else have & kept
    if SYS_ADMIN in left or left >= {BPF, PERFMON, NET_ADMIN}:
        return "full"
    if left >= {BPF, NET_ADMIN}:
        return wanted if wanted != "full" else "no-perfmon"
    return "bpf" if BPF in left else "unprivileged"


def is_in_user_namespace() -> bool:
    """Whether this process's capabilities count in a namespace of its own only, and not for bpf()."""
    if not rights.in_own_namespace("user"):
        return False
    try:
        with open("/proc/mounts", encoding="utf-8", errors="replace") as mounts:
            return "delegate_" not in mounts.read()  # since 6.9 bpffs may lend rights there (BPF tokens)
    except OSError:
        return False


def lacking(program_type: str | None, options: CaptureOptions) -> tuple[str, ...]:
    """The capabilities that a type takes besides CAP_BPF and that a load with these options does not have."""
    from bpfdoctor.kernel import types

    kind, kept = types.programs().get(program_type or ""), SETS[options.capabilities]
    have = rights.permitted() if kept is None else rights.permitted() & kept
    if kind is None or SYS_ADMIN in have:
        return ()
    return tuple(name for name in kind.needs if NEEDED[name] not in have)


class NoRights(Problem):
    """This process may not load programs."""


def require(options: CaptureOptions) -> str:
    """The name of the capabilities a load will have; NoRights when this process cannot load at all."""
    if options.recorded:
        return "full"
    if options.capabilities not in SETS:
        raise Problem(
            f"There is no set of capabilities called {options.capabilities!r}.",
            "The sets are " + ", ".join(SETS) + ".",
        )
    is_inside = is_in_user_namespace()
    have = frozenset() if is_inside else rights.permitted()
    result = name_of(have, options.capabilities)
    if options.load and name_of(have) == "unprivileged" and not unprivileged_allowed():
        if is_inside and rights.permitted():
            raise NoRights(
                "This process has its rights inside a user namespace only (unshare -U, a rootless "
                "container), and loading a BPF program needs them outside of it.",
                "Run the same command outside, with sudo.",
                "Or compile only, without asking the kernel: --no-load.",
            )
        raise NoRights(
            "Loading a BPF program needs root or CAP_BPF (with CAP_PERFMON for tracing and CAP_NET_ADMIN for "
            "networking), and this process has neither.",
            "Run the same command with sudo.",
            "Or compile only, without asking the kernel: --no-load.",
        )
    return result


def drop(wanted: str) -> None:
    """Give up, for ever, every capability that is not in the set (in a child, before it loads).

    Raises OSError when the kernel refuses, so that no load is ever reported with rights it did not have.
    """
    kept = SETS[wanted]
    if kept is None:
        return
    have = rights.permitted()
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as setting:
        last = int(setting.read())
    rights.prctl(_SET_NO_NEW_PRIVS, 1)
    if SETPCAP in have:  # without it the bounding set stays, which no_new_privs makes harmless
        for bit in range(last + 1):
            if bit not in kept:
                rights.prctl(_CAPBSET_DROP, bit)
    rights.set_capabilities(have & kept, have & kept, inheritable=frozenset())
