"""How BCC fails: what its C library prints, and the exception that follows."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

BCC = Loader(
    "BCC",
    step=Step.LOAD,
    begins=(
        "bpf: ",
        "Exception: Failed to load BPF program",
        "cannot attach kprobe",
        "cannot attach uprobe",
        "open(/sys/kernel/",
        "write(/sys/kernel/",
        "write(kprobe_events",
        "perf_event_open(/sys/",
        "bcc.usdt.USDTException: ",
    ),
    holds=(
        "Error attaching USDT probes: ",
        "Failed to attach BPF",
        "Failed to load BPF program b'",
        "create_probe_event: ",
        "bpf_attach_",
        "probe entry may not exist",
        "could not open bpf map: ",
        "could not determine address of symbol ",
        "bpf_open_perf_buffer",
        "ioctl(PERF_EVENT_IOC_SET_BPF)",
        "Program  too large (",
        "unexpected keyword argument 'usdt'",
    ),
    phrases=(
        Phrase("error attaching usdt probes", Step.ATTACH, "no-probe"),
        Phrase("failed to enable probe", Step.ATTACH, "bcc-usdt"),
        Phrase("failed to enable usdt probe", Step.ATTACH, "bcc-usdt"),
        Phrase("unexpected keyword argument 'usdt'", Step.ATTACH, "bcc-usdt-contexts"),
        Phrase("could not determine address of symbol ", Step.ATTACH, "user-symbol", names_target=True),
        Phrase("too large (", Step.LOAD),
        Phrase("/events/", Step.ATTACH, "tracepoint"),
        # The file is there, and the kernel does not know what was written into it.
        Phrase("write(kprobe_events): no such file", Step.ATTACH, "kprobe", 2),
        Phrase("it's not traceable", Step.ATTACH, "kprobe", 2),
        Phrase("probe entry may not exist", Step.ATTACH, errno=2),
        Phrase("could not open bpf map", Step.MAP),
        Phrase("ioctl(perf_event_ioc_set_bpf) failed", Step.ATTACH, "perf_event"),
        Phrase("failed to load bpf program", Step.LOAD),
        Phrase("failed to attach bpf", Step.ATTACH),
        Phrase("bpf_raw_tracepoint_open", Step.ATTACH, "raw_tracepoint"),
        Phrase("failed to open perf buffer", Step.READ, "perf_buffer"),
    ),
    summaries=("failed to attach bpf", "failed to load bpf program", "check dmesg output"),
)
