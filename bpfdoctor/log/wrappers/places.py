"""Which step a file belongs to: what is in /sys/fs/bpf is pinned, kprobe_events makes kprobes."""

from __future__ import annotations

from bpfdoctor.model.failure import Step
from bpfdoctor.pattern import later

# The first that fits counts.
_PLACES = (
    (later(r"/kprobe_events$"), Step.ATTACH, "kprobe_events"),
    (later(r"/uprobe_events$"), Step.ATTACH, "uprobe_events"),
    (later(r"/tracing/events/\w"), Step.ATTACH, "tracepoint"),
    (later(r"/sys/kernel/(?:debug/)?tracing\b|/sys/kernel/debug/?$"), Step.ATTACH, "tracefs"),
    (later(r"/sys/kernel/btf\b"), Step.RELOCATE, "kernel-btf"),
    (later(r"/sys/bus/event_source/"), Step.ATTACH, "kprobe-pmu"),
    (later(r"/sys/fs/bpf\b"), Step.PIN, ""),
    (later(r"cgroup"), Step.REQUEST, "cgroup-path"),
    (later(r"\.(?:o|elf|bpf)$"), Step.OPEN, ""),
)


def of(path: str) -> tuple[Step, str] | None:
    """The step at which loaders use `path`, and the kind of what they use it for; None: any file."""
    return next(((step, kind) for pattern, step, kind in _PLACES if pattern.search(path)), None)
