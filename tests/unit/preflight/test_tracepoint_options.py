"""Which options a tracepoint needs, against the kernel that runs here."""

from __future__ import annotations

import os

import pytest

from bpfdoctor.kernel import tracepoints
from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight.checks import look
from bpfdoctor.preflight.system.host import Host


@pytest.mark.skipif(os.geteuid() != 0, reason="tracefs is root's")
def test_no_tracepoint_is_there_without_an_option_that_it_is_said_to_need() -> None:
    host = Host()
    assert host.events is not None
    assert len(host.events) > 500
    wrong = {
        event: off
        for event in host.events
        if (off := [each for each in tracepoints.options(event) if host.config(each) == "n"])
    }
    assert wrong == {}


class Switched(Host):
    """A machine that has the scheduler's tracepoints, and keeps its statistics or does not."""

    events = frozenset({"sched:sched_stat_sleep", "sched:sched_stat_runtime"})

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = value

    def setting(self, name: str) -> str | None:
        return self._value if name == "kernel.sched_schedstats" else None


@pytest.mark.parametrize(
    ("kind", "category"), [(HookKind.TRACEPOINT, "sched:"), (HookKind.RAW_TRACEPOINT, "")]
)
def test_a_setting_switches_tracepoints_off(kind: HookKind, category: str) -> None:
    def rules(name: str, value: str) -> list[str]:
        found = look(Hook("count", kind, category + name), Switched(value))
        return [each.rule for each in found if isinstance(each, Cause)]

    assert "tracepoint-switched-off" in rules("sched_stat_sleep", "0")
    assert "tracepoint-switched-off" not in rules("sched_stat_sleep", "1")
    assert "tracepoint-switched-off" not in rules("sched_stat_runtime", "0")


@pytest.mark.skipif(os.geteuid() != 0, reason="tracefs is root's")
def test_the_option_is_named_that_a_tracepoint_lacks() -> None:
    host = Host()
    assert tracepoints.options("sched:sched_stat_wait") == ("SCHEDSTATS",)
    found = list(look(Hook("wait", HookKind.TRACEPOINT, "sched:sched_stat_wait"), host))
    if host.config("SCHEDSTATS") == "n":
        assert found == [Cause("tracepoint-not-configured", {"options": ("CONFIG_SCHEDSTATS",)})]
    else:
        assert "tracepoint-not-configured" not in [each.rule for each in found if isinstance(each, Cause)]
