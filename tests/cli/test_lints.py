"""What `check` says beside the verdict: which lints speak unasked, which are asked for, what status 1 is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.command import bpfdoctor

SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("raw_tp/sched_switch")
int sends(void *ctx)
{
	struct event e;

	e.time = bpf_ktime_get_ns();
	e.cpu = bpf_get_smp_processor_id();
	bpf_printk("sent");
	bpf_ringbuf_output(&events, &e, sizeof(e), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("lints") / "sends.bpf.c"
    path.write_text(SOURCE)
    return str(path)


def rules(source: str, *options: str) -> tuple[int, list[str]]:
    done = bpfdoctor("check", "--no-load", "--output-format", "json", *options, source)
    found = [each["rule"] for report in json.loads(done.out)["reports"] for each in report["findings"]]
    return done.status, found


LEAK, PRINTK, NEWER = "unset-bytes-sent", "printk-left-in", "newer-than-oldest"
ASKED = {
    (): (0, [LEAK]),
    ("--lint", "none"): (0, []),
    ("--lint", PRINTK): (0, [LEAK, PRINTK]),
    ("--lint", "all"): (0, [LEAK, PRINTK]),
    ("--strict",): (1, [LEAK]),
    ("--strict", "--lint", "none"): (0, []),
    ("--select", PRINTK): (1, [PRINTK]),
    ("--ignore", LEAK): (0, []),
    ("--oldest-kernel", "5.8"): (0, [LEAK]),
}


@pytest.mark.parametrize("options", ASKED)
def test_what_is_told_and_what_it_counts(source: str, options: tuple[str, ...]) -> None:
    assert rules(source, *options) == ASKED[options]


def test_a_line_says_it_with_the_page_to_read(source: str) -> None:
    done = bpfdoctor("check", "--no-load", source)
    assert (
        f"warning {source}:22: bpf_ringbuf_output sends bytes 12..15 of 16 (padding after cpu), which no "
        "path sets: user space gets what was on the kernel's stack there (bpfdoctor explain unset-bytes-sent)"
    ) in re.sub(r"\n {8}", " ", done.out)


def test_the_settings_name_what_a_project_wants(source: str) -> None:
    settings = Path(source).with_name("bpfdoctor.toml")
    settings.write_text('lint = ["printk-left-in"]\noldest-kernel = "5.4"\nstrict = true\n')
    status, found = rules(source, "--config", str(settings))
    assert (status, set(found)) == (1, {LEAK, PRINTK, NEWER})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--lint", "packet-bounds"), "packet-bounds is not a lint."),
        (("--lint", "printk-left"), "There is no rule"),
        (("--oldest-kernel", "old"), "old is no kernel's version"),
    ],
)
def test_what_names_nothing_is_said(source: str, options: tuple[str, ...], said: str) -> None:
    done = bpfdoctor("check", "--no-load", *options, source)
    assert done.status == 2
    assert said in done.err
