"""XDP, tc, cgroups and perf events: what keeps a program from running at the place that was named."""

from __future__ import annotations

import os
from pathlib import Path

from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.system.host import Host


def rules(kind: HookKind, **options: object) -> list[str]:
    found = checks.look(Hook("prog", kind, options=options), Host())
    return [each.rule if isinstance(each, Cause) else each.why for each in found]


def test_where_the_loader_chooses_nothing_is_known() -> None:
    (device,) = rules(HookKind.XDP)
    (group,) = rules(HookKind.CGROUP)
    assert "--interface" in device and "--cgroup" in group


def test_a_folder_that_is_no_cgroup(tmp_path: Path) -> None:
    assert rules(HookKind.CGROUP, cgroup=str(tmp_path / "none")) == ["cgroup-not-there"]
    assert rules(HookKind.CGROUP, cgroup=str(tmp_path)) == ["cgroup-not-there"]


def test_a_machine_without_counters_is_told_of_them() -> None:
    has = any(name.startswith("cpu") for name in os.listdir("/sys/bus/event_source/devices"))
    assert ("no-hardware-events" in rules(HookKind.PERF_EVENT)) is not has
