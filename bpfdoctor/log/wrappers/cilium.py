"""How cilium/ebpf fails: a chain of steps, each after a colon, the error last."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

CILIUM = Loader(
    "cilium/ebpf",
    begins=("load program: ",),
    holds=(
        ": load program: ",
        "map create: ",
        "apply CO-RE relocations: ",
        "CO-RE relocation",
        "CO-RE fixup",
        "load BTF: ",
        "load BTF for kmod ",
        "removing memlock",
        "memlock rlimit",
        "create link: ",
        "loading eBPF objects",
        "loading objects: ",
        "loading collection: ",
        "create raw tracepoint link",
        "attaching kprobe",
        "creating perf_kprobe PMU",
        "creating tracefs event",
        "load kernel spec",
        "can't load kernel ",
        "attach tracing link",
        "collection failed",
        "pin map to ",
        "(missing kernel symbol or prog's AttachType not ",
    ),
    phrases=(
        Phrase("not a bpf filesystem", Step.PIN, errno=1),
        Phrase("removing memlock", Step.MAP, "rlimit"),
        Phrase("load btf for kmod", Step.RELOCATE, "module-btf", names_target=True),
        Phrase("load kernel spec", Step.RELOCATE, "kernel-btf"),
        Phrase("no btf found for kernel version", Step.RELOCATE, "kernel-btf"),
        Phrase("unsized type *btf.", Step.RELOCATE, "library-relocation"),
        Phrase("apply co-re relocations", Step.RELOCATE),
        Phrase("map create", Step.MAP),
        Phrase("load btf", Step.BTF),
        Phrase("load program", Step.LOAD),
        Phrase("creating perf_kprobe pmu", Step.ATTACH, "kprobe"),
        Phrase("creating perf_uprobe pmu", Step.ATTACH, "uprobe"),
        Phrase("creating tracefs event", Step.ATTACH, "kprobe"),
        Phrase("attach tracing link", Step.ATTACH, "fentry"),
        Phrase("create raw tracepoint link", Step.ATTACH, "raw_tracepoint"),
        Phrase("create link", Step.ATTACH),
        Phrase("attach tcx link", Step.ATTACH, "tcx"),
        Phrase("attach xdp link", Step.ATTACH, "xdp"),
        Phrase("set memlock", Step.MAP, "rlimit"),
        Phrase("parse reloc", Step.OPEN),
        Phrase("pin map to", Step.PIN),
    ),
)
