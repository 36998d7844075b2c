"""How sched_ext's schedulers fail: scx_rusty, scx_lavd, scx_simple …"""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

SCX = Loader(
    "the scheduler (scx)",
    begins=("sched_ext: ", "EXIT: "),
    holds=("[scx panic]", "another sched_ext scheduler", "scx_", "sched_ext"),
    kind="struct_ops",
    phrases=(
        Phrase("another sched_ext scheduler is already running", Step.REGISTER, "struct_ops", 16),
        Phrase("failed to attach struct_ops", Step.REGISTER, "struct_ops"),
        Phrase("failed to attach struct ops", Step.REGISTER, "struct_ops"),
        Phrase("failed to attach non-struct_ops", Step.ATTACH, ""),
        Phrase("failed to load bpf program", Step.LOAD, ""),
        Phrase("sched_ext: ops.", Step.REGISTER, "struct_ops-callback"),
        Phrase("failed to find sched_ext_ops", Step.REGISTER, "struct_ops-missing", 2),
        Phrase("sched_ext_ops", Step.REGISTER, "struct_ops"),
    ),
    fine=("Scheduler attached",),
    summaries=("failed to attach non-struct_ops", "failed to attach struct", "failed to load bpf program"),
)
