"""The running kernel tells two programs apart by what they return, write and leave in their maps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts import kernel_runs
from tests.unit.machine.concrete.test_kernel_agrees import calls

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

PROGRAM = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sizes SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	__u32 key = 0;
	__u64 *size = bpf_map_lookup_elem(&sizes, &key);

	if (!size || data + 1 > data_end)
		return XDP_ABORTED;
	*size = STORED;
	*(__u8 *)data = BYTE;
	return RETURNED;
}

char _license[] SEC("license") = "GPL";
"""


def _calls(folder: Path, name: str, **values: str) -> bytes:
    text = PROGRAM
    for word, value in ({"STORED": "data_end - data", "BYTE": "1", "RETURNED": "XDP_PASS"} | values).items():
        text = text.replace(word, value)
    source = folder / f"{name}.bpf.c"
    source.write_text(text)
    (found,) = calls(source, folder, name).values()
    return found


@pytest.mark.parametrize(
    ("values", "same", "why"),
    [
        ({}, True, ""),
        ({"RETURNED": "XDP_DROP"}, False, "1 and not 2"),
        ({"BYTE": "2"}, False, "another packet"),
        ({"STORED": "8"}, False, "in sizes"),
    ],
)
def test_what_differs_is_seen(values: dict[str, str], same: bool, why: str, tmp_path: Path) -> None:
    found = kernel_runs.compared(_calls(tmp_path, "old"), _calls(tmp_path, "new", **values))
    assert found.same is same
    assert why in found.why


def test_time_and_chance_say_nothing(tmp_path: Path) -> None:
    values = {"STORED": "bpf_ktime_get_ns()", "RETURNED": "bpf_get_prandom_u32() & 1"}
    old, new = (_calls(tmp_path, name, **values) for name in ("old", "new"))
    assert kernel_runs.compared(old, new).same is not False
