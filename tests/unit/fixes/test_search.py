"""What the search offers first, and what it never offers, although a kernel would load it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import capture, mending, pipeline
from bpfdoctor.fixes import search
from bpfdoctor.model.report import CaptureOptions
from tests.compilers import CLANG

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HEAD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

"""
PROGRAM = """
SEC("{section}")
int program(void *ctx)
{{
{body}
	return 0;
}}

char LICENSE[] SEC("license") = "GPL";
"""
LOOKED_UP = "\t__u32 key = 1;\n\t__u64 *count = bpf_map_lookup_elem(&counts, &key);\n\n"


def titles(tmp_path: Path, body: str, before: str = "", section: str = "kprobe/do_exit") -> list[str]:
    """Those of all patches for a program of this body, in their order."""
    source = tmp_path / "program.bpf.c"
    source.write_text(HEAD + before + PROGRAM.format(section=section, body=body))
    raws = capture.check(source, CaptureOptions(clang=CLANG, environment=dict(os.environ)))
    (report,) = pipeline.diagnosed(raws)
    groups = search.candidates(report.diagnoses[-1], mending.texts_of(raws))
    return [fix.title for group in groups for fix in group.fixes]


def test_a_loop_is_never_turned(tmp_path: Path) -> None:
    body = """\
	__u32 n = bpf_get_prandom_u32();

	while (n != 1) {
		seen[n] = 1;
		n = 1;
	}"""
    found = titles(tmp_path, body, "char seen[4];\n")
    assert any("“<”, not “!=”" in title for title in found)
    assert not any("“==”, not “!=”" in title for title in found)


def test_what_is_measured_is_what_is_meant(tmp_path: Path) -> None:
    body = "\tbpf_get_current_comm(0, sizeof(name));\n\tname[15] = 0;"
    found = titles(tmp_path, body, "char other[8], name[16];\n")
    assert found[0] == "Pass “name” to bpf_get_current_comm, not “0”"


def test_a_length_that_is_too_large_becomes_that_of_the_memory(tmp_path: Path) -> None:
    body = f"{LOOKED_UP}\tif (count)\n\t\tbpf_get_current_comm(count, 100);"
    assert titles(tmp_path, body)[0] == "Pass “sizeof(__u64)” to bpf_get_current_comm, not “100”"


def test_a_callback_gets_what_its_parameter_points_to(tmp_path: Path) -> None:
    before = "static int add(__u32 index, __u64 *sum)\n{\n\t*sum += index;\n\treturn 0;\n}\n"
    body = "\t__u32 rounds = 4;\n\t__u64 sum = 0;\n\n\tbpf_loop(rounds, add, 0, 0);\n\trounds = sum;"
    assert titles(tmp_path, body, before)[0] == "Pass “&sum” to bpf_loop, not “0”"


def test_a_member_that_nothing_writes_is_filled(tmp_path: Path) -> None:
    before = "struct event {\n\t__u32 pid;\n\tchar name[16];\n};\n"
    body = """\
	struct event event = {};
	__u32 key = 0;

	event.pid = bpf_get_current_pid_tgid();
	bpf_get_current_comm(0, 16);
	bpf_map_update_elem(&counts, &key, &event, 0);"""
    assert titles(tmp_path, body, before)[0] == "Pass “event.name” to bpf_get_current_comm, not “0”"


def test_a_check_that_does_nothing_leaves(tmp_path: Path) -> None:
    found = titles(tmp_path, f"{LOOKED_UP}\tif (!count)\n\t\t;\n\t*count += 1;")
    assert found[0] == "Leave where “!count”"


def test_a_limit_below_is_put_right_where_it_is_set(tmp_path: Path) -> None:
    body = """\
	__u32 slot = bpf_get_prandom_u32();

	if (slot >= 4)
		slot = 4 - -1;
	seen[slot]++;"""
    found = titles(tmp_path, body, "__u64 seen[4];\n")
    assert "Write “1”, not “-1”" in found


def test_a_limit_that_is_far_too_low_is_the_largest_that_the_check_lets_through(tmp_path: Path) -> None:
    body = """\
	__u32 slot = bpf_get_prandom_u32();

	if (slot >= 4)
		slot = 4 - 90;
	seen[slot]++;"""
    assert "Write “4 - 1”, not “4 - 90”" in titles(tmp_path, body, "__u64 seen[4];\n")


def test_a_limit_that_is_never_set_gets_its_condition(tmp_path: Path) -> None:
    body = "\t__u32 slot = bpf_get_prandom_u32();\n\n\tif (0)\n\t\tslot = 3;\n\tseen[slot]++;"
    assert titles(tmp_path, body, "__u64 seen[4];\n")[0] == "Ask whether “slot > 3”"


def test_a_callback_that_nothing_names_is_passed(tmp_path: Path) -> None:
    before = "static long add(__u32 index, __u64 *sum)\n{\n\t*sum += index;\n\treturn 0;\n}\n"
    body = "\t__u64 sum = 0;\n\n\tbpf_loop(4, 0, &sum, 0);"
    assert "Pass “add” to bpf_loop, not “0”" in titles(tmp_path, body, before)[:2]


def test_what_a_function_passes_on_is_put_right_where_it_is_called(tmp_path: Path) -> None:
    before = (
        "static __attribute__((noinline)) int load(void *to)\n{\n\treturn bpf_get_current_comm(to, 8);\n}\n"
    )
    body = "\tchar name[8];\n\n\tload(0);"
    assert titles(tmp_path, body, before)[0] == "Pass “name” to load, not “0”"


def test_no_element_lies_before_the_first(tmp_path: Path) -> None:
    found = titles(tmp_path, "\treturn ((__u64 *)ctx)[-1];")
    assert "Write “0”, not “-1”" in found


def test_a_check_that_is_never_true_asks_what_a_new_one_would(tmp_path: Path) -> None:
    found = titles(tmp_path, f"{LOOKED_UP}\tif (0)\n\t\treturn 1;\n\t*count += 1;")
    assert found[0] == "Ask whether “!count”"


def test_a_check_before_what_it_would_ask_about_stays(tmp_path: Path) -> None:
    found = titles(tmp_path, f"\tif (0)\n\t\treturn 1;\n{LOOKED_UP}\t*count += 1;")
    assert "Ask whether “!count”" not in found


def test_a_length_that_only_a_check_is_about_is_passed(tmp_path: Path) -> None:
    body = """\
	char name[16];
	__u32 len = bpf_get_prandom_u32() & 15;

	if (len == 0)
		return 0;
	bpf_get_current_comm(name, 0);
	return name[0];"""
    assert titles(tmp_path, body)[0] == "Pass “len” to bpf_get_current_comm, not “0”"
    used = body.replace("name[0]", "len")
    assert titles(tmp_path, used)[0] != "Pass “len” to bpf_get_current_comm, not “0”"


def test_a_limit_in_an_expression_is_the_largest_that_it_lets_through(tmp_path: Path) -> None:
    body = """\
	__u32 slot = bpf_get_prandom_u32();

	slot = slot < 4 ? slot : 304;
	seen[slot]++;"""
    assert "Write “3”, not “304”" in titles(tmp_path, body, "__u64 seen[4];\n")


@pytest.mark.parametrize(("mask", "first"), [("-3", True), ("-4", False)])
def test_only_the_negative_of_a_power_of_two_is_a_mask(tmp_path: Path, mask: str, first: bool) -> None:
    body = f"\t__u32 slot = bpf_get_prandom_u32() & {mask};\n\n\tseen[slot]++;"
    found = titles(tmp_path, body, "__u64 seen[4];\n")
    assert (found[0] == f"Write “{mask[1:]}”, not “{mask}”") is first


def test_a_limit_in_a_function_that_is_called_there_is_put_right_in_it(tmp_path: Path) -> None:
    before = """\
__u64 seen[4];

static __attribute__((noinline)) unsigned long slot(unsigned long n)
{
	return n <= 3 ? n : 30;
}
"""
    found = titles(tmp_path, "\tseen[slot(bpf_get_prandom_u32())]++;", before)
    assert "Write “3”, not “30”" in found


def test_what_a_member_was_made_from_is_tested_the_right_way_round(tmp_path: Path) -> None:
    body = f"""\
{LOOKED_UP}	volatile struct {{
		__u64 *count;
	}} kept;

	if (!(!count))
		return 0;
	kept.count = count;
	*kept.count += 1;"""
    assert "Write “!count”, not “!(!count)”" in titles(tmp_path, body)


def test_a_maps_key_is_the_structure_of_that_type(tmp_path: Path) -> None:
    before = """\
struct key {
	__u32 id, mark;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct key);
	__type(value, __u64);
} flows SEC(".maps");
"""
    body = """\
	struct key key = {};

	key.id = bpf_get_prandom_u32();
	return bpf_map_lookup_elem(&flows, &flows) != 0;"""
    assert titles(tmp_path, body, before)[0] == "Pass “&key” to bpf_map_lookup_elem, not “&flows”"


def test_the_only_element_has_the_index_0(tmp_path: Path) -> None:
    body = f"{LOOKED_UP}\tif (count)\n\t\tcount[64] = 1;"
    assert "Write “0”, not “64”" in titles(tmp_path, body)
