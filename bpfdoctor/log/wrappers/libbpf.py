"""How libbpf fails. Most of its lines say step, target and error in words that the grammar knows."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

LIBBPF = Loader(
    "libbpf",
    begins=("libbpf:",),
    holds=("libbpf: ",),
    phrases=(
        Phrase("in symbol table for var", Step.BTF, "btf-finalize", names_target=True),
        Phrase("error finalizing .btf", Step.BTF, "btf-finalize"),
        Phrase("is not on bpf fs", Step.PIN, "", 22),
        Phrase("prog 'restrict_filesystems': failed to attach", Step.ATTACH, "systemd-lsm"),
        # bpf_program__attach_btf_id names no target; all others do: "failed to attach to cgroup: …".
        Phrase("': failed to attach: ", Step.ATTACH, "fentry"),
        Phrase("failed to auto-attach", Step.ATTACH),
        Phrase("btf loading error", Step.BTF),
        Phrase("error loading elf section .btf:", Step.BTF, "btf-section"),
        Phrase("'s btf object #", Step.RELOCATE, "btf-unfit"),
        Phrase("btf: type [", Step.RELOCATE, "btf-unfit"),
        Phrase("error in bpf_object__create_map", Step.MAP),
        Phrase("error in bpf_create_map", Step.MAP),
        Phrase("failed to create perf buffer", Step.READ, "perf_buffer"),
        Phrase("elf: failed to find symbol", Step.ATTACH, "uprobe"),
        Phrase("elf: ", Step.OPEN),
        Phrase("perf_event_open() failed", Step.ATTACH),
        Phrase("failed to find btf for extern", Step.RELOCATE, "extern"),
        Phrase("incompatible with vmlinux", Step.RELOCATE, "ksym-prototype"),
        Phrase("target candidate search failed for", Step.RELOCATE, "core-type"),
        Phrase("failed to find valid kernel btf", Step.RELOCATE, "kernel-btf"),
        Phrase("failed to parse target btf", Step.RELOCATE, "target-btf"),
        Phrase("error loading vmlinux btf", Step.RELOCATE, "kernel-btf"),
        Phrase("kernel btf is missing", Step.RELOCATE, "kernel-btf"),
        Phrase("vmlinux btf is not found", Step.RELOCATE, "kernel-btf"),
        Phrase("failed to get exit_function", Step.ATTACH, "fentry"),
        Phrase("failed to find kernel btf type id of", Step.ATTACH, "kernel-function"),
        Phrase("is not found in vmlinux btf", Step.ATTACH, "kernel-function"),
        Phrase("failed to add legacy kprobe event", Step.ATTACH, "kprobe"),
        Phrase("failed to determine legacy kprobe event id", Step.ATTACH, "kprobe"),
        Phrase("failed to determine kprobe perf type", Step.ATTACH, "kprobe-pmu"),
        Phrase("failed to determine uprobe perf type", Step.ATTACH, "kprobe-pmu"),
        Phrase("failed to find program symbol at offset", Step.OPEN, "no-symbol"),
        Phrase("corrupted program", Step.OPEN, "odd-size"),
        Phrase("failed to attach to xdp", Step.ATTACH, "xdp-link"),
        Phrase("failed to determine tracepoint", Step.ATTACH, "tracepoint"),
        Phrase("failed to create bpf token", Step.REQUEST, "token"),
        Phrase("has non-zero extra bytes", Step.OPEN, "opts-size"),
        Phrase("no .text section found yet sub-program call", Step.RELOCATE, "no-text"),
        Phrase("couldn't reuse pinned map", Step.PIN, "reuse"),
        Phrase("cannot reuse pinned map", Step.PIN, "reuse"),
        Phrase("kernel error message:", Step.REQUEST),
    ),
    # systemd asks with a descriptor that is none whether the kernel can do it: EBADF is the answer it wants.
    harmless=tuple(
        f"prog '{program}': failed to attach to cgroup: {error}"
        for program in ("sd_bind4", "sd_bind6", "sd_restrictif_i", "sd_restrictif_e")
        for error in ("bad file descriptor", "-ebadf")
    ),
    summaries=("failed to auto-attach", "btf: type ["),
)
