"""What an object needs, by versions alone: no kernel's types are asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Set
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor.kernel import features, sections
from bpfdoctor.preflight.needs import table
from bpfdoctor.preflight.needs.table import Row
from bpfdoctor.preflight.needs.view import Has, KernelView
from bpfdoctor.render.needs import table as rendered
from tests.compilers import CLANG, HEADERS

PROGRAMS = Path(__file__).parents[2] / "lab" / "programs"


@cache
def compiled(name: str, *flags: str) -> bytes:
    command = [CLANG, "-O2", "-g", "-target", "bpf", f"-I{HEADERS}", *flags]
    return subprocess.run(
        [*command, "-c", str(PROGRAMS / f"{name}.bpf.c"), "-o", "-"], check=True, capture_output=True
    ).stdout


def rows(*kernels: str) -> dict[str, Row]:
    found = table.rows_of(compiled("needs"), [KernelView(name, name) for name in kernels])
    return {row.use.name: row for row in found}


def test_a_helper_is_there_from_its_first_release_on() -> None:
    row = rows("5.16", "5.17", "6.1.9")["bpf_loop"]
    assert row.has == {"5.16": Has.NO, "5.17": Has.YES, "6.1.9": Has.YES}
    lines = (PROGRAMS / "needs.bpf.c").read_text().splitlines()
    assert all("bpf_loop" in lines[where.line - 1] for where in row.where)


def test_a_test_of_the_version_folds_what_it_guards() -> None:
    missing = {where.of for where in rows("5.16")["bpf_loop"].lacks["5.16"]}
    assert "helper" in missing and "helper_by_version" not in missing
    assert "helper_if_set" not in missing  # a constant of the object is 0
    assert "helper_if_set" in {where.of for where in rows("5.4")["bpf_loop"].lacks["5.4"]}  # not yet folded


def test_what_a_version_does_not_say_is_not_known() -> None:
    found = rows("5.14.0-570.el9.x86_64", "4.20")
    assert found["bpf_loop"].has["5.14.0-570.el9.x86_64"] is Has.UNKNOWN
    assert found["task_struct.state"].has["4.20"] is Has.UNKNOWN
    assert found["tracing"].has["4.20"] is Has.NO


def test_a_stable_release_that_got_a_feature_has_it() -> None:
    feature = next(features.of_instruction(0x06, 0, 40000))
    before, after, other = (KernelView("k", release) for release in ("6.1.60", "6.1.72", "5.15.200"))
    told = [view.since(feature.since, feature.backported) for view in (before, after, other)]
    assert told == [Has.UNKNOWN, Has.YES, Has.NO]


@pytest.mark.parametrize(
    ("opcode", "off", "imm", "since"),
    [
        (0x85, 0, 1, None),  # call
        (0xDB, 0, 0x00, None),  # lock *(u64 *)(r1 + 0) += r2
        (0xDB, 0, 0x01, "5.12"),  # r2 = atomic_fetch_add
        (0xDB, 0, 0xF1, "5.12"),  # cmpxchg
        (0xDB, 0, 0x100, "6.15"),  # load_acquire
        (0x16, 2, 0, "5.1"),  # if w1 == 0
        (0xA5, 2, 0, "4.14"),  # if r1 < 0
        (0x25, 2, 0, None),  # if r1 > 0
        (0x91, 0, 0, "6.6"),  # r1 = *(s8 *)(r2 + 0)
        (0x71, 0, 0, None),  # r1 = *(u8 *)(r2 + 0)
        (0xBF, 8, 0, "6.6"),  # r1 = (s8)r2
        (0x3F, 1, 0, "6.6"),  # r1 s/= r2
        (0x3F, 0, 0, None),  # r1 /= r2
        (0xD7, 0, 64, "6.6"),  # r1 = bswap64 r1
        (0xD4, 0, 64, None),  # r1 = le64 r1
        (0xE5, 2, 0, "6.9"),  # may_goto
    ],
)
def test_instructions_by_the_release_that_brought_them(
    opcode: int, off: int, imm: int, since: str | None
) -> None:
    assert next((each.since for each in features.of_instruction(opcode, off, imm)), None) == since


@pytest.mark.parametrize(
    ("section", "meaning"),
    [
        ("xdp.frags/devmap", ("xdp", "XDP_DEVMAP", {"frags"})),
        ("?fentry.s/vfs_read", ("tracing", "TRACE_FENTRY", {"s"})),
        ("raw_tp.w/bpf_test", ("raw_tracepoint_writable", "", set())),
        ("cgroup/connect4", ("cgroup_sock_addr", "CGROUP_INET4_CONNECT", set())),
        ("kprobe/do_unlinkat+0x10", ("kprobe", "", set())),
        ("of/nothing", None),
    ],
)
def test_sections(section: str, meaning: tuple[str, str, Set[str]] | None) -> None:
    assert sections.meaning(section) == meaning


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_says_what_a_kernel_lacks_and_stays_within_the_width(width: int) -> None:
    names = ["5.16", "6.1"]
    found = table.rows_of(compiled("needs"), [KernelView(name, name) for name in names])
    text = rendered("needs.o", found, names, ["6.1"], width, unicode=True)
    assert "5.16 lacks" in text and "bpf_loop" in text
    assert not [line for line in text.splitlines() if len(line) > width]
    assert all(f"  {row.use.name}" in text for row in found)


def test_the_command_ends_with_1_where_a_kernel_lacks_something(tmp_path: Path) -> None:
    path = tmp_path / "needs.o"
    path.write_bytes(compiled("needs"))
    command = [
        sys.executable,
        "-m",
        "bpfdoctor",
        "preflight",
        "--needs",
        str(path),
        "--output-format",
        "json",
    ]
    old = subprocess.run([*command, "--kernel", "4.4"], capture_output=True, text=True, check=False)
    (told,) = json.loads(old.stdout)["objects"]
    helper = next(each for each in told["needs"] if each["name"] == "bpf_loop")
    assert old.returncode == 1
    assert (helper["since"], helper["kernels"]["4.4"], helper["where"][0]["of"]) == ("5.17", "no", "helper")


def test_a_word_that_is_no_kernel_is_said(tmp_path: Path) -> None:
    path = tmp_path / "needs.o"
    path.write_bytes(compiled("needs"))
    command = [sys.executable, "-m", "bpfdoctor", "preflight", "--needs", str(path), "--kernel", "jessie"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2 and "jessie is no kernel's version" in run.stderr
