"""How systemd fails with its own BPF programs, and what it says of a unit whose loader failed."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

SYSTEMD = Loader(
    "systemd",
    begins=(
        "systemd[",
        "bpf-lsm:",
        "bpf-restrict-fs:",
        "bpf-restrict-ifaces:",
        "bpf-firewall:",
        "bpf-socket-bind:",
        "restrict-interfaces:",
        "bpf-foreign:",
        "bpf-userns-restrict:",
    ),
    holds=(
        "bpf-lsm: ",
        "bpf-firewall: ",
        "bpf-restrict-fs: ",
        ".service: Attaching ",
        ": bpf-foreign: ",
        "restrict-interfaces: ",
        "does not support BPF/cgroup based firewalling",
    ),
    kind="cgroup",
    phrases=(
        Phrase("bpf-lsm: failed to load bpf object", Step.LOAD, "lsm"),
        Phrase("bpf-restrict-fs: failed to load bpf object", Step.LOAD, "lsm"),
        Phrase("does not support bpf/cgroup based firewalling", Step.ATTACH, "cgroup-bpf-off"),
        Phrase("bpf lsm hook not enabled", Step.LOAD, "lsm-off"),
        Phrase("failed to load bpf object", Step.LOAD),
        Phrase("failed to determine filesystem type of", Step.PIN, "", names_target=True),
        Phrase("failed to prepare foreign bpf hashmap", Step.PIN, ""),
        Phrase("failed to link program", Step.ATTACH, "systemd-lsm"),
        Phrase("attaching egress bpf program", Step.ATTACH, "cgroup"),
        Phrase("attaching ingress bpf program", Step.ATTACH, "cgroup"),
        Phrase("attaching", Step.ATTACH, "cgroup"),
        Phrase("failed to attach", Step.ATTACH),
    ),
    harmless=("which indicates it is supported",),
    summaries=("failed to prepare foreign bpf hashmap", "assuming bpf lsm is not available"),
)
