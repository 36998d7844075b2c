"""Programs as people ask about them: the suggested lines are what a kernel accepts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.command import bpfdoctor

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HEAD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[64]);
} scratch SEC(".maps");

"""
TAIL = '\nchar LICENSE[] SEC("license") = "GPL";\n'
STRLEN = """\
SEC("xdp")
int length(struct xdp_md *ctx)
{
	__u32 zero = 0;
	char *s = bpf_map_lookup_elem(&scratch, &zero);
	int n = 0;

	if (!s)
		return XDP_PASS;
	while (s[n])
		n++;
	return n ? XDP_DROP : XDP_PASS;
}
"""
CALLBACK = """\
struct seen {
	char *bytes;
	__u64 sum;
};

static long add(__u32 i, struct seen *seen)
{
	seen->sum += seen->bytes[i];
	return 0;
}

SEC("xdp")
int sum(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct seen seen = {};

	seen.bytes = bpf_map_lookup_elem(&scratch, &zero);
	if (!seen.bytes)
		return XDP_PASS;
	bpf_loop(64, add, &seen, 0);
	return seen.sum ? XDP_DROP : XDP_PASS;
}
"""


@needs_root
@pytest.mark.parametrize(
    ("text", "wanted"),
    [(STRLEN, "while ((unsigned int)n < 64 && s[n])"), (CALLBACK, "if (i >= 64)")],
    ids=["a test in the loop's condition", "the size behind a pointer in a structure"],
)
def test_the_suggested_check_of_an_index_loads(tmp_path: Path, text: str, wanted: str) -> None:
    path = tmp_path / "asked.bpf.c"
    path.write_text(HEAD + text + TAIL)
    done = bpfdoctor("check", path, "--output-format", "json")
    [finding] = json.loads(done.out)["reports"][0]["findings"]
    edits = finding["fixes"][0]["edits"]
    assert wanted in "\n".join(line for edit in edits for line in edit["lines"])
    assert "check" not in [label["role"] for label in finding["labels"]]  # the NULL test limits no index
    lines = path.read_text().split("\n")
    for edit in sorted(edits, key=lambda each: (-each["first"], -each["last"])):
        lines[edit["first"] - 1 : edit["last"]] = edit["lines"]
    path.write_text("\n".join(lines))
    assert bpfdoctor("check", path).status == 0


def test_a_compiler_that_crashes_has_a_rule(tmp_path: Path) -> None:
    clang = tmp_path / "clang"
    clang.write_text("#!/bin/sh\nkill -SEGV $$\n")
    clang.chmod(0o755)
    path = tmp_path / "a.bpf.c"
    path.write_text(HEAD + STRLEN + TAIL)
    done = bpfdoctor("check", path, "--no-load", "--clang", clang)
    assert done.status == 1
    assert "clang crashed; the program may be right" in done.out
