from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpfdoctor import capture
from bpfdoctor.capture import clang
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage, Verdict
from tests.unit.capture.running import Check, Write, command_lines, ended, text_of

INCLUDES = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
PASS = INCLUDES + 'SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }\n'


def compiled(path: Path, **options: object) -> clang.Compiled:
    template = RawReport(b"", str(path), Flavour.LIBBPF, Stage.LOADER)
    return clang.compile_c(template, path, CaptureOptions(**options))  # type: ignore[arg-type]


def sleeping_compiler(folder: Path) -> str:
    """A user's --clang that hangs, and has a child that would outlive it."""
    script = folder / "slow-clang"
    script.write_text("#!/bin/sh\nsleep 777 &\nsleep 777\n")
    script.chmod(0o755)
    return str(script)


def test_a_program_compiles_and_its_object_and_text_are_kept(write: Write) -> None:
    result = compiled(write("a.bpf.c", PASS))
    assert result.object
    assert result.object[:4] == b"\x7fELF"
    assert b".BTF" in result.object
    assert result.report.compiler
    assert result.report.compiler.startswith("clang ")
    assert [file.text for file in result.report.files] == [PASS]


def test_headers_of_the_user_are_kept_and_those_of_the_system_are_not(write: Write, tmp_path: Path) -> None:
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "mine.h").write_text("#define ANSWER XDP_PASS\n")
    path = write("a.bpf.c", PASS.replace("XDP_PASS", "ANSWER").replace("SEC", '#include "mine.h"\nSEC', 1))
    result = compiled(path, include_dirs=(str(tmp_path / "inc"),))
    assert [os.path.basename(file.path) for file in result.report.files] == ["a.bpf.c", "mine.h"]


def test_an_error_in_the_source_is_a_report_in_clangs_words(check: Check) -> None:
    [report] = check("a.bpf.c", PASS.replace("XDP_PASS", "nothing"))
    assert (report.verdict, report.stage) == (Verdict.NOT_COMPILED, Stage.COMPILER)
    assert "a.bpf.c:3:" in text_of(report)
    assert "undeclared identifier 'nothing'" in text_of(report)
    assert report.compiler


def test_flags_of_the_user_reach_clang(check: Check) -> None:
    source = PASS.replace("XDP_PASS", "ANSWER + OTHER")
    assert check("a.bpf.c", source, defines=("ANSWER=1",), cflags=("-DOTHER=1",), load=False)[0].program
    [report] = check("a.bpf.c", source, defines=("ANSWER=1",), load=False)
    assert "'OTHER'" in text_of(report)


def test_the_target_architecture_is_the_users_choice(check: Check) -> None:
    source = PASS + "#if !defined(__TARGET_ARCH_arm64) || defined(__TARGET_ARCH_x86)\n#error wrong\n#endif\n"
    for options in ({"target_arch": "arm64"}, {"defines": ("__TARGET_ARCH_arm64",)}):
        assert check("a.bpf.c", source, load=False, **options)[0].verdict is Verdict.NOT_ASKED
    assert "wrong" in text_of(check("a.bpf.c", source, load=False)[0])


def test_compile_commands_json_is_used(check: Check, write: Write) -> None:
    write("compile_commands.json", '[{"directory": ".", "file": "a.bpf.c", "command": "cc -DANSWER=2"}]')
    assert check("a.bpf.c", PASS.replace("XDP_PASS", "ANSWER"), load=False)[0].verdict is Verdict.NOT_ASKED


def test_a_missing_header_names_the_package(check: Check) -> None:
    [report] = check("a.bpf.c", PASS.replace("bpf_helpers.h", "bpf_absent.h"))
    assert report.verdict is Verdict.NOT_COMPILED
    assert "'bpf/bpf_absent.h' file not found" in text_of(report)
    assert report.notes == ()  # libbpf-dev is installed, and has no such header


def test_no_clang_at_all_names_the_package(write: Write, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        compiled(write("a.bpf.c", PASS), environment={"PATH": str(tmp_path)})
    assert "no clang" in caught.value.sentence
    assert "clang on Debian" in caught.value.ways_out[0]


def test_the_newest_numbered_clang_is_found(tmp_path: Path) -> None:
    for name in ("clang-9", "clang-14", "clang-format", "clang-19-cpp"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert clang.find(CaptureOptions(), {"PATH": str(tmp_path)}) == str(tmp_path / "clang-14")
    (tmp_path / "clang").write_text("#!/bin/sh\n")
    (tmp_path / "clang").chmod(0o755)
    assert clang.find(CaptureOptions(), {"PATH": str(tmp_path)}) == str(tmp_path / "clang")
    environment = {"PATH": str(tmp_path), "CLANG": "clang-9"}
    assert clang.find(CaptureOptions(), environment) == str(tmp_path / "clang-9")
    asked = CaptureOptions(clang=str(tmp_path / "clang-14"))
    assert clang.find(asked, environment) == str(tmp_path / "clang-14")


def test_a_compiler_that_does_not_exist_is_a_problem(write: Write) -> None:
    with pytest.raises(Problem, match="names /no/clang"):
        compiled(write("a.bpf.c", PASS), clang="/no/clang")
    with pytest.raises(Problem, match="cannot be run"):
        script = write("bad-clang", b"\x7fELFnonsense")
        script.chmod(0o755)
        compiled(write("a.bpf.c", PASS), clang=str(script))


def test_a_compiler_that_hangs_is_stopped_with_all_it_started(write: Write, tmp_path: Path) -> None:
    started = time.monotonic()
    result = compiled(write("a.bpf.c", PASS), clang=sleeping_compiler(tmp_path), compile_seconds=1)
    assert time.monotonic() - started < 10
    assert result.object is None
    assert result.report.verdict is Verdict.NO_ANSWER
    assert result.report.no_answer == "clang was stopped: it had not finished after 4 s"
    assert any("pytest" in line for line in command_lines())
    assert ended("sleep 777")


def test_a_compiler_that_crashes_is_reported(check: Check, tmp_path: Path) -> None:
    [report] = check("a.bpf.c", PASS + "#pragma clang __debug crash\n")
    assert report.verdict is Verdict.NOT_COMPILED
    assert "clang crashed on this program: it was ended by SIG" in report.notes[0]
    assert os.listdir(tmp_path) == ["a.bpf.c"]  # and it left no reproducer


def test_a_compiler_that_eats_memory_is_stopped(check: Check) -> None:
    many = "#define A(x) x x x x x x x x x x x x x x x x\n#define B(x) A(A(A(A(A(A(A(A(x))))))))\nB(int a;)\n"
    [report] = check("a.bpf.c", PASS + many, memory_mib=300, compile_seconds=30)
    assert report.verdict is Verdict.NO_ANSWER
    assert "300 MiB of memory" in report.no_answer


def test_vmlinux_h_is_made_once_and_the_users_own_wins(
    check: Check, write: Write, own_cache: Path, tmp_path: Path
) -> None:
    source = PASS.replace("<linux/bpf.h>", '"vmlinux.h"').replace("XDP_PASS", "FROM")
    [report] = check("a.bpf.c", source, defines=("FROM=XDP_PASS",), load=False)
    assert report.verdict is Verdict.NOT_ASKED
    assert "vmlinux.h was made from the running kernel's types" in report.notes[0]
    [made] = own_cache.glob("bpfdoctor/vmlinux/*/vmlinux.h")
    first = made.stat().st_mtime_ns
    assert check("a.bpf.c", source, defines=("FROM=XDP_PASS",), load=False)[0].verdict is Verdict.NOT_ASKED
    assert made.stat().st_mtime_ns == first
    write("vmlinux.h", "#include <linux/bpf.h>\n#define FROM XDP_DROP\n")
    [report] = check("a.bpf.c", source, load=False)
    assert report.verdict is Verdict.NOT_ASKED, text_of(report)
    assert report.notes == ()


def test_crlf_and_bytes_that_are_no_utf8_do_not_matter(check: Check) -> None:
    text = ("/* caf\xe9 */\n" + PASS).replace("\n", "\r\n").encode("latin-1")
    [report] = check("a.bpf.c", text, load=False)
    assert report.verdict is Verdict.NOT_ASKED
    assert report.files[0].text.startswith("/* caf\ufffd */\r\n")


def test_odd_file_names_are_no_flags(tmp_path: Path) -> None:
    for name in ("-o.c", "@file.c"):
        (tmp_path / name).write_text(PASS)
    code = (
        "import sys; from pathlib import Path; from bpfdoctor import capture; "
        "from bpfdoctor.model.report import CaptureOptions as C\n"
        "print([capture.check(Path(n), C(load=False))[0].program.name for n in ('-o.c', '@file.c')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "['pass', 'pass']", done.stderr


def test_nothing_is_written_beside_the_program(write: Write, tmp_path: Path) -> None:
    path = write("a.bpf.c", PASS)
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert capture.check(path, CaptureOptions(load=False))[0].program
        assert os.listdir(tmp_path) == ["a.bpf.c"]
    finally:
        tmp_path.chmod(0o755)
