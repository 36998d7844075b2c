from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import pipeline
from bpfdoctor.capture import bcc_types
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, LineMap, RawReport, Stage, Verdict
from tests.unit.capture.running import Check, Write, gone, text_of

pytestmark = pytest.mark.usefixtures("kernel")

COUNT = """#include <uapi/linux/ptrace.h>
BPF_HASH(counts, u32, u64);
int kprobe__do_nanosleep(struct pt_regs *ctx)
{
    u32 key = 0;
    u64 *value = counts.lookup(
        &key);
    *value += 1;
    return 0;
}
"""


def map_of(report: RawReport, file: str, offset: int = 0) -> LineMap:
    return [each for each in report.line_maps if each.file == file and each.since <= offset][-1]


def user_line(report: RawReport, file: str, needle: str) -> int | None:
    """The user's line of the place that the first line with `needle` names after `file:` (or `@ file:`)."""
    text = text_of(report)
    [line, *_] = [line for line in text.splitlines() if needle in line and f"{file}:" in line]
    number = int(line.split(f"{file}:")[1].split(":")[0])
    return map_of(report, file, text.index(line)).lines.get(number)


def test_a_refusal_maps_to_the_users_lines(check: Check) -> None:
    [report] = check("a.c", COUNT)
    assert (report.verdict, report.stage, report.errno, report.flavour) == (
        Verdict.REFUSED,
        Stage.VERIFIER,
        13,
        Flavour.BCC,
    )
    assert text_of(report).startswith("0: ")
    assert "R0 invalid mem access 'map_value_or_null'" in text_of(report)
    assert report.insns
    assert report.compiler
    assert report.compiler.startswith("bcc 0.")
    assert user_line(report, "main.c", "*value += 1;") == 8
    assert user_line(report, "main.c", "bpf_map_lookup_elem") == 6
    assert user_line(report, "main.c", "u32 key = 0;") == 5
    assert map_of(report, "main.c").user_file == report.source
    assert [Path(file.path).name for file in report.files] == ["a.c", "main.c"]
    assert report.files[0].text == COUNT
    assert "bpf_pseudo_fd" in report.files[1].text


def test_a_refusal_with_einval_keeps_its_lines(check: Check) -> None:
    """libbcc loads again without line information, and its own log no longer says where."""
    loop = COUNT.replace("*value += 1;", "for (volatile int i = 0; i < 1; i = 0) { key++; }")
    [report] = check("a.c", loop.replace("u64 *value", "counts.update(&key, &(u64){0}); u64 *value"))
    assert (report.verdict, report.errno) == (Verdict.REFUSED, 22)
    assert "infinite loop detected" in text_of(report)
    assert user_line(report, "main.c", "volatile int i") == 8


def test_functions_are_loaded_as_their_names_and_parameters_say(check: Check) -> None:
    source = """#include <uapi/linux/ptrace.h>
#include <uapi/linux/bpf.h>
TRACEPOINT_PROBE(sched, sched_switch) { return args->next_pid; }
RAW_TRACEPOINT_PROBE(sched_switch) { return 0; }
KFUNC_PROBE(do_nanosleep, void *timer) { return 0; }
LSM_PROBE(bpf, int cmd, union bpf_attr *attr, unsigned int size) { return 0; }
int syscall__execve(struct pt_regs *ctx, const char *name) { return 0; }
int on_xdp(struct xdp_md *ctx) { return *(char *)(long)ctx->data; }
int on_socket(struct __sk_buff *skb) { return skb->len; }
int on_tc(struct __sk_buff *skb) { return bpf_redirect(1, 0); }
int on_sample(struct bpf_perf_event_data *ctx) { return 0; }
int hello(void *ctx) { return 0; }
static int helper(int x) { return x; }
"""
    reports = check("a.c", source)
    # BCC 0.31 says kfunc__vmlinux__do_nanosleep
    named = {str(r.program.name).replace("__vmlinux__", "__"): r for r in reports if r.program}
    assert {name: r.program and r.program.type for name, r in named.items()} == {
        "tracepoint__sched__sched_switch": "tracepoint",
        "raw_tracepoint__sched_switch": "raw_tracepoint",
        "kfunc__do_nanosleep": "tracing",
        "lsm__bpf": "lsm",
        "syscall__execve": "kprobe",
        "on_xdp": "xdp",
        "on_socket": "socket_filter",
        "on_tc": "sched_cls",
        "on_sample": "perf_event",
        "hello": "kprobe",
    }
    assert all(report.program and report.program.assumed for report in reports)
    verdicts = {name: r.verdict for name, r in named.items()}
    assert verdicts.pop("on_xdp") is Verdict.REFUSED
    # This kernel may bar fentry and LSM programs; then it says nothing, and we say that.
    for name in ("kfunc__do_nanosleep", "lsm__bpf"):
        if verdicts.pop(name) is Verdict.NOT_LOADED:
            assert named[name].bars and "Failed to load program" in text_of(named[name])
    assert set(verdicts.values()) == {Verdict.LOADS}


def test_the_type_can_be_overridden(check: Check) -> None:
    source = "int f(struct __sk_buff *skb) { return skb->tc_classid; }\n"  # a field for tc only
    assert check("a.c", source)[0].verdict is Verdict.REFUSED
    [report] = check("a.c", source, prog_type="tc")
    assert report.verdict is Verdict.LOADS
    assert report.stats.stack == 0
    assert report.program
    assert (report.program.type, report.program.assumed) == ("sched_cls", None)
    with pytest.raises(Problem, match="no program type called 'nonsense'"):
        check("a.c", source, prog_type="nonsense")


def test_only_the_named_functions_are_loaded(check: Check) -> None:
    source = "int f(void *ctx) { return 0; }\nint g(void *ctx) { return 0; }\n"
    assert [r.program.name for r in check("a.c", source, programs=("g",)) if r.program] == ["g"]
    with pytest.raises(Problem) as caught:
        check("a.c", source, programs=("h",))
    assert caught.value.ways_out == ("It has f, g.",)


def test_an_error_in_the_front_end_counts_the_users_lines(check: Check) -> None:
    [report] = check("a.c", COUNT.replace("*value += 1", "*value += nothing"))
    assert (report.verdict, report.stage, report.program) == (Verdict.NOT_COMPILED, Stage.COMPILER, None)
    assert user_line(report, "/virtual/main.c", "undeclared identifier 'nothing'") == 8
    assert "clang -cc1" not in text_of(report)
    assert "BPF_LICENSE" not in text_of(report)


def test_an_error_in_the_back_end_counts_rewritten_lines(check: Check) -> None:
    """LLVM's back end makes libbcc exit; it names a line of the rewritten text, by the other's name."""
    big = "    char big[600] = {};\n    bpf_probe_read_kernel(big, 600, ctx);\n    *value += big[key] + 1;\n"
    [report] = check("a.c", COUNT.replace("    *value += 1;\n", big))
    assert report.verdict is Verdict.NOT_COMPILED
    assert "BPF stack limit" in text_of(report)
    line = user_line(report, "/virtual/main.c", "BPF stack limit")
    # LLVM 19 loses the place: it says /virtual/main.c:0:0, and the function.
    assert line in range(3, 13) or (line is None and "/virtual/main.c:0:0" in text_of(report))
    assert report.notes[1:] == ()  # exit(1) is how libbcc says it, no crash


def test_a_crash_of_the_compiler_is_reported(check: Check) -> None:
    [report] = check("a.c", "#pragma clang __debug crash\n" + COUNT)
    assert report.verdict is Verdict.NOT_COMPILED
    assert "Compiling failed: the process was ended by SIG" in report.notes[-1]


def test_a_map_that_cannot_be_made_is_one_report(check: Check) -> None:
    source = 'BPF_TABLE("lpm_trie", u32, u64, trie, 100);\n'
    source += "int f(void *ctx) { u32 k = 0; trie.lookup(&k); return 0; }\n"
    [report] = check("a.c", source)
    assert (report.verdict, report.stage) == (Verdict.NOT_LOADED, Stage.LOADER)
    assert text_of(report) == "could not open bpf map: trie, error: Invalid argument\n"


def test_maps_larger_than_the_limit_are_not_created(check: Check) -> None:
    source = (
        "BPF_HASH(big, u64, u64, 1000000000);\nint f(void *ctx) { u64 k = 0; big.lookup(&k); return 0; }\n"
    )
    [report] = check("a.c", source)
    assert text_of(report) == "could not open bpf map: big, error: Cannot allocate memory\n"


def test_a_tracepoint_that_is_not_there_is_named(check: Check) -> None:
    [report] = check("a.c", "TRACEPOINT_PROBE(sched, no_such_event) { return args->x; }\n")
    assert report.verdict is Verdict.NOT_COMPILED
    assert "This kernel has no tracepoint sched:no_such_event" in report.notes[-1]


def test_tracefs_is_not_mounted_for_anybody_else(check: Check) -> None:
    before = Path("/proc/self/mounts").read_text()
    [report] = check("a.c", "TRACEPOINT_PROBE(sched, sched_switch) { return args->next_pid; }\n")
    assert report.verdict is Verdict.LOADS
    assert Path("/proc/self/mounts").read_text() == before


def test_headers_flags_and_definitions_of_the_user_count(check: Check, write: Write, tmp_path: Path) -> None:
    write("mine.h", "#define ONE 1\n")
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "other.h").write_text("#define TWO 2\n")
    source = '#include "mine.h"\n#include "other.h"\nint f(void *ctx) { return ONE + TWO + THREE; }\n'
    [report] = check("a.c", source, include_dirs=(str(tmp_path / "inc"),), defines=("THREE=3",))
    assert report.verdict is Verdict.LOADS, text_of(report)


def test_nothing_is_attached_pinned_or_written(check: Check, tmp_path: Path) -> None:
    check("a.c", COUNT.replace("*value += 1;", "if (value) *value += 1;"))
    assert os.listdir(tmp_path) == ["a.c"]
    assert gone("prog", "do_nanosleep")


def test_without_loading_the_functions_are_listed(check: Check) -> None:
    reports = check("a.c", COUNT, load=False)
    assert [(r.program and r.program.name, r.verdict) for r in reports] == [
        ("kprobe__do_nanosleep", Verdict.NOT_ASKED)
    ]


def test_a_file_with_helpers_only_has_no_program(check: Check) -> None:
    with pytest.raises(Problem, match="BCC finds no function"):
        check("a.c", "static inline int f(void *ctx) { return 0; }\n")


def test_how_types_are_chosen() -> None:
    source = """int a(struct pt_regs *ctx) { return 0; }
u64 key_of(struct task_struct *task) { return 0; }
int b(struct sk_msg_md *msg) { return 0; }
int c() { return 0; }
"""
    chosen = bcc_types.choose(source, {"a": "perf_event"})
    assert {name: kind for name, (kind, _) in chosen.items()} == {
        "a": "perf_event",
        "key_of": None,
        "b": "sk_msg",
        "c": "kprobe",
    }
    assert chosen["a"][1] is None  # the tool says so itself
    assert "nothing in it says" in str(chosen["c"][1])


TRACED = """BPF_HASH(counts, u32, u64);
{first}
{{
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    counts.increment(pid);
    return 0;
}}
TRACEPOINT_PROBE(sched, sched_switch)
{{
    u32 nothing;
    nothing_here = 3;
    return 0;
}}
int on_exit(struct pt_regs *ctx)
{{
    u32 pid = nothing_there;
    return 0;
}}
"""


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    "first",
    [
        "TRACEPOINT_PROBE(sched, sched_process_exit)",
        "int tracepoint__sched__sched_process_exit(struct tracepoint__sched__sched_process_exit *args)",
        "RAW_TRACEPOINT_PROBE(sched_process_exit)",
        "KFUNC_PROBE(vfs_read, struct file *file)",
        "KRETFUNC_PROBE(vfs_read, struct file *file, char *buf, size_t count, loff_t *pos, int ret)",
        "KMOD_RET(vfs_read, struct file *file, char *buf, size_t count, loff_t *pos, int ret)",
        "LSM_PROBE(bpf, int cmd, union bpf_attr *uattr, unsigned int size)",
        "BPF_ITER(task)",
        "int kprobe__vfs_read(struct pt_regs *ctx, struct file *file)",
    ],
)
def test_the_lines_of_compile_errors_are_the_users_beside_structs_that_bcc_generates(
    write: Write, first: str
) -> None:
    path = write("a.c", TRACED.format(first=first))
    [report] = pipeline.check(path, CaptureOptions())
    lines = [each.location.line for each in report.diagnoses if each.location]
    assert lines == [11, 16], [each.headline for each in report.diagnoses]
