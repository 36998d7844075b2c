"""`check --shapes`: what becomes of a program with other values of its constants than its source has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import bpfdoctor

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HEAD = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
PROGRAM = (
    HEAD
    + """
struct config { __u32 level; __u8 deep[4]; };
const volatile _Bool debug = 0;
const volatile __u32 mode = 3;
const volatile struct config config = {};

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;

	if (debug)
		bpf_printk("debug");
	if (mode > 7)
		return *(char *)data; /* mode */
	if (config.level == 2) {
		if (config.deep[2])
			return *(int *)(data + 100); /* level */
		return XDP_DROP;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
"""
)


def line_of(comment: str) -> int:
    return next(at for at, line in enumerate(PROGRAM.split("\n"), 1) if f"/* {comment} */" in line)


def in_shapes(path: Path, *more: str) -> tuple[int, list[dict[str, Any]]]:
    done = bpfdoctor("check", path, "--shapes", "--output-format", "json", *more)
    return done.status, json.loads(done.out)["reports"]


@needs_root
def test_each_refused_shape_is_told_with_the_least_that_it_takes(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM)
    status, [defaults, mode, level] = in_shapes(path)
    assert status == 1
    assert (defaults["verdict"], defaults["settings"]) == ("loads", [])
    assert (mode["verdict"], mode["settings"]) == ("refused", ["mode=8"])
    assert mode["findings"][0]["location"]["line"] == line_of("mode")
    assert level["settings"] == ["config.level=2", "config.deep[2]=1"]
    assert level["findings"][0]["location"]["line"] == line_of("level")
    assert any(note.startswith("Refused with --set mode=8; ") for note in mode["notes"])
    shapes = defaults["shapes"]
    assert shapes["tried"][0] == [] and ["debug=1"] in shapes["tried"] and ["mode=8"] in shapes["refused"]
    unverified = {place["line"] for place in shapes["unverified"]}
    assert {line_of("level")} <= unverified <= {line_of("mode"), line_of("level")}  # some share their exit
    assert mode["shapes"] is None


@needs_root
def test_every_refused_shape_is_refused_when_it_is_set_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM)
    _, [_, *refused] = in_shapes(path)
    for report in refused:
        given = [word for each in report["settings"] for word in ("--set", each)]
        done = bpfdoctor("check", path, *given, "--output-format", "json")
        [again] = json.loads(done.out)["reports"]
        assert again["verdict"] == "refused"
        assert again["findings"][0]["location"] == report["findings"][0]["location"]


@needs_root
def test_what_is_refused_as_it_stands_may_load_in_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM.replace("mode = 3", "mode = 9").replace("config.deep[2]", "0"))
    _, [report] = in_shapes(path)
    assert report["verdict"] == "refused"
    assert any(note.startswith("pass loads with --set mode=") for note in report["notes"])
    assert {place["line"] for place in report["shapes"]["unverified"]} <= {line_of("mode")}


@needs_root
def test_a_program_without_constants_has_one_shape(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(HEAD + 'SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }\n')
    status, [report] = in_shapes(path)
    assert status == 0
    assert report["shapes"] == {"tried": [[]], "refused": [], "left_out": 0, "unverified": []}
    done = bpfdoctor("check", path, "--shapes")
    assert "No branch of the programs tests a constant that a loader could set" in done.out


@needs_root
def test_many_constants_are_not_all_tried_and_the_answer_says_how_many_are_left(tmp_path: Path) -> None:
    names = [f"option_{at}" for at in range(20)]
    constants = "".join(f"const volatile int {name};\n" for name in names)
    tests = "".join(f"if ({name}) sum += bpf_get_prandom_u32();\n" for name in names)
    path = tmp_path / "a.bpf.c"
    body = f'SEC("xdp") int pass(struct xdp_md *ctx) {{ int sum = 0; {tests} return sum; }}\n'
    path.write_text(HEAD + constants + body)
    _, [report] = in_shapes(path)
    assert len(report["shapes"]["tried"]) == 33
    assert report["shapes"]["left_out"] == 1 + 20 + 1 + 20 * 19 // 2 - 33


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--no-load",), "--shapes loads on this kernel"),
        (("--kernel", "6.1"), "--shapes loads on this kernel"),
        (("--caps", "full,no-perfmon"), "--shapes loads on this kernel"),
        (("--fix",), "--shapes shows and --fix and --diff mend"),
    ],
)
def test_what_shapes_cannot_go_with_is_said(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM)
    done = bpfdoctor("check", path, "--shapes", *more)
    assert done.status == 2 and said in done.err


@needs_root
def test_shapes_are_for_constants_which_bccs_programs_have_not(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("int kprobe__do_exit(struct pt_regs *ctx) { return 0; }\n")
    done = bpfdoctor("check", path, "--shapes")
    assert done.status == 2 and "is BCC's, which has no constants" in done.err
