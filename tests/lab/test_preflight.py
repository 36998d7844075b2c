"""What preflight says of kernels in the lab: each is asked itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown, Wants
from bpfdoctor.preflight import loading, system
from bpfdoctor.preflight.checks import look
from bpfdoctor.preflight.system import System

pytestmark = pytest.mark.vm


@pytest.fixture(scope="module")
def linux_6_12() -> Iterator[System]:
    with system.of("6.12", lambda _: None) as machine:
        yield machine


@pytest.mark.parametrize(
    ("kind", "target", "rule"),
    [
        (HookKind.KPROBE, "vfs_read", None),
        (HookKind.KPROBE, "sys_openat", "system-call-name"),
        (HookKind.KPROBE, "__x64_sys_sync", None),  # ftrace lists __do_sys_sync, which is the same function
        (HookKind.KPROBE, "finish_task_switch", "kernel-function-renamed"),
        (HookKind.KPROBE, "asm_exc_page_fault", "kprobe-blacklisted"),
        (HookKind.KPROBE, "blk_account_io_start", "function-not-traceable"),
        (HookKind.KSYSCALL, "openat", None),
        (HookKind.KSYSCALL, "opnat", "system-call-missing"),
        (HookKind.KPROBE_MULTI, "vfs_*", None),
        (HookKind.FENTRY, "vfs_read", None),
        (HookKind.TRACEPOINT, "sched:sched_switch", None),
        (HookKind.TRACEPOINT, "sched:sched_swich", "tracepoint-missing"),
        (HookKind.TP_BTF, "sched_switch", None),
        (HookKind.LSM, "file_open", None),
        (HookKind.LSM, "file_opened", "lsm-hook-missing"),
        (HookKind.ITER, "task", None),
    ],
)
def test_each_reason_is_seen_and_what_is_well_has_none(
    linux_6_12: System, kind: HookKind, target: str, rule: str | None
) -> None:
    found = list(look(Hook("prog", kind, target), linux_6_12))
    assert [each.rule for each in found if isinstance(each, Cause)] == ([rule] if rule else [])
    assert not [each for each in found if isinstance(each, NotKnown)]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (HookKind.KPROBE, "btrfs_file_write_iter"),
        (HookKind.KPROBE, "vfs_raed"),
        (HookKind.KPROBE_MULTI, "btrfs_*_write_iter"),
        (HookKind.TRACEPOINT, "btrfs:btrfs_sync_file"),
        (HookKind.TP_BTF, "btrfs_sync_file"),
        (HookKind.ITER, "tasks"),
    ],
)
def test_what_may_be_in_a_module_is_not_known(linux_6_12: System, kind: HookKind, target: str) -> None:
    (found,) = look(Hook("prog", kind, target), linux_6_12)
    assert isinstance(found, NotKnown)


@pytest.mark.parametrize(
    ("kind", "rules"), [("lirc_mode2", ["hook-not-configured"]), ("xdp", []), ("tracing", [])]
)
def test_an_option_that_a_kernel_was_built_without(linux_6_12: System, kind: str, rules: list[str]) -> None:
    hook = Hook("prog", HookKind.OTHER, wants=Wants(kind))
    assert [each.rule for each in loading.look(hook, linux_6_12) if isinstance(each, Cause)] == rules
