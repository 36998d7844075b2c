"""How bpftrace fails, and how it says that all went well."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

BPFTRACE = Loader(
    "bpftrace",
    begins=(
        "ERROR: Error attaching probe",
        "ERROR: Error loading",
        "ERROR: Could not",
        "ERROR: Failed to",
        "ERROR: failed to create",
        "ERROR: couldn't get argument",
        "Error finding location for probe",
        "Error creating map: '",
        "Error creating stack id map",
        "Error creating perf event map",
        "Error creating join map",
        "No probes to attach",
        "Could not resolve symbol",
        "FATAL: ",
    ),
    holds=(
        "Creation of the required BPF maps has failed",
        "Error attaching probe",
        "Unable to attach probe",
        "bpftrace",
        "Loading BPF object(s) failed",
    ),
    phrases=(
        Phrase("as the root user", Step.REQUEST, "root", 1),
        Phrase("creation of the required bpf maps", Step.MAP),
        Phrase("error finding location for probe", Step.ATTACH, "no-probe"),
        Phrase("couldn't get argument", Step.ATTACH, "usdt-argument"),
        Phrase("error attaching probe", Step.ATTACH),
        Phrase("unable to attach probe", Step.ATTACH),
        Phrase("can't load ebpf object", Step.LOAD),
        Phrase("error loading bpf program", Step.LOAD),
        Phrase("error creating map", Step.MAP),
        Phrase("error creating stack id map", Step.MAP),
        Phrase("error creating perf event map", Step.MAP, "map"),
        Phrase("error creating join map", Step.MAP),
        Phrase("use bpftrace_vmlinux", Step.ATTACH, "kprobe-offset"),
        Phrase("self/exe:begin_trigger", Step.ATTACH, "bpftrace-stripped"),
        Phrase("self/exe:end_trigger", Step.ATTACH, "bpftrace-stripped"),
        Phrase("could not resolve symbol", Step.ATTACH, "uprobe", 2),
        Phrase("not available for your kernel version", Step.ATTACH, "kernel-cannot"),
        Phrase("could not read traceable functions", Step.ATTACH, "tracefs"),
        Phrase("tracepoint not found:", Step.ATTACH, "tracepoint", 2, names_target=True),
        Phrase("no probes to attach", Step.ATTACH, "no-probe"),
        Phrase("is not traceable", Step.ATTACH, "kprobe", 2),
        Phrase("kernel lockdown is enabled", Step.LOAD, "lockdown", 1),
    ),
    fine=(
        "Attaching kprobe:",
        "Attaching tracepoint:",
        "Attaching uprobe:",
        "Attaching BEGIN",
        "Attaching begin",
    ),
    summaries=("loading bpf object(s) failed", "creation of the required bpf maps"),
)
