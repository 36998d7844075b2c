"""How libbpf-rs fails, and the programs that are built on it."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

LIBBPF_RS = Loader(
    "libbpf-rs",
    begins=(
        "Error: Failed to attach",
        "Error: failed to attach",
        "Error: Failed to load",
        "Error: failed to load",
        "Error: System error, errno: ",
    ),
    holds=("libbpf_rs::", "libbpf-rs", 'bpf call "'),
    phrases=(
        Phrase("attach_struct_ops", Step.REGISTER, "struct_ops"),
        Phrase("program::attach", Step.ATTACH),
        Phrase("::attach_perf_event", Step.ATTACH, "perf_event"),
        Phrase("openobject::load", Step.LOAD),
        Phrase("failed to attach", Step.ATTACH),
        Phrase("failed to load bpf program", Step.LOAD),
        Phrase("failed to load object", Step.LOAD),
    ),
    summaries=("returned null", "failed to attach", "failed to load"),
)
