"""Which options of the kernel a tracepoint is compiled with (by scripts.tracepoint_options)."""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows


@cache
def _options() -> dict[str, tuple[str, ...]]:
    return {row["event"]: row["options"] for row in rows("tracepoints", "options")}


def options(event: str) -> tuple[str, ...]:
    """Those that category:name needs, without CONFIG_; () where none are known. There may be more."""
    found = _options()
    return found.get(event) or found.get(f"{event.partition(':')[0]}:*", ())


# kernel/sched/stats.c and fair.c: each stands behind schedstat_enabled(). sched_stat_runtime does not.
_SWITCHES = dict.fromkeys(
    ("sched_stat_wait", "sched_stat_sleep", "sched_stat_iowait", "sched_stat_blocked"),
    "kernel.sched_schedstats",
)


def switch(name: str) -> str | None:
    """The setting that has to be 1 for a tracepoint to fire, by the name without its category."""
    return _SWITCHES.get(name)
