"""`bpfdoctor log`: texts in, answers and exit status out."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpfdoctor.render import FORMATS
from bpfdoctor.resources import folder
from tests.cli.command import BPFDOCTOR, READ_OK, ROOT, bpfdoctor, environment
from tests.compilers import CLANG, HEADERS, version_of


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "one.log"
    path.write_text(READ_OK)
    return path


def test_one_line_gets_a_full_answer(log: Path) -> None:
    done = bpfdoctor("log", log)
    assert done.status == 1 and done.err == ""
    assert done.out.startswith("error[BD") and "uninitialized-register" in done.out
    assert "the verifier wants" in done.out
    assert "advice" in done.out  # without the program there is no patch of its own
    assert "bpfdoctor explain uninitialized-register" in done.out


@pytest.mark.parametrize("arguments", [(), ("-",), ("log",), ("log", "-")])
def test_a_pipe_is_read(arguments: tuple[str, ...], log: Path) -> None:
    assert bpfdoctor(*arguments, stdin=READ_OK).out == bpfdoctor("log", log).out


def test_a_bare_pipe_takes_options() -> None:
    done = bpfdoctor("--output-format", "concise", stdin=READ_OK)
    assert done.status == 1 and done.out.startswith("-: error[BD")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_printed(name: str, log: Path) -> None:
    done = bpfdoctor("log", log, "--output-format", name)
    assert done.status == 1 and done.err == "" and "uninitialized-register" in done.out


def test_several_files_give_one_report_each(log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text("R1 type=scalar expected=fp\n")
    done = bpfdoctor("log", log, other, "--output-format", "json")
    reports = json.loads(done.out)["reports"]
    assert [Path(report["source"]).name for report in reports] == ["one.log", "other.log"]


def test_a_file_that_cannot_be_read_loses_no_other(log: Path) -> None:
    done = bpfdoctor("log", "/nonexistent/x.log", log)
    assert done.status == 2
    assert "uninitialized-register" in done.out
    assert done.err.startswith("error: ") and "/nonexistent/x.log" in done.err.splitlines()[0]


def test_what_could_not_be_examined_is_in_the_json(log: Path) -> None:
    done = bpfdoctor("log", "/nonexistent/x.log", log, "--output-format", "json")
    document = json.loads(done.out)
    assert len(document["reports"]) == 1 and document["problems"][0]["source"] == "/nonexistent/x.log"


def test_the_answer_goes_to_a_file(log: Path, tmp_path: Path) -> None:
    target = tmp_path / "answer.txt"
    done = bpfdoctor("log", log, "-o", target)
    assert done.status == 1 and done.out == ""
    assert target.read_text().startswith("error[BD") and "\x1b" not in target.read_text()


def test_a_file_that_cannot_be_written_is_a_problem(log: Path) -> None:
    done = bpfdoctor("log", log, "-o", "/nonexistent/answer.txt")
    assert done.status == 2 and "cannot be written" in done.err and "Traceback" not in done.err


def test_exit_zero(log: Path) -> None:
    assert bpfdoctor("log", log, "--exit-zero").status == 0


@pytest.mark.parametrize("key", ["uninitialized-register", "Register Type Safety"])
def test_ignored_findings_do_not_count(key: str, log: Path) -> None:
    done = bpfdoctor("log", log, "--ignore", key)
    assert done.status == 0 and "error[" not in done.out


def test_only_selected_findings_count(log: Path) -> None:
    done = bpfdoctor("log", log, "--select", "packet-bounds")
    assert done.status == 0 and "leave out every finding" in done.err
    assert bpfdoctor("log", log, "--select", "packet-bounds,uninitialized-register").status == 1


def test_an_unknown_rule_names_the_nearest(log: Path) -> None:
    done = bpfdoctor("log", log, "--ignore", "packet-bound")
    assert done.status == 2 and "Did you mean packet-bounds" in done.err and done.out == ""


def test_an_empty_text_is_a_problem() -> None:
    done = bpfdoctor("log", stdin="")
    assert done.status == 2 and done.err.startswith("error: ") and "Traceback" not in done.err


def test_a_directory_is_a_problem(tmp_path: Path) -> None:
    done = bpfdoctor("log", tmp_path)
    assert done.status == 2 and str(tmp_path) in done.err and "Traceback" not in done.err


def test_terminal_controls_in_a_log_do_not_reach_the_terminal() -> None:
    hostile = "\x1b]0;title\x07prog \x1b[2J\u202e<b>x</b>\nR3 !read_ok \x9b31m\n"
    for name in FORMATS:
        done = bpfdoctor("log", "--output-format", name, "--color", "never", stdin=hostile)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.out), name


def test_invalid_utf8_and_crlf_are_read() -> None:
    done = bpfdoctor("log", stdin=b"prog \xff\x80\r\nR3 !read_ok\r\n")
    assert done.status == 1 and "uninitialized-register" in done.out


def test_a_locale_without_utf8_gets_ascii(log: Path) -> None:
    done = bpfdoctor("log", log, env={"PYTHONUTF8": "0", "LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"})
    assert done.status == 1 and done.out.isascii() and "uninitialized-register" in done.out


def test_a_reader_that_goes_away_is_no_error(log: Path) -> None:
    process = subprocess.Popen(
        [*BPFDOCTOR, "log", *[log] * 1, "--output-format", "html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait() == 1 and errors == b""
    process.stderr.close()


def test_ctrl_c_is_quiet() -> None:
    process = subprocess.Popen(
        [*BPFDOCTOR, "log"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
    )
    assert process.stdin is not None
    time.sleep(1)  # it waits for the end of the pipe by then
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (130, b"", b"")


def test_standard_input_may_be_closed() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m bpfdoctor log <&-"],
        capture_output=True,
        env=environment(),
        cwd=ROOT,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_github_actions_do_not_switch_the_format(log: Path) -> None:
    assert bpfdoctor("log", log, env={"GITHUB_ACTIONS": "true"}).out == bpfdoctor("log", log).out


def test_nothing_is_written_beside_the_log(log: Path, tmp_path: Path) -> None:
    bpfdoctor("log", log, cwd=tmp_path)
    assert os.listdir(tmp_path) == ["one.log"]


def test_an_object_gives_lines_and_columns_where_it_is_what_was_loaded(tmp_path: Path) -> None:
    case = folder("corpus") / "cases/packet-bounds/second-header-unchecked"
    shutil.copy(case / "prog.bpf.c", tmp_path / "prog.bpf.c")
    log = str(case / "logs/5.10.262-l1.log")  # this kernel prints no file and no line
    bare = bpfdoctor("log", log).out
    assert "╭─ instruction " in bare
    build = [CLANG, "-target", "bpf", "-O2", "-g", "-I", HEADERS, "-c", "prog.bpf.c", "-o", "prog.o"]
    subprocess.run(build, check=True, cwd=tmp_path)
    found = bpfdoctor("log", log, "--object", tmp_path / "prog.o").out
    if version_of(CLANG) == 14:  # which made the program of the log
        assert re.search(r"╭─ \S*prog\.bpf\.c:\d+:\d+ in ", found)
    text = (tmp_path / "prog.bpf.c").read_text()
    changed = text.replace("\n\tif (", "\n\tbpf_get_smp_processor_id();\n\tif (", 1)
    assert changed != text
    (tmp_path / "prog.bpf.c").write_text(changed)
    subprocess.run(build, check=True, cwd=tmp_path)
    told = bpfdoctor("log", log, "--object", tmp_path / "prog.o").out
    if version_of(CLANG) == 14:
        assert "note the object is of another build: instruction " in told
        assert "╭─ instruction " in told and "prog.bpf.c" not in told
    other = folder("corpus") / "cases/map-value-or-null/lookup-not-checked/prog.bpf.c"
    shutil.copy(other, tmp_path / "prog.bpf.c")
    subprocess.run(build, check=True, cwd=tmp_path)
    assert bpfdoctor("log", log, "--object", tmp_path / "prog.o").out == bare
    missing = bpfdoctor("log", log, "--object", "none.o")
    assert missing.status == 2 and "none.o cannot be read: no such file" in missing.err
    wrong = bpfdoctor("log", log, "--object", sys.executable)
    assert wrong.status == 2 and "not a compiled BPF program" in wrong.err


def test_a_pasted_log_gets_a_patch_where_the_source_is_at_hand(tmp_path: Path) -> None:
    case = folder("corpus") / "cases/packet-bounds/second-header-unchecked"
    shutil.copy(case / "prog.bpf.c", tmp_path / "prog.bpf.c")
    log = str(case / "logs/6.12.117-l1.log")
    done = bpfdoctor("log", log, "--source", "prog.bpf.c", "--output-format", "json", cwd=tmp_path)
    (fix, *_) = json.loads(done.out)["reports"][0]["findings"][-1]["fixes"]
    assert fix["diff"].startswith("--- a/prog.bpf.c\n")
    assert fix["outcome"]["status"] == "not-tried"
    subprocess.run(["git", "apply", "-"], input=fix["diff"], text=True, check=True, cwd=tmp_path)
    missing = bpfdoctor("log", log, "--source", "other.bpf.c", cwd=tmp_path)
    assert missing.status == 2
    assert "other.bpf.c cannot be read: no such file" in missing.err
