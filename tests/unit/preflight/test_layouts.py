"""Members of the kernel's structures that a program reads where a declaration has them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor.model.preflight import Hook, HookKind
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight.checks import layout
from bpfdoctor.preflight.layouts import reads_of
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.source import Source
from tests.compilers import CLANG

HEAD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
char LICENSE[] SEC("license") = "GPL";
struct mm_struct { long pad[3]; unsigned long start_code; };
struct task_struct { int state; struct mm_struct *mm; struct { int pid; int tgid; }; };
struct mine { int flags; int pid; int tgid; };
struct event { unsigned int pid; int tgid; struct task_struct *task; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32);
	__type(value, struct event); } events SEC(".maps");
static __always_inline long pid_of(struct task_struct *t)
{
	int pid = 0;
	bpf_probe_read_kernel(&pid, sizeof(pid), &t->pid);
	return pid;
}
SEC("raw_tp/sys_enter")
int f(void *ctx)
{
	long seen = 0;
	__u32 key = 0;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *parent = task;
	struct mm_struct *mm = 0;
	struct event *event = bpf_map_lookup_elem(&events, &key);
	if (!event)
		return 0;
"""
TAIL = "\tevent->tgid = seen;\n\treturn 0;\n}\n"


def found(tmp_path: Path, body: str) -> tuple[RawReport, Hook, Source]:
    path = tmp_path / "f.bpf.c"
    path.write_text(HEAD + body + TAIL)
    command = [CLANG, "-target", "bpf", "-g", "-O2", "-I/usr/include/x86_64-linux-gnu", "-c", str(path)]
    subprocess.run([*command, "-o", str(path.with_suffix(".o"))], check=True)
    raw = RawReport(
        b"",
        str(path),
        Flavour.LIBBPF,
        Stage.LOADER,
        program=Program("f"),
        object=path.with_suffix(".o").read_bytes(),
        files=(SourceFile(str(path), path.read_text()),),
    )
    return raw, Hook("f", HookKind.RAW_TRACEPOINT, "sys_enter"), Source(raw, Transcript(raw=raw, text=b""))


READ = "\tbpf_probe_read_kernel(&%s, sizeof(%s), &%s);\n"


@pytest.mark.parametrize(
    ("body", "reads"),
    [
        (READ % ("seen", "seen", "task->tgid"), [("struct task_struct", "tgid", 20)]),
        (READ % ("seen", "int", "parent->state"), [("struct task_struct", "state", 0)]),
        (
            READ % ("mm", "mm", "task->mm") + READ % ("seen", "seen", "mm->start_code"),
            [("struct task_struct", "mm", 8), ("struct mm_struct", "start_code", 24)],
        ),
        ("\tseen = pid_of(task);\n", [("struct task_struct", "pid", 16)]),
        (
            READ % ("seen", "int", "((struct task_struct *)bpf_get_current_task())->pid"),
            [("struct task_struct", "pid", 16)],
        ),
        ("\tseen = BPF_CORE_READ(task, pid);\n", []),
        ("\tbpf_core_read(&seen, 4, &task->pid);\n", []),
        ("\tbpf_probe_read_user(&seen, 4, &task->pid);\n", []),
        ("\tseen = event->pid;\n", []),
    ],
)
def test_what_is_read(tmp_path: Path, body: str, reads: list[tuple[str, str, int]]) -> None:
    raw, hook, source = found(tmp_path, body)
    assert [(each.structure, each.member, each.offset) for each in reads_of(raw, hook, source)] == reads


def test_a_structure_that_only_has_a_kernels_name_is_not_compared(tmp_path: Path) -> None:
    text = READ % ("seen", "seen", "task->tgid")
    raw, hook, source = found(tmp_path, text)
    (read,) = reads_of(raw, hook, source)
    assert read.own == ("state", "mm")
    kernel = Host().types
    if kernel is None:
        pytest.skip("no BTF here")
    assert layout._cause(read, kernel.whole) is not None
    foreign = replace(read, own=("count", "total", "of", "tgid"))
    assert layout._cause(foreign, kernel.whole) is None


@pytest.mark.parametrize(
    ("before", "base", "made_of"),
    [
        ("struct mine *m = (struct mine *)bpf_get_current_task();", "m", "struct task_struct"),
        ("struct mine *m = (void *)task;", "m", "struct task_struct"),
        ("", "((struct mine *)task)", "struct task_struct"),
        ("void *any = task; struct mine *m = any;", "m", "struct task_struct"),
        ("struct mine *m = (void *)task; if (seen) m = (void *)task->mm;", "m", ""),
        ("struct mine *m = (void *)(long)seen;", "m", ""),
        ("struct mine *m = 0; m = (struct mine *)task;", "m", "struct task_struct"),
    ],
)
def test_whose_address_a_structure_of_the_programs_is_given(
    tmp_path: Path, before: str, base: str, made_of: str
) -> None:
    raw, hook, source = found(tmp_path, f"\t{before}\n" + READ % ("seen", "int", f"{base}->tgid"))
    (read,) = [each for each in reads_of(raw, hook, source) if each.declared == "struct mine"]
    assert read.made_of == made_of
    kernel = Host().types
    if kernel is None:
        pytest.skip("no BTF here")
    said = layout._cause(read, kernel.whole)
    if not made_of:
        assert said is None
        return
    assert said is not None and said.values["declared"] == "struct mine, a copy of struct task_struct,"
    other = replace(read, own=("tgid", "snd_cwnd", "rcv_nxt"))  # what lies around it, perhaps
    assert layout._cause(other, kernel.whole) is None


def test_a_member_tells_what_it_points_to(tmp_path: Path) -> None:
    text = "\tstruct mine *m = (struct mine *)parent->mm;\n" + READ % ("seen", "int", "m->tgid")
    raw, hook, source = found(tmp_path, text)
    assert {each.made_of for each in reads_of(raw, hook, source) if each.declared == "struct mine"} == {
        "struct mm_struct"
    }
