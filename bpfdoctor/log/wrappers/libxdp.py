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
        "Couldn't open file '",
        "Couldn't find network interface",
        "No XDP program loaded on",
        "xdp-filter is not loaded on",
    ),
    holds=("libxdp: ", "XDP mode not supported; try using SKB mode"),
    kind="xdp",
    phrases=(
        Phrase("kernel verifier blocks program loading", Step.LOAD),
        Phrase("error attaching xdp program to", Step.ATTACH, "xdp"),
        # xdp-loader's summary, which includes loading; libxdp's own line is about attaching
        Phrase("couldn't attach xdp program", Step.ATTACH, "xdp-tool"),
        Phrase("in bpf object section", Step.OPEN, "program-missing", names_target=True),
        Phrase("couldn't open file", Step.OPEN, "xdp-open"),
        Phrase("couldn't find network interface", Step.ATTACH, "no-device", 19),
        Phrase("no xdp program loaded on", Step.REQUEST, "nothing-loaded", names_target=True),
        Phrase("xdp-filter is not loaded on", Step.REQUEST, "nothing-loaded", names_target=True),
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
        "couldn't load the ebpf program",
        "couldn't load xdp program",
        "couldn't open bpf file",
        "couldn't open file",
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
