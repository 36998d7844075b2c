"""`check` tries its patches on the running kernel; --fix writes what loads, --diff shows it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.resources import folder
from tests.cli.command import bpfdoctor

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HEAD = """\
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct {
\t__uint(type, BPF_MAP_TYPE_HASH);
\t__uint(max_entries, 16);
\t__type(key, __u32);
\t__type(value, __u64);
} hits SEC(".maps");

"""
# Nothing is checked: neither header, nor what the lookup returns.
COUNT = """\
SEC("xdp")
int count(struct xdp_md *ctx)
{
\tvoid *end = (void *)(long)ctx->data_end;
\tstruct ethhdr *eth = (void *)(long)ctx->data;
\tstruct iphdr *ip = (void *)(eth + 1);
\t__u32 key;
\t__u64 *n;

\tif (eth->h_proto != 8)
\t\treturn XDP_PASS;
\tkey = ip->saddr;
\tn = bpf_map_lookup_elem(&hits, &key);
\t*n += 1;
\treturn XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""
MENDED = COUNT.replace(
    "\tif (eth->h_proto", "\tif ((void *)(eth + 1) > end)\n\t\treturn XDP_PASS;\n\tif (eth->h_proto"
)
MENDED = MENDED.replace("\tkey = ip", "\tif ((void *)(ip + 1) > end)\n\t\treturn XDP_PASS;\n\tkey = ip")
MENDED = MENDED.replace("\t*n += 1", "\tif (!n)\n\t\treturn XDP_PASS;\n\t*n += 1")
# Adds a number of the packet to an address that no check can bound: every patch of ours is refused.
HOPELESS = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int ask(struct xdp_md *ctx)
{
\tint (*nobodys)(void) = (void *)4000;

\treturn nobodys();
}

char LICENSE[] SEC("license") = "GPL";
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "count.bpf.c"
    path.write_text(HEAD + COUNT)
    return path


def test_one_patch_mends_what_refuses_the_program_one_after_the_other(program: Path) -> None:
    done = bpfdoctor("check", program.name, "--output-format", "json", cwd=program.parent)
    assert done.status == 1
    (report,) = json.loads(done.out)["reports"]
    fix = report["findings"][-1]["fixes"][0]
    assert fix["outcome"]["status"] == "loads"
    assert fix["outcome"]["insns"] > 20
    assert len(fix["steps"]) == 3
    assert fix["outcome"]["meaning"]["runs"] > 20
    assert (fix["outcome"]["meaning"]["differs"], fix["safety"]) == ("", "safe")
    assert program.read_text() == HEAD + COUNT  # nothing is written unless --fix asks for it


def test_fix_writes_what_loads(program: Path) -> None:
    program.chmod(0o640)
    done = bpfdoctor("check", "--fix", program.name, cwd=program.parent)
    assert done.status == 0, done.out + done.err
    assert "count.bpf.c: mended" in done.err
    assert "count (xdp) loads" in done.out
    assert program.read_text() == HEAD + MENDED
    assert program.stat().st_mode & 0o777 == 0o640
    assert os.listdir(program.parent) == [program.name]


def test_diff_applies_and_writes_nothing(program: Path) -> None:
    done = bpfdoctor("check", "--diff", program.name, cwd=program.parent)
    assert done.status == 1
    assert program.read_text() == HEAD + COUNT
    subprocess.run(["git", "apply", "-"], input=done.out, text=True, check=True, cwd=program.parent)
    assert program.read_text() == HEAD + MENDED
    other = program.parent / "other.bpf.c"
    other.write_text(HEAD + COUNT)
    again = bpfdoctor("check", "--diff", "-j", "2", program.name, other.name, cwd=program.parent)
    assert (again.status, again.out) == (1, done.out.replace("count.bpf.c", "other.bpf.c"))


def test_a_patch_in_a_header_goes_into_the_header(program: Path) -> None:
    """Once, also where two files that include it are looked at side by side."""
    header, other = program.parent / "count.h", program.parent / "other.bpf.c"
    header.write_text(COUNT.partition("char LICENSE")[0])
    text = HEAD + '#include "count.h"\n\nchar LICENSE[] SEC("license") = "GPL";\n'
    for path in (program, other):
        path.write_text(text)
    done = bpfdoctor("check", "--fix", "-j", "2", program.name, other.name, cwd=program.parent)
    assert done.status == 0, done.out + done.err
    assert done.err == "note: count.h: mended.\n"
    assert header.read_text() == MENDED.partition("char LICENSE")[0]
    assert program.read_text() == other.read_text() == text


def test_line_ends_and_a_missing_last_one_stay(program: Path) -> None:
    program.write_text((HEAD + COUNT).rstrip("\n"), newline="\r\n")
    done = bpfdoctor("check", "--fix", program.name, cwd=program.parent)
    assert done.status == 0, done.out + done.err
    with program.open(newline="") as file:
        assert file.read() == (HEAD + MENDED).rstrip("\n").replace("\n", "\r\n")


def test_two_programs_of_a_file_are_mended_by_one_run(program: Path) -> None:
    other = COUNT.replace("int count", "int other").partition("char LICENSE")[0]
    program.write_text(HEAD + other + COUNT)
    done = bpfdoctor("check", "--fix", program.name, cwd=program.parent)
    assert done.status == 0, done.out + done.err
    assert "2 programs load" in done.out


def test_what_has_no_patch_stays_as_it_is(program: Path) -> None:
    program.write_text(HOPELESS)
    for way in ("--fix", "--diff"):
        done = bpfdoctor("check", way, program.name, cwd=program.parent)
        assert done.status == 1
        assert program.read_text() == HOPELESS
    assert "without a patch that loads" in done.err


@pytest.mark.parametrize("flags", [("--fix", "--diff"), ("--fix", "--no-load"), ("--diff", "--no-load")])
def test_what_cannot_be_done_is_said(program: Path, flags: tuple[str, ...]) -> None:
    done = bpfdoctor("check", *flags, program.name, cwd=program.parent)
    assert done.status == 2
    assert "--fix" in done.err
    assert program.read_text() == HEAD + COUNT


def test_an_input_that_goes_wrong_is_named(program: Path) -> None:
    checked = "\tif ((void *)(eth + 1) > end)\n\t\treturn XDP_PASS;\n\tif (eth->h_proto"
    program.write_text(HEAD + COUNT.replace("\tif (eth->h_proto", checked))
    done = bpfdoctor("check", program.name, "--output-format", "json", cwd=program.parent)
    (report,) = json.loads(done.out)["reports"]
    said = report["findings"][-1]["witness"]
    found = re.fullmatch(r"it reads bytes 26 to 29 of a packet of (\d+) bytes", said)
    assert found, said
    assert 14 <= int(found[1]) < 30


def mended(program: Path, text: str, *flags: str) -> str:
    """The program's text after --fix; every program of it loads then."""
    program.write_text(text)
    done = bpfdoctor("check", "--fix", "--no-experiments", *flags, program.name, cwd=program.parent)
    assert done.status == 0, done.out + done.err
    return program.read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        "(void *)(ip + 1) < end",
        "(void *)(ip + 1) <= end",
        "(void *)(ip + 1) != end",
        "!((void *)(ip + 1) > end)",  # a second check loads beside it, and then nothing is counted any more
    ],
)
def test_a_check_the_wrong_way_round_is_turned_and_no_second_one_added(program: Path, wrong: str) -> None:
    text = HEAD + MENDED.replace("(void *)(ip + 1) > end", wrong)
    assert mended(program, text, "--unsafe-fixes") == HEAD + MENDED


def test_what_may_change_the_meaning_is_told_of_and_not_shown(program: Path) -> None:
    program.write_text(HEAD + MENDED.replace("(void *)(ip + 1) > end", "!((void *)(ip + 1) > end)"))
    done = bpfdoctor("check", "--diff", "--no-experiments", program.name, cwd=program.parent)
    assert done.status == 1 and not done.out
    assert "still refused; what loads may change what it does (--unsafe-fixes)." in done.err


def test_what_was_meant_is_found_among_what_is_at_hand(program: Path) -> None:
    text = HEAD + MENDED.replace("&hits, &key", "0, &key")
    assert mended(program, text, "--unsafe-fixes") == HEAD + MENDED


def test_what_is_made_and_tested_the_wrong_way_round_is_turned(program: Path) -> None:
    """The refused line is the end of the program; the line at fault names what its check is about."""
    text = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
\t__uint(type, BPF_MAP_TYPE_RINGBUF);
\t__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int note(struct xdp_md *ctx)
{
\t__u32 *event = bpf_ringbuf_reserve(&events, 4, 0);

\tif (event) {
\t\t*event = ctx->rx_queue_index;
\t\tbpf_ringbuf_submit(event, 0);
\t}
\treturn XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""
    wrong = text.replace("if (event)", "if (!event)")
    assert mended(program, wrong, "--unsafe-fixes") == text


def test_a_guess_is_not_written_unless_asked_for(program: Path) -> None:
    text = HEAD + MENDED.replace("&hits, &key", "0, &key")
    program.write_text(text)
    done = bpfdoctor("check", "--fix", "--no-experiments", program.name, cwd=program.parent)
    assert done.status == 1
    assert program.read_text() == text
    assert "it may change what the program does" in done.out


def test_an_input_that_goes_wrong_is_written_as_files(program: Path) -> None:
    program.write_text(HEAD + COUNT)
    done = bpfdoctor("check", "--witness", "inputs", program.name, cwd=program.parent)
    assert done.status == 1
    folder = program.parent / "inputs"
    told = json.loads((folder / "count.count.json").read_text())
    assert told["program"] == "count" and told["goes_wrong"] in " ".join(done.out.split())
    packet = (folder / "count.count.packet").read_bytes()
    assert packet.hex() == told["packet"]
    assert f"of a packet of {len(packet)} bytes" in told["goes_wrong"]


def test_inputs_are_for_what_this_kernel_refuses(program: Path) -> None:
    done = bpfdoctor("check", "--witness", "inputs", "--no-load", program.name, cwd=program.parent)
    assert done.status == 2 and "--witness runs what this kernel refuses" in done.err
    assert not (program.parent / "inputs").exists()


@pytest.mark.parametrize(
    "case",
    [
        "used-after-release/part-of-a-socket",  # what is read may be NULL, so it cannot be read before
    ],
)
def test_what_takes_more_than_a_rule_s_own_patch(program: Path, case: str) -> None:
    folder_ = folder("corpus") / "cases" / case
    text = mended(program, (folder_ / "prog.bpf.c").read_text(), "--unsafe-fixes")
    without_marks = re.sub(r" ?/\* (?:expect|cause): [^*]* \*/", "", text)
    assert without_marks == (folder_ / "fixed.bpf.c").read_text()


def test_a_macro_that_became_a_function_for_want_of_its_header_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "prog.bpf.c"
    path.write_text(HEAD + COUNT.replace("!= 8", "!= bpf_htons(ETH_P_IP)"))
    done = bpfdoctor("check", str(path), "--output-format", "json")
    (report,) = json.loads(done.out)["reports"]
    (finding,) = report["findings"]
    assert finding["rule"] == "name-not-declared"
    assert "bpf/bpf_endian.h" in finding["fixes"][0]["diff"]


NO_HEADERS = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int ipv4(struct xdp_md *ctx)
{
\tstruct ethhdr *eth = (void *)(long)ctx->data;

\tif (eth->h_proto != bpf_htons(ETH_P_IP))
\t\treturn XDP_PASS;
\treturn XDP_DROP;
}
"""
TOO_LARGE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
\tchar name[16];
\tchar more[600];
};

struct {
\t__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
\t__uint(key_size, 4);
\t__uint(value_size, 4);
} events SEC(".maps");

SEC("tracepoint/sched/sched_switch")
int names(void *ctx)
{
\tstruct event e = {};

\tbpf_get_current_comm(e.name, 32);
\tbpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e));
\treturn 0;
}

char LICENSE[] SEC("license") = "GPL";
"""


@pytest.mark.parametrize(
    ("text", "rule"),
    [(NO_HEADERS, "type-not-defined"), (TOO_LARGE, "stack-too-large")],
    ids=["two headers, then a check", "the stack"],
)
def test_what_does_not_compile_is_mended_until_it_loads(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "prog.bpf.c"
    path.write_text(text)
    done = bpfdoctor("check", str(path), "--output-format", "json")
    assert done.status == 1
    (report,) = json.loads(done.out)["reports"]
    assert report["verdict"] == "not-compiled"
    first, *others = report["findings"]
    assert first["rule"] == rule
    assert first["fixes"][0]["outcome"]["status"] == "loads"
    assert not any(fix["edits"] for finding in others for fix in finding["fixes"])  # it has theirs in it
    assert bpfdoctor("check", str(path), "--fix", "--unsafe-fixes").status == 0


def test_without_a_kernel_the_patch_of_a_compile_error_is_a_suggestion(tmp_path: Path) -> None:
    path = tmp_path / "prog.bpf.c"
    path.write_text(NO_HEADERS)
    done = bpfdoctor("check", str(path), "--no-load", "--output-format", "json")
    (report,) = json.loads(done.out)["reports"]
    fixes = [fix for each in report["findings"] for fix in each["fixes"]]
    assert [fix["outcome"]["status"] for fix in fixes] == ["not-tried"]
