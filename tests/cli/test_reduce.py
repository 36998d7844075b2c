"""`bpfdoctor reduce`: the smallest program that clang and this kernel still refuse in the same way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import bpfdoctor

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

LONG = """\
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include "limits_of_ours.h"

struct {
\t__uint(type, BPF_MAP_TYPE_ARRAY);
\t__uint(max_entries, LIMIT);
\t__type(key, __u32);
\t__type(value, __u64);
} hits SEC(".maps");

SEC("xdp")
int other(struct xdp_md *ctx)
{
\treturn XDP_PASS;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
\tvoid *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
\tstruct ethhdr *eth = data;
\t__u32 key = 0;
\t__u64 *n = bpf_map_lookup_elem(&hits, &key);

\tif (n)
\t\t*n += 1;
\tif (data + 4 > data_end)
\t\treturn XDP_DROP;
\treturn eth->h_proto ? XDP_PASS : XDP_DROP; // not checked
}

char LICENSE[] SEC("license") = "GPL";
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "count.bpf.c"
    path.write_text(LONG)
    (tmp_path / "limits_of_ours.h").write_text("#define LIMIT 4\n")
    return path


def test_what_is_left_is_refused_at_the_same_line(program: Path) -> None:
    done = bpfdoctor("reduce", program.name, "-o", "small.bpf.c", cwd=program.parent)
    assert done.status == 0, done.err
    assert program.read_text() == LONG
    small = (program.parent / "small.bpf.c").read_text()
    assert "return eth->h_proto ? XDP_PASS : XDP_DROP;" in small
    assert not any(word in small for word in ("hits", "other", "limits_of_ours", "not checked", "LICENSE"))
    assert small.count("\n") <= 14
    assert "count.bpf.c: 34 lines, now" in done.err and "invalid access to packet" in done.err
    again = bpfdoctor("check", "small.bpf.c", "--no-experiments", cwd=program.parent)
    assert again.status == 1 and "packet-bounds" in again.out


def test_what_this_kernel_loads_is_not_reduced(program: Path) -> None:
    program.write_text(LONG.replace("data + 4", "eth + 1"))
    done = bpfdoctor("reduce", program.name, cwd=program.parent)
    assert (done.status, done.out) == (2, "")
    assert "This kernel does not refuse count.bpf.c." in done.err


def test_an_error_of_the_compiler_is_reduced_as_well(program: Path) -> None:
    program.write_text(LONG.replace("return XDP_PASS;\n}", "return nowhere;\n}", 1))
    done = bpfdoctor("reduce", program.name, cwd=program.parent)
    assert done.status == 0, done.err
    assert "return nowhere;" in done.out and done.out.count("\n") <= 6
