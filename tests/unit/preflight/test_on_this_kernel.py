"""What preflight says of programs, and what becomes of them when they are attached to this kernel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.model.preflight import Answer, PreflightReport
from bpfdoctor.model.report import CaptureOptions
from bpfdoctor.preflight import system
from bpfdoctor.preflight.run import preflight
from tests.compilers import CLANG
from tests.unit.preflight.attached import attached

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="attaching programs needs root")

SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

static __always_inline int hit(int seen)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&hits, &key);

	if (count && seen)
		__sync_fetch_and_add(count, 1);
	return 0;
}

struct enter {
	__u64 common;
	long id;
	unsigned long args[6];
	long later[2];
};

struct exchanged {
	__u64 common;
	unsigned long args[6];
	long id;
};

SEC("tp/raw_syscalls/sys_enter")
int healthy(struct enter *ctx) { return hit(ctx->id == 110); }

SEC("tp/raw_syscalls/sys_enter")
int other_place(struct exchanged *ctx) { return hit(ctx->id == 110); }

SEC("tp/raw_syscalls/sys_enter")
int past_the_record(struct enter *ctx) { return hit(ctx->later[1] != 1); }

SEC("tp/raw_syscalls/sys_entr")
int wrong_name(struct enter *ctx) { return hit(1); }

SEC("raw_tp/sys_enter")
int healthy_raw(struct bpf_raw_tracepoint_args *ctx) { return hit(ctx->args[1] == 110); }

SEC("raw_tp/sys_enter")
int third_of_two(struct bpf_raw_tracepoint_args *ctx) { return hit(ctx->args[2] != 1); }

SEC("raw_tp/sys_entr")
int wrong_raw_name(void *ctx) { return hit(1); }

struct task_struct {
	int pid;
	int tgid;
};

struct task_struct___marked {
	int tgid;
} __attribute__((preserve_access_index));

SEC("raw_tp/sys_enter")
int copied(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int tgid = 0;

	bpf_probe_read_kernel(&tgid, sizeof(tgid), &task->tgid);
	return hit(tgid == bpf_get_current_pid_tgid() >> 32);
}

SEC("raw_tp/sys_enter")
int looked_up(void *ctx)
{
	struct task_struct___marked *task = (void *)bpf_get_current_task();
	int tgid = 0;

	bpf_probe_read_kernel(&tgid, sizeof(tgid), &task->tgid);
	return hit(tgid == bpf_get_current_pid_tgid() >> 32);
}

SEC("kprobe/__x64_sys_getppid")
int system_call(void *ctx) { return hit(1); }

SEC("kprobe/vfs_raed")
int wrong_function(void *ctx) { return hit(1); }
"""
REASONS = {
    "healthy": [],
    "other_place": ["tracepoint-field-moved"],
    "past_the_record": ["tracepoint-record-short"],
    "wrong_name": ["tracepoint-missing"],
    "healthy_raw": [],
    "third_of_two": ["raw-tracepoint-arguments"],
    "wrong_raw_name": ["tracepoint-missing"],
    "copied": ["copied-structure"],
    "looked_up": [],
}
OF_THE_MACHINE = "tracefs-not-mounted"  # which the attaching process does for itself
PROBES = ("system_call", "wrong_function")  # which the kernel may have, or not


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("preflight") / "calls.bpf.c"
    path.write_text(SOURCE)
    return path


@pytest.fixture(scope="module")
def said(source: Path) -> dict[str, PreflightReport]:
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ))
    with system.of(None, lambda _: None) as machine:
        reports = preflight(source, options, machine)
    found = [report for report in reports if isinstance(report, PreflightReport)]
    return {report.program.name: report for report in found if report.program and report.program.name}


@pytest.fixture(scope="module")
def became(source: Path) -> dict[str, tuple[int, int]]:
    compiled = source.with_suffix(".o")
    command = [CLANG, "-target", "bpf", "-g", "-O2", "-I/usr/include/x86_64-linux-gnu", "-c", str(source)]
    subprocess.run([*command, "-o", str(compiled)], check=True)
    return attached(compiled, [*REASONS, *PROBES])


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_named(name: str, said: dict[str, PreflightReport]) -> None:
    found = [each.rule for each in said[name].diagnoses]
    assert [rule for rule in found if rule != OF_THE_MACHINE] == REASONS[name]


@pytest.mark.parametrize("name", [*REASONS, *PROBES])
def test_what_will_not_fire_cannot_be_attached_and_the_others_can(
    name: str, said: dict[str, PreflightReport], became: dict[str, tuple[int, int]]
) -> None:
    error, _ = became[name]
    assert (error != 0) == (said[name].answer is Answer.WILL_NOT), os.strerror(error)


def test_a_structure_of_other_offsets_counts_no_call(became: dict[str, tuple[int, int]]) -> None:
    assert became["healthy"][1] >= 100  # as many as attached.py makes
    assert became["healthy_raw"][1] >= 100
    assert became["other_place"][1] < 50  # others' calls, in whose sixth register the number happens to be
    assert became["copied"] == (0, 0)
    assert became["looked_up"][1] >= 100


def test_a_copied_structure_is_marked_for_co_re(said: dict[str, PreflightReport]) -> None:
    (fix,) = said["copied"].diagnoses[0].fixes
    (edit,) = fix.edits
    assert edit.lines == ("} __attribute__((preserve_access_index));",)
    assert edit.first == SOURCE.split("\n").index("struct task_struct {") + 4


def test_the_name_that_was_meant_is_put_in_the_users_line(said: dict[str, PreflightReport]) -> None:
    (fix,) = said["wrong_name"].diagnoses[0].fixes
    (edit,) = fix.edits
    assert edit.lines == ('SEC("tp/raw_syscalls/sys_enter")',)
