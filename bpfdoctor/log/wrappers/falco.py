"""How libscap and libpman (falco, sysdig) fail."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

FALCO = Loader(
    "libscap",
    begins=("libscap:", "libpman:", "[libs]: ", "PERF_EVENT_IOC_SET_BPF: "),
    holds=(
        "Please ensure the kernel module is already loaded",
        "libscap: ",
        "libpman: ",
        "scap_open",
        "scap_init",
        " event=filler/",
        " event=tracepoint/",
    ),
    phrases=(
        Phrase("perf_event_ioc_set_bpf", Step.ATTACH, "perf_event"),
        Phrase("ensure the kernel module is already loaded", Step.OPEN, "kernel-module"),
        Phrase("bpf_load_program()", Step.LOAD),
        Phrase("failed to load bpf object", Step.LOAD),
        Phrase("failed to open bpf skeleton", Step.OPEN),
        Phrase("unable to attach", Step.ATTACH),
        Phrase("failed to attach", Step.ATTACH),
        Phrase("can't open bpf probe", Step.OPEN, "probe-file"),
        Phrase("bpf probe is compiled for", Step.OPEN, "probe-version"),
        Phrase("ring buffer map type is not supported", Step.MAP, "ring_buffer", 22),
        Phrase("tracing program type is not supported", Step.LOAD, "fentry", 22),
        Phrase("ring buffer", Step.READ, "ring_buffer"),
        Phrase("can't set map", Step.REQUEST),
        Phrase("initialization issues during scap_init", Step.UNKNOWN),
    ),
    summaries=(
        "initialization issues during scap_init",
        "an error occurred in an event source",
        "failed to load bpf object",
    ),
)
