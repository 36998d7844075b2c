"""How libxdp and the tools built on it (xdp-loader, xdp-filter) fail."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

LIBXDP = Loader(
    "libxdp",
    begins=(
        "libxdp:",
        "Couldn't attach XDP program",
        "Couldn't load XDP program",
        "Couldn't load BPF program",
        "Couldn't open pin directory",
    ),
    holds=("libxdp: ", "XDP mode not supported; try using SKB mode"),
    kind="xdp",
    phrases=(
        Phrase("kernel verifier blocks program loading", Step.LOAD),
        Phrase("error attaching xdp program to", Step.ATTACH, "xdp"),
        Phrase("couldn't attach xdp program", Step.ATTACH, "xdp"),
        Phrase("failed to attach dispatcher", Step.ATTACH, "xdp"),
        Phrase("xdp mode not supported", Step.ATTACH, "xdp", 95),
        Phrase("xdp already loaded on device", Step.ATTACH, "xdp", 16),
        Phrase("has no btf information, so we can't load it as multiprog", Step.LOAD, "xdp-without-btf"),
        Phrase("kernel does not support freplace", Step.ATTACH, "freplace", 95),
        Phrase("compatibility check for dispatcher program failed", Step.LOAD, "xdp-dispatcher"),
        Phrase("couldn't find xdp-dispatcher.o", Step.OPEN, "xdp-file", 2),
        Phrase("couldn't find a bpf file with name", Step.OPEN, "xdp-file", 2, names_target=True),
        Phrase("couldn't open bpf file", Step.OPEN),
        Phrase("couldn't open pin directory", Step.PIN, ""),
        Phrase("dispatcher program", Step.LOAD, "xdp-dispatcher"),
        Phrase("incompatible dispatcher version", Step.ATTACH, "xdp-dispatcher"),
    ),
    fine=(
        "Loaded XDP program",
        "XDP program loaded",
        "libxdp: Loaded",
        "Successfully loaded XDP",
        "Attached XDP",
    ),
    harmless=(
        "compatibility check for dispatcher program failed",
        "kernel does not support freplace",
        "couldn't open pin directory",  # nothing is pinned before the first load
    ),
    summaries=(
        "couldn't attach xdp program",
        "couldn't load bpf program",
        "couldn't load xdp program",
        "couldn't open bpf file",
        "failed to attach dispatcher",
    ),
)

# Tools of other people's that try native mode first.
XDP_TOOLS = Loader(
    "",
    begins=("Could not attach with ",),
    kind="xdp",
    phrases=(Phrase("with skb/generic mode", Step.ATTACH, "xdp-generic"),),
    harmless=("with drv/native mode",),
)
