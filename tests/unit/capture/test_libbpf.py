from __future__ import annotations

import mmap
import os
import time
from pathlib import Path

import pytest

from bpfdoctor import capture
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage, Verdict
from tests.unit.capture.running import Check, Write, gone, text_of

pytestmark = pytest.mark.usefixtures("kernel")

HEAD = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
"""
PASS = 'SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }\n'
PEEK = """SEC("xdp") int peek(struct xdp_md *ctx)
{
    char *first = (void *)(long)ctx->data;
    return *first;
}
"""
#: runs through ninety thousand rounds before it fails, so its log is long and its verdict takes a while
LONG = """SEC("xdp") int slow(struct xdp_md *ctx)
{
    volatile int sum = 0;
    for (int i = 0; i < ROUNDS; i++)
        sum += i;
    return sum + *(char *)(long)ctx->data;
}
"""


def one(reports: list[RawReport], name: str) -> RawReport:
    [found] = [report for report in reports if report.program and report.program.name == name]
    return found


def test_a_program_that_loads(check: Check) -> None:
    [report] = check("a.bpf.c", HEAD + PASS)
    assert (report.verdict, report.errno, report.insns) == (Verdict.LOADS, None, 2)
    assert (report.stats.stack, report.stats.peak_states) == (0, 0)
    assert report.stats.usec is not None
    assert report.program
    assert (report.program.name, report.program.type, report.program.section) == ("pass", "xdp", "xdp")
    assert report.kernel
    assert (report.kernel.release, report.kernel.capabilities) == (os.uname().release, "full")
    assert report.flavour is Flavour.LIBBPF


@pytest.mark.parametrize(
    ("section", "context", "type"),
    [
        ("xdp_packet_hook", "xdp_md", "xdp"),
        ("classifier/stats", "__sk_buff", "sched_cls"),
        ("socket1", "__sk_buff", "socket_filter"),
        ("tc/ingress", "__sk_buff", "sched_cls"),
        ("tcx/egress", "__sk_buff", "sched_cls"),
        ("loadbalancer", "__sk_buff", "sched_cls"),
        ("mine", "xdp_md", "xdp"),
        ("cgroup/connect", "bpf_sock_addr", "cgroup_sock_addr"),
    ],
)
def test_a_section_of_another_loader_is_loaded_as_it_begins_or_as_its_context_says(
    check: Check, section: str, context: str, type: str
) -> None:
    [report] = check("a.bpf.c", HEAD + f'SEC("{section}") int f(struct {context} *ctx) {{ return 0; }}\n')
    assert report.program
    assert (report.verdict, report.program.type) == (Verdict.LOADS, type)
    if report.program.assumed:  # a later libbpf knows some of them
        assert report.program.assumed.startswith(f'SEC("{section}") is loaded as ')
        assert report.program.assumed in report.notes


def test_maps_that_their_loader_sizes_are_made_with_the_least(check: Check) -> None:
    maps = """
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, int); } sized SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 9); __type(key, int); } values SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx)
{
    int key = 0, *found = bpf_map_lookup_elem(&sized, &key), *other = bpf_map_lookup_elem(&values, &key);
    void *record = bpf_ringbuf_reserve(&events, 8, 0);
    if (record)
        bpf_ringbuf_discard(record, 0);
    return (found ? *found : 2) + (other ? other[10] : 0);
}
"""
    [report] = check("a.bpf.c", HEAD + maps)
    assert report.verdict is Verdict.LOADS, text_of(report)
    page = os.sysconf("SC_PAGE_SIZE")
    assert set(report.notes) == {
        "The map sized has no max_entries (its loader sets it): it was created with 1 entry.",
        f"The map events has no max_entries (its loader sets it): it was created with {page} bytes.",
        "The map values has no size for its values: "
        "it was created with values of 4096 bytes, more than its loader may give it.",
    }


OF_MAPS = """
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 9); __uint(key_size, 8);
         __uint(value_size, 4); } outer SEC(".maps");
"""


def test_a_map_of_maps_that_its_loader_fills_holds_a_stand_in(check: Check) -> None:
    program = """
SEC("xdp") int f(struct xdp_md *ctx)
{
    long key = 0;
    void *inner = bpf_map_lookup_elem(&outer, &key);
    int *found = inner ? bpf_map_lookup_elem(inner, &key) : 0;
    return found ? found[9] : 2;
}
"""
    [report] = check("a.bpf.c", HEAD + OF_MAPS + program)
    assert report.verdict is Verdict.LOADS, text_of(report)
    [note] = report.notes
    assert note.startswith(
        "The map outer holds maps that its loader describes: a stand-in was taken for them"
    )


def test_maps_of_ring_buffers_hold_a_ring_buffer(check: Check) -> None:
    program = """
SEC("xdp") int f(struct xdp_md *ctx)
{
    long key = 0;
    void *inner = bpf_map_lookup_elem(&outer, &key);
    return inner ? bpf_ringbuf_output(inner, &key, sizeof(key), 0) : 2;
}
"""
    [report] = check("a.bpf.c", HEAD + OF_MAPS + program)
    assert report.verdict is Verdict.LOADS, text_of(report)


def test_a_perf_event_array_without_sizes_has_those_of_its_type(check: Check) -> None:
    program = """
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(max_entries, 64); } events SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx)
{
    long value = 1;
    return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &value, sizeof(value)) ? 1 : 2;
}
"""
    [report] = check("a.bpf.c", HEAD + program)
    assert report.verdict is Verdict.LOADS, text_of(report)


def test_a_refusal_has_the_verifiers_log_and_nothing_around_it(check: Check) -> None:
    [report] = check("a.bpf.c", HEAD + PEEK)
    assert (report.verdict, report.stage, report.errno, report.insns) == (
        Verdict.REFUSED,
        Stage.VERIFIER,
        13,
        2,
    )
    assert report.log
    assert "; return *first;" in text_of(report)
    assert b"\nprocessed 2 insns" in report.log[:]
    assert b"libbpf" not in report.log[:]


def test_one_refusal_hides_no_other(check: Check) -> None:
    more = PEEK.replace("peek", "poke") + PASS.replace("pass", "last")
    reports = check("a.bpf.c", HEAD + PEEK + PASS + more)
    assert [(r.program and r.program.name, r.verdict) for r in reports] == [
        ("peek", Verdict.REFUSED),
        ("pass", Verdict.LOADS),
        ("poke", Verdict.REFUSED),
        ("last", Verdict.LOADS),
    ]
    assert "'peek'" not in text_of(reports[2])


def test_an_object_is_loaded_as_it_is(check: Check, write: Write) -> None:
    compiled = check("a.bpf.c", HEAD + PEEK, load=False)[0].object
    assert compiled
    [report] = capture.check(write("a.o", compiled), CaptureOptions())
    assert (report.flavour, report.verdict, report.object) == (Flavour.OBJECT, Verdict.REFUSED, compiled)
    assert report.compiler
    assert report.compiler.startswith("clang ")


def test_only_the_named_programs_are_loaded(check: Check) -> None:
    [report] = check("a.bpf.c", HEAD + PEEK + PASS, programs=("pass",))
    assert report.verdict is Verdict.LOADS
    with pytest.raises(Problem) as caught:
        check("a.bpf.c", HEAD + PEEK + PASS, programs=("nothing",))
    assert caught.value.ways_out == ("It has peek, pass.",)


def test_the_type_can_be_overridden(check: Check) -> None:
    source = HEAD + 'SEC("mine") int f(void *ctx) { return 0; }\n'
    [report] = check("a.bpf.c", source)
    assert report.verdict is Verdict.NOT_LOADED
    assert "missing BPF prog type, check ELF section name 'mine'" in text_of(report)
    assert 'f has SEC("mine"), which libbpf does not know' in report.notes[0]
    [report] = check("a.bpf.c", source, prog_type="kprobe")
    assert report.verdict is Verdict.LOADS
    assert report.program
    assert report.program.type == "kprobe"
    [report] = check("a.bpf.c", source, prog_type="tp_btf/sched_switch")
    assert report.verdict is Verdict.LOADS
    with pytest.raises(Problem, match="no program type called 'nonsense'"):
        check("a.bpf.c", source, prog_type="nonsense")


def test_a_map_that_cannot_be_created_is_one_report(check: Check) -> None:
    bad = "struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 1); __type(key, int);"
    bad += ' __type(value, int); } trie SEC(".maps");\n'
    use = "int k = 0; bpf_map_lookup_elem(&trie, &k); return XDP_PASS;"
    using = PASS.replace("return XDP_PASS;", use)
    [report] = check("a.bpf.c", HEAD + bad + using + PASS.replace("pass", "other"))
    assert (report.verdict, report.stage, report.program) == (Verdict.NOT_LOADED, Stage.LOADER, None)
    assert report.errno == 22
    assert "map 'trie': failed to create: Invalid argument(-22)" in text_of(report)


def test_maps_larger_than_the_limit_are_not_created(check: Check) -> None:
    big = "struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 100000000); __type(key, long);"
    big += ' __type(value, long[64]); } big SEC(".maps");\n'
    with pytest.raises(Problem, match=r"take about \d+ MiB"):
        check("a.bpf.c", HEAD + big + PASS)


def test_nothing_stays_pinned_or_loaded(check: Check, tmp_path: Path) -> None:
    pinned = "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int);"
    pinned += ' __type(value, int); __uint(pinning, LIBBPF_PIN_BY_NAME); } bpfdoctor_pin SEC(".maps");\n'
    use = "int k = 0; bpf_map_lookup_elem(&bpfdoctor_pin, &k); return XDP_PASS;"
    [report] = check("a.bpf.c", HEAD + pinned + PASS.replace("return XDP_PASS;", use))
    assert report.verdict is Verdict.LOADS
    assert not Path("/sys/fs/bpf/bpfdoctor_pin").exists()
    assert gone("map", "bpfdoctor_pin")
    assert os.listdir(tmp_path) == ["a.bpf.c"]


def test_a_program_array_does_not_hide_the_verdict(check: Check) -> None:
    array = """int peek(struct xdp_md *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 1); __uint(key_size, 4);
         __array(values, int(struct xdp_md *)); } jump SEC(".maps") = { .values = { (void *)&peek } };
"""
    caller = 'SEC("xdp") int caller(struct xdp_md *ctx) { bpf_tail_call(ctx, &jump, 0); return 2; }\n'
    reports = check("a.bpf.c", HEAD + array + PEEK + caller)
    assert [report.verdict for report in reports] == [Verdict.REFUSED, Verdict.LOADS]


def test_kinds_that_name_their_target_load_without_being_attached(check: Check) -> None:
    programs = """#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
char LICENSE[] SEC("license") = "GPL";
SEC("iter/task") int iter_it(struct bpf_iter__task *ctx) { return 0; }
SEC("tp_btf/sched_switch") int typed(void *ctx) { return 0; }
SEC("uprobe//bin/sh:main") int user(struct pt_regs *ctx) { return 0; }
SEC("usdt//bin/sh:a:b") int usdt(struct pt_regs *ctx) { return 0; }
SEC("?tp/sched/sched_switch") int optional(struct trace_event_raw_sched_switch *ctx) { return ctx->prev_pid; }
SEC("struct_ops/ssthresh") u32 BPF_PROG(ssthresh, struct sock *sk) { return 2; }
SEC("struct_ops/undo") u32 BPF_PROG(undo, struct sock *sk) { return 2; }
SEC("struct_ops/avoid") void BPF_PROG(avoid, struct sock *sk, u32 ack, u32 acked) { }
SEC(".struct_ops") struct tcp_congestion_ops ops = {
    .ssthresh = (void *)ssthresh, .undo_cwnd = (void *)undo, .cong_avoid = (void *)avoid, .name = "bpfdoctor",
};
SEC("fexit/no_such_function") int nowhere(void *ctx) { return 0; }
SEC("freplace/other") int replaces(struct xdp_md *ctx) { return 0; }
"""
    reports = check("a.bpf.c", programs)
    loaded = {r.program.name: r.program.type for r in reports if r.program and r.verdict is Verdict.LOADS}
    assert loaded == {
        "iter_it": "tracing",
        "typed": "tracing",
        "user": "kprobe",
        "usdt": "kprobe",
        "optional": "tracepoint",
        "ssthresh": "struct_ops",
        "undo": "struct_ops",
        "avoid": "struct_ops",
    }
    assert "failed to find kernel BTF type ID of 'no_such_function'" in text_of(one(reports, "nowhere"))
    assert "replaces a function of another program" in one(reports, "replaces").notes[-1]


def test_a_refusal_without_a_log_says_so(check: Check) -> None:
    [report] = check("a.bpf.c", HEAD + PASS.replace('"xdp"', '"kprobe/x"'), capabilities="no-perfmon")
    assert (report.verdict, report.stage, report.errno) == (Verdict.NOT_LOADED, Stage.LOADER, 1)
    assert report.lacks == ("CAP_PERFMON",) and report.bars
    assert report.kernel
    assert report.kernel.capabilities == "no-perfmon"


def test_a_file_without_sections_is_named(check: Check) -> None:
    two = "int f(void *ctx) { return 0; }\nint g(void *ctx) { return 0; }\n"
    with pytest.raises(Problem, match="libbpf finds no function with a SEC"):
        check("a.bpf.c", HEAD + two)


def test_a_single_function_without_a_section_is_named(check: Check) -> None:
    try:
        [report] = check("a.bpf.c", HEAD + "int f(void *ctx) { return 0; }\n")
    except Problem as problem:  # newer libbpfs take it for a subprogram of nobody
        assert "libbpf finds no function with a SEC" in problem.sentence
    else:
        assert report.verdict is Verdict.NOT_LOADED
        assert "f has no SEC(…)" in report.notes[0]


@pytest.mark.parametrize("length", [64, 70, 1000, 3000])
def test_a_broken_object_is_libbpfs_error(check: Check, write: Write, length: int) -> None:
    compiled = check("a.bpf.c", HEAD + PEEK, load=False)[0].object
    assert compiled
    [report] = capture.check(write("a.o", compiled[:length]), CaptureOptions())
    assert (report.verdict, report.stage) == (Verdict.NOT_LOADED, Stage.LOADER)
    assert text_of(report).startswith("libbpf: ")


def test_what_libbpf_only_whispers_is_told_where_it_says_nothing_else(check: Check, write: Write) -> None:
    """A table that nobody writes: clang 14 names .rodata in the BTF, and makes no such section."""
    reads = 'static const volatile int n = 1; SEC("xdp") int f(struct xdp_md *c) { return n; }\n'
    compiled = check("a.bpf.c", HEAD + reads, load=False)[0].object
    assert compiled
    at = compiled.rfind(b".rodata\0")
    [report] = capture.check(
        write("a.o", compiled[:at] + b".debug_\0" + compiled[at + 8 :]), CaptureOptions()
    )
    assert report.verdict is Verdict.NOT_LOADED and ".rodata" in text_of(report)


def test_an_object_with_every_byte_region_damaged_never_raises(check: Check, write: Write) -> None:
    compiled = check("a.bpf.c", HEAD + PEEK, load=False)[0].object
    assert compiled
    for place in range(64, len(compiled), len(compiled) // 12):
        damaged = compiled[:place] + os.urandom(24) + compiled[place + 24 :]
        try:
            reports = capture.check(write("a.o", damaged), CaptureOptions())
        except Problem:
            continue
        assert reports


def test_a_verifier_that_takes_too_long_is_stopped(check: Check) -> None:
    source = HEAD + LONG.replace("ROUNDS", "90000") + PASS
    started = time.monotonic()
    reports = check("a.bpf.c", source, cflags=("-mcpu=v2",), load_seconds=0)
    assert time.monotonic() - started < 20
    slow = one(reports, "slow")
    assert slow.verdict is Verdict.NO_ANSWER
    assert slow.no_answer == "the kernel had not decided after 0 s"


def test_a_long_log_stays_in_its_file(check: Check) -> None:
    [report] = check("a.bpf.c", HEAD + LONG.replace("ROUNDS", "15000"), cflags=("-mcpu=v2",))
    assert report.verdict is Verdict.REFUSED
    assert isinstance(report.log, mmap.mmap)
    assert len(report.log) > 8 << 20
    assert b"processed " in report.log[-400:]
    assert report.insns
    assert report.insns > 100_000


def test_without_loading_the_programs_are_listed(check: Check) -> None:
    reports = check("a.bpf.c", HEAD + PEEK + PASS, load=False)
    assert [(r.program and r.program.name, r.verdict) for r in reports] == [
        ("peek", Verdict.NOT_ASKED),
        ("pass", Verdict.NOT_ASKED),
    ]
    assert reports[0].kernel is None
    assert reports[0].object


def test_what_libbpf_only_whispers_is_kept_where_no_warning_is_printed(check: Check) -> None:
    empty = '__u64 marks[0] SEC(".data.marks");\nSEC("tc") int count(void *ctx) { return marks[0] != 0; }\n'
    [report] = check("a.bpf.c", HEAD + empty)
    assert report.verdict is Verdict.NOT_LOADED
    said = text_of(report)
    assert ".data.marks" in said and ("failed to determine size" in said or "Invalid size" in said)
