"""`check` of programs that load and will not fire on this kernel: a line each, and exit status 0."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.command import bpfdoctor

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_swich")
int misspelt(void *ctx) { return 0; }

SEC("raw_tp/sched_switch")
int healthy(void *ctx) { return 0; }

SEC("raw_tp/sched_switch")
int third_of_two(struct bpf_raw_tracepoint_args *ctx) { return ctx->args[7] == 1; }

char LICENSE[] SEC("license") = "GPL";
"""
LINE = (
    "misspelt (raw_tp sched_swich) will not fire here: sched_swich is not a tracepoint of this kernel "
    "(bpfdoctor explain tracepoint-missing)"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("hooks") / "calls.bpf.c"
    path.write_text(SOURCE)
    return str(path)


def test_a_sentence_for_each_program_and_status_0(source: str) -> None:
    done = bpfdoctor("check", source)
    assert done.status == 0
    warnings = [each for each in done.out.splitlines() if each.startswith(("warning ", " "))]
    assert max(map(len, warnings)) <= max(100, len(source) + 20), "the file's name is one word"
    lines = re.sub(r"\n {8}", " ", done.out).splitlines()
    assert lines[0] == f"ok {source}: misspelt (raw_tracepoint) loads, 2 insns"
    assert lines[1] == f"warning {source}:4: {LINE}"
    assert lines[2] == f"ok {source}: healthy (raw_tracepoint) loads, 2 insns"
    assert lines[4].startswith(f"warning {source}:")
    assert "third_of_two (raw_tp sched_switch) will not fire here: reads argument 8" in lines[4]


TEXT = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int target_pid = 0;
long hits;

SEC("raw_tp/sched_switch")
int of_thread(void *ctx)
{
	unsigned int pid = bpf_get_current_pid_tgid();

	if (pid == target_pid)
		hits++;
	return 0;
}

SEC("raw_tp/sched_switch")
int of_process(void *ctx)
{
	unsigned int pid = bpf_get_current_pid_tgid() >> 32;

	if (pid == target_pid)
		hits++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
"""


def test_what_the_text_asks_of_the_wrong_number(tmp_path: Path) -> None:
    path = tmp_path / "pids.bpf.c"
    path.write_text(TEXT)
    done = bpfdoctor("check", str(path))
    lines = [line for line in re.sub(r"\n {8}", " ", done.out).splitlines() if line.startswith("warning ")]
    assert done.status == 0
    assert lines == [
        f"warning {path}:12: of_thread (raw_tp sched_switch) loads, and pid is the number of a thread, and "
        "target_pid seems to be that of a process (bpfdoctor explain thread-id-filter)"
    ]
    assert "warning" not in bpfdoctor("check", "--no-preflight", str(path)).out


def test_machines_get_the_whole_finding(source: str) -> None:
    done = bpfdoctor("check", "--output-format", "json", "--prog", "misspelt", source)
    (report,) = json.loads(done.out)["reports"]
    (finding,) = report["findings"]
    assert (report["verdict"], finding["rule"], finding["severity"]) == (
        "loads",
        "tracepoint-missing",
        "warning",
    )
    assert finding["location"]["line"] == 4
    assert finding["fixes"][0]["edits"][0]["lines"] == ['SEC("raw_tp/sched_switch")']


def test_who_selects_it_gets_status_1(source: str) -> None:
    assert bpfdoctor("check", "--select", "tracepoint-missing", source).status == 1


@pytest.mark.parametrize("option", [("--no-preflight",), ("--prog-type", "raw_tracepoint"), ("--no-load",)])
def test_nothing_is_said_where_nobody_wants_it(source: str, option: tuple[str, ...]) -> None:
    assert "will not fire" not in bpfdoctor("check", *option, source).out


def test_the_settings_file_can_switch_it_off(source: str) -> None:
    settings = Path(source).with_name("bpfdoctor.toml")
    settings.write_text("preflight = false\n")
    try:
        done = bpfdoctor("check", "--config", str(settings), source)
        assert "misspelt" in done.out and "will not fire" not in done.out
    finally:
        settings.unlink()
