"""Large texts: what stands anywhere in them is found, and what they hold is counted as it is."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.resources import folder
from tests.cli.command import BPFDOCTOR, ROOT, bpfdoctor, environment

MIB = 1 << 20
NINJA = b"[%d/99999] Building C object src/foo/CMakeFiles/bar.dir/baz.c.o -O2 -g -Wall -Werror\n"
STATS = b"processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
FINE = (
    b"libbpf: prog 'p%d': -- BEGIN PROG LOAD LOG --\n0: R1=ctx() R10=fp0\n0: (b7) r0 = 0\n1: (95) exit\n"
    + STATS
    + b"-- END PROG LOAD LOG --\n"
)
REFUSED = (
    b"libbpf: prog 'bad': BPF program load failed: Permission denied\n"
    b"libbpf: prog 'bad': -- BEGIN PROG LOAD LOG --\n0: R1=ctx() R10=fp0\n0: (bf) r0 = r3\nR3 !read_ok\n"
    + STATS
    + b"-- END PROG LOAD LOG --\n"
)
BCC = (
    b"bpf: Failed to load program: Permission denied\n0: R1=ctx() R10=fp0\n0: (bf) r0 = r3\nR3 !read_ok\n"
    + STATS
)
CLANG = b"prog.bpf.c:6:21: error: use of undeclared identifier 'y'\n   6 | y\n1 error generated.\n"
WARNING = b"a.c:%d:2: warning: unused variable 'x' [-Wunused-variable]\n   7 |   int x;\n      |       ^\n"


def build(size: int) -> bytes:
    return b"".join(NINJA % number for number in range(size // len(NINJA)))


def asked(path: Path, data: bytes) -> tuple[int, list[dict[str, object]]]:
    path.write_bytes(data)
    done = bpfdoctor("log", path, "--output-format", "json")
    return done.status, json.loads(done.out)["reports"]


def found(reports: list[dict[str, object]]) -> list[str]:
    return [each["rule"] for report in reports for each in report["findings"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("at", [0, 1, 12_000, 23_999, 24_000])
def test_one_refusal_among_very_many_programs(at: int, tmp_path: Path) -> None:
    parts = [FINE % number for number in range(24_000)]
    parts.insert(at, REFUSED)
    status, reports = asked(tmp_path / "x.log", b"".join(parts))
    assert status == 1 and found(reports) == ["uninitialized-register"]
    assert sum(report["programs"] for report in reports) == 24_001  # type: ignore[misc]
    refused = [report for report in reports if report["verdict"] == "refused"]
    assert [report["program"]["name"] for report in refused] == ["bad"]  # type: ignore[index]


def test_the_counts_are_true(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"".join(FINE % number for number in range(20_000)) + REFUSED)
    done = bpfdoctor("log", tmp_path / "x.log")
    assert done.status == 1 and "20001 programs: 1 refused, 20000 without a complaint" in done.out
    assert "19000 more logs hold no complaint" in done.out


@pytest.mark.parametrize("where", ["first", "middle", "last"])
@pytest.mark.parametrize(
    ("what", "rule"),
    [(REFUSED, "uninitialized-register"), (BCC, "uninitialized-register"), (CLANG, "compiler-error"),
     (b"R3 !read_ok\n", "uninitialized-register")],
    ids=["libbpf", "bcc", "clang", "message"],
)  # fmt: skip
def test_a_failure_in_twelve_megabytes_of_foreign_text(
    what: bytes, rule: str, where: str, tmp_path: Path
) -> None:
    half = build(6 * MIB)
    text = {"first": what + half + half, "middle": half + what + half, "last": half + half + what}[where]
    status, reports = asked(tmp_path / "x.log", text)
    assert status == 1 and found(reports) == [rule]


def test_several_long_logs_in_one_text(tmp_path: Path) -> None:
    """A long walk between two refusals is the inside of the second."""
    walk = b"".join(
        b"%d: (07) r%d += 1                    ; R%d_w=%d\n" % (2 + n % 7, n % 6, n % 6, n)
        for n in range(150_000)
    )
    long = REFUSED.replace(b"0: (bf) r0 = r3\n", b"0: (b7) r0 = 0\n" + walk + b"9: (bf) r0 = r3\n")
    status, reports = asked(tmp_path / "x.log", REFUSED + long.replace(b"'bad'", b"'worse'") + FINE % 7)
    assert status == 1 and found(reports) == ["uninitialized-register"] * 2
    assert [report["program"]["name"] for report in reports] == ["bad", "worse", "p7"]  # type: ignore[index]


@pytest.mark.parametrize("lines", [1_700, 3_000, 20_000])
def test_warnings_do_not_hide_an_error(lines: int, tmp_path: Path) -> None:
    warnings = b"".join(WARNING % number for number in range(lines))
    for text in (warnings + CLANG, CLANG + warnings, warnings + CLANG + warnings):
        status, reports = asked(tmp_path / "x.log", text)
        assert status == 1 and "compiler-error" in found(reports)


@pytest.mark.parametrize("lines", [2_500, 10_000, 40_000])
def test_build_lines_do_not_hide_a_message(lines: int, tmp_path: Path) -> None:
    built = build(lines * len(NINJA))
    for text in (built + b"R3 !read_ok\n", b"R3 !read_ok\n" + built, built + b"\nR3 !read_ok\n\n" + built):
        status, reports = asked(tmp_path / "x.log", text)
        assert status == 1 and found(reports) == ["uninitialized-register"]


@pytest.mark.parametrize(
    "message",
    [
        b"dereference of modified ctx ptr R1 off=4 disallowed",
        b"R2 has no valid kptr",
        b"write into map forbidden, value_size=4 off=0 size=8",
        b"Only one arena per program",
        b"BPF_LD_[ABS|IND] instructions not allowed for this program type",
        b"arg#0 of trusted pointer must be referenced",
    ],
)
@pytest.mark.parametrize("size", [MIB, 12 * MIB])
def test_a_message_of_any_kind_is_heard_far_from_the_end(message: bytes, size: int, tmp_path: Path) -> None:
    status, reports = asked(tmp_path / "x.log", message + b"\n" + build(size))
    assert status == 1 and len(found(reports)) == 1


def varied(lines: int) -> bytes:
    """Lines that have nothing in common, not even their letters."""
    letters = bytes.maketrans(b"0123456789", b"abcdefghij")
    return b"".join((b"obj %d %d\n" % (n, n * 7919)).translate(letters) for n in range(lines))


@pytest.mark.parametrize("lines", [100_000, 400_000])
def test_lines_that_nobody_looked_at_are_no_success(lines: int, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(varied(lines))
    done = bpfdoctor("log", tmp_path / "x.log", "--output-format", "concise")
    assert done.status == 2 and "lines of this text were not looked at" in done.out
    (tmp_path / "x.log").write_bytes(varied(lines) + b"R3 !read_ok\n")
    done = bpfdoctor("log", tmp_path / "x.log", "--output-format", "concise")
    assert done.status != 0 and "uninitialized-register" in done.out


def test_a_warning_that_explains_is_told_before_thousands_that_do_not(tmp_path: Path) -> None:
    loop = b"a.c:3:2: warning: loop not unrolled: the optimizer was unable to [-Wpass-failed]\n"
    noise = b"".join(WARNING % number for number in range(3_000))
    status, reports = asked(tmp_path / "x.log", loop + noise + REFUSED)
    assert status == 1 and "loop not unrolled" in json.dumps(reports)


def test_a_thousand_failures_are_told_in_the_time_of_one_look_at_the_text(tmp_path: Path) -> None:
    """Each of them once looked through the whole text for the loader that printed it: minutes."""
    failed = b"libbpf: prog 'p%d': BPF program load failed: Permission denied\n"
    (tmp_path / "x.log").write_bytes(b"".join(failed % number for number in range(50_000)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = bpfdoctor("log", tmp_path / "x.log", "--output-format", "concise")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.status != 0 and "49000 more programs of this text are not explained" in done.out
    assert after.ru_utime - before.ru_utime < 30


@pytest.mark.parametrize("end", [b"", b"\n", b"0: R1=ctx() R10=fp0\n"])
def test_a_log_that_only_begins_is_no_success(end: bytes, tmp_path: Path) -> None:
    begun = b"libbpf: prog 'p7': -- BEGIN PROG LOAD LOG --\n"
    status, reports = asked(tmp_path / "x.log", FINE % 6 + begun + end)
    assert status == 2 and [each["verdict"] for each in reports] == ["no-complaint", "no-answer"]
    assert reports[1]["no_answer"] == "the log stops before the verifier's verdict"


def test_a_text_that_has_too_much_in_it_is_no_success(tmp_path: Path) -> None:
    noise = b"libbpf: map 'x': something\n" * 1_700_000
    (tmp_path / "x.log").write_bytes(noise)
    done = bpfdoctor("log", tmp_path / "x.log", "--output-format", "concise")
    assert done.status != 0


@pytest.mark.slow
def test_a_gigabyte_around_one_refusal(tmp_path: Path) -> None:
    log = next((folder("corpus") / "cases" / "packet-bounds").glob("*/logs/6.1.*-l1.log")).read_bytes()
    block = build(64 * MIB)
    with (tmp_path / "x.log").open("wb") as file:
        for _ in range(8):
            file.write(block)
        file.write(log)
        for _ in range(8):
            file.write(block)
    small = _cpu(bpfdoctor_on(tmp_path, log))
    large = _cpu([*BPFDOCTOR, "log", str(tmp_path / "x.log")])
    # The aim is 15 times: three seconds where a small log takes 0.2. Reading it line by line took 200 times.
    assert large < 40 * small


def bpfdoctor_on(tmp_path: Path, log: bytes) -> list[str]:
    (tmp_path / "small.log").write_bytes(log)
    return [*BPFDOCTOR, "log", str(tmp_path / "small.log")]


def _cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=ROOT, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 1 and "packet-bounds" in done.stdout, done.stdout[:300] + done.stderr
    assert os.path.getsize(command[-1]) > 0
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
