"""The capabilities that BPF asks for, and the sets of them that programs are tried with."""

from __future__ import annotations

# Source: include/uapi/linux/capability.h. CAP_PERFMON and CAP_BPF are separate since 5.8; before, and still,
# CAP_SYS_ADMIN counts as all the others for BPF.
DAC_OVERRIDE, DAC_READ_SEARCH, SETPCAP, NET_ADMIN, IPC_LOCK = 1, 2, 8, 12, 14
SYS_ADMIN, SYS_RESOURCE, SYSLOG, PERFMON, BPF = 21, 24, 34, 38, 39

#: What is left of a process's capabilities in each set; None = everything it has. The lab's guests know the
#: sets by their place in this list (lab/guest/caps.h).
SETS: dict[str, frozenset[int] | None] = {
    "full": None,
    "no-perfmon": frozenset(range(64)) - {SYS_ADMIN, PERFMON},
    "bpf+net": frozenset({BPF, NET_ADMIN}),
    "unprivileged": frozenset(),
}
NAMES = tuple(SETS)
#: What types of programs take besides CAP_BPF (program_types.json).
NEEDED = {"CAP_PERFMON": PERFMON, "CAP_NET_ADMIN": NET_ADMIN}
