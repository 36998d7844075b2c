"""action.yml, its steps run as a runner runs them: answers, outputs, the summary; inputs are no shell."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts import run_action
from tests.cli.command import ROOT, environment
from tests.cli.test_paths import NAMES, PROGRAM, checkout, untouched

__all__ = ["checkout"]  # a fixture
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
BROKEN = PROGRAM.replace("return 2", "return two")
EVIL = '#!/bin/sh\necho ran >> {proof}\nexec clang "$@"\n'
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")


def run(workspace: Path, **inputs: str) -> run_action.Run:
    """The step that checks, with this bpfdoctor as the installed one; nobody becomes root for it."""
    temp = workspace.parent / "runner"
    shutil.rmtree(temp, ignore_errors=True)
    for name, text in (
        ("bin/sudo", '#!/bin/sh\nexec "$@"\n'),
        ("bpfdoctor/bin/bpfdoctor", f'#!/bin/sh\nexec {sys.executable} -m bpfdoctor "$@"\n'),
    ):
        (temp / name).parent.mkdir(parents=True)
        (temp / name).write_text(text)
        (temp / name).chmod(0o755)
    own = {"PATH": f"{temp / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return run_action.run(workspace, given, temp, environment(own), lambda name: name == "Check")


def repository(folder: Path) -> Path:
    """A fresh repository with programs in a folder whose name has a blank."""
    (programs := folder / "work" / "bpf programs" / "x").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", folder / "work"], check=True)
    (programs / "good.bpf.c").write_text(PROGRAM)
    (programs / "bad.bpf.c").write_text(BROKEN)
    return folder / "work"


def test_what_a_pull_request_gets_from_a_folder_of_its_repository(tmp_path: Path) -> None:
    work = repository(tmp_path)
    done = run(
        work, working_directory="bpf programs", paths="'x/*.bpf.c'", args="--no-load", sarif="out.sarif",
        upload_sarif="true", site="https://bpf.example",
    )  # fmt: skip
    check = done.step("Check")
    assert check.outcome == "failure" and not done.succeeded
    annotations = [line for line in check.printed.splitlines() if line.startswith("::error")]
    assert len(annotations) == 1 and ",file=bpf programs/x/bad.bpf.c,line=2," in annotations[0]
    assert (
        "::group::What was found, in the source\nerror[" in check.printed
    )  # the drawing, for who opens the log
    report, sarif = Path(done.outputs.pop("report")), Path(done.outputs.pop("sarif"))
    assert done.outputs == {
        "programs": "2",
        "refused": "1",
        "warnings": "0",
        "unanswered": "0",
        "status": "1",
    }
    assert [each["verdict"] for each in json.loads(report.read_text())["reports"]] == [
        "not-compiled",
        "not-asked",
    ]
    assert sarif == work / "bpf programs/out.sarif"
    assert '"uri": "bpf%20programs/x/bad.bpf.c"' in sarif.read_text()
    assert "https://bpf.example/rules/" in sarif.read_text()
    blob = "https://github.com/you/it/blob/0123456789abcdef0123456789abcdef01234567/bpf%20programs/x"
    assert done.summary.startswith("### ❌ bpfdoctor: 1 of 2 programs refused\n")
    assert re.search(rf"^\| \[x/good.bpf.c\]\({blob}/good.bpf.c\)( \w+)? \| compiles \|$", done.summary, re.M)
    assert f"- [x/bad.bpf.c:2]({blob}/bad.bpf.c#L2): **[" in done.summary
    upload = done.step("Upload SARIF")
    assert upload.outcome == "success" and upload.given["sarif_file"] == str(sarif)
    assert done.step("Get kernels").outcome == done.step("Restore kernels").outcome == "skipped"


def test_a_pattern_without_a_file_is_told_and_fails(tmp_path: Path) -> None:
    work = repository(tmp_path)
    done = run(work, paths="src/*.bpf.c", args="--no-load", fail_on="never")
    assert not done.succeeded and done.outputs["status"] == "2" and done.outputs["unanswered"] == "1"
    assert (
        "::error title=bpfdoctor,file=src/*.bpf.c::No file matches src/*.bpf.c." in done.step("Check").printed
    )
    assert "- not examined: No file matches src/" in done.summary


@needs_root
def test_fail_on(tmp_path: Path) -> None:
    """A warning is one of a program that loads and will not fire here."""
    work = repository(tmp_path)
    text = PROGRAM.replace('"xdp"', '"kprobe/no_such"')
    (work / "silent.bpf.c").write_text(text + 'char l[] __attribute__((section("license"))) = "GPL";\n')
    quiet = run(work, paths="silent.bpf.c")
    assert quiet.succeeded and quiet.outputs["warnings"] == "1" and "⚠️" in quiet.summary
    strict = run(work, paths="silent.bpf.c", fail_on="warning", summary="false")
    assert not strict.succeeded and strict.outputs["status"] == "0" and strict.summary == ""
    lax = run(work, paths="bpf*/x/*.c", args="--no-load", fail_on="never")
    assert lax.succeeded and lax.outputs["status"] == "1"


def test_a_loader_is_started_and_its_status_kept(tmp_path: Path) -> None:
    work = repository(tmp_path)
    (work / "a log").write_text("R3 !read_ok\n")
    done = run(work, command="run", loader="sh -c 'cat \"a log\"; exit 7'")
    check = done.step("Check")
    assert not done.succeeded and done.outputs["status"] == "7" and done.outputs["refused"] == "1"
    assert (
        check.printed.startswith("R3 !read_ok\n") and "::error title=uninitialized-register" in check.printed
    )
    assert run(work, command="run", loader="true").succeeded


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"command": "rm"}, "The input command is check, preflight or run."),
        ({"fail_on": "all"}, "The input fail-on is error, warning or never."),
        ({"paths": "'a"}, "A quote is not closed in the input paths."),
        ({"command": "run"}, "command: run starts the input loader, which is empty."),
    ],
)
def test_an_input_that_is_wrong_is_told(tmp_path: Path, inputs: dict[str, str], says: str) -> None:
    done = run(repository(tmp_path), **inputs)
    assert not done.succeeded and done.outputs["status"] == "2"
    assert f"::error title=bpfdoctor::{says}" in done.step("Check").printed


def test_files_are_checked_whatever_they_are_called(checkout: Path) -> None:
    done = run(checkout, paths="*.bpf.c", args="--no-load")
    assert done.succeeded, done.step("Check").printed
    told = json.loads(Path(done.outputs["report"]).read_text())["reports"]
    assert {report["source"] for report in told} == {*NAMES, "plain.bpf.c"}
    assert untouched(checkout)


def test_a_folder_called_like_an_option_runs_nothing(tmp_path: Path) -> None:
    """What once ran a stranger's program as root: paths: '**/*.bpf.c', and a folder called --clang=."""
    folder = tmp_path / "checkout"
    for name in ("--clang=.", "--cflags=-fplugin=.", "plain"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.bpf.c").write_text(PROGRAM)
        (folder / name / "a.bpf.c").chmod(0o755)
    evil = folder / "--clang=." / "x.bpf.c"
    evil.write_text(EVIL.format(proof=tmp_path / "ran"))
    evil.chmod(0o755)
    done = run(folder, paths="**/*.bpf.c", args="--no-load")
    assert not (tmp_path / "ran").exists()
    assert done.outputs["status"] == "2"  # x.bpf.c is no program
    told = json.loads(Path(done.outputs["report"]).read_text())["reports"]
    assert {report["source"] for report in told} == {
        "--clang=./a.bpf.c", "--cflags=-fplugin=./a.bpf.c", "plain/a.bpf.c",
    }  # fmt: skip


def test_inputs_are_words_and_no_shell(checkout: Path) -> None:
    hostile = "$(touch ran) `touch ran` ; touch ran && touch ran | touch ran > ran"
    everywhere = dict.fromkeys(("select", "ignore", "baseline", "set", "args", "kernels"), hostile)
    for inputs in ({"paths": hostile}, {"paths": "plain.bpf.c", **everywhere}):
        done = run(checkout, **{"args": "--no-load", **inputs})
        assert done.outputs["status"] == "2", done.step("Check").printed
    assert run(checkout, paths="plain.bpf.c", args="--no-load -D '$(touch ran)=1'").outputs["status"] == "1"
    assert untouched(checkout)


def test_quotes_of_args_are_kept(checkout: Path) -> None:
    (checkout / "plain.bpf.c").write_text(PROGRAM.replace("return 2", "return ONE * TWO"))
    done = run(checkout, paths="plain.bpf.c", args="--no-load --cflags '-DONE=1 -DTWO=2'")
    assert done.succeeded, done.step("Check").printed


def test_no_input_is_text_of_a_script_and_every_one_is_used() -> None:
    steps = ACTION["runs"]["steps"]
    assert not any("${{" in step.get("run", "") for step in steps)
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(steps)))
    assert used == set(ACTION["inputs"])
    for step in steps:
        for name in step.get("env", {}):
            assert name == "BPFDOCTOR_SITE" or f"${name}" in step["run"], name


def test_the_key_of_the_cache_is_one_that_github_takes(tmp_path: Path) -> None:
    work = repository(tmp_path)
    fake = tmp_path / "runner/bin"
    run(work, command="rm")  # makes the runner's folder
    (fake / "python3").write_text("#!/bin/sh\n")
    (tmp_path / "runner/bpfdoctor/bin/pip").write_text("#!/bin/sh\n")
    for name in (fake / "python3", tmp_path / "runner/bpfdoctor/bin/pip"):
        name.chmod(0o755)
    own = environment({"PATH": f"{fake}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)})
    inputs = {"kernels": "5.10, 6.12\nhost", "command": "rm"}
    done = run_action.run(work, inputs, tmp_path / "runner", own, lambda name: name == "Install bpfdoctor")
    stored, restored = done.step("Store kernels").given, done.step("Restore kernels").given
    assert stored["key"] == restored["key"] and stored["path"].endswith("/bpfdoctor/lab")
    assert restored["key"].startswith(restored["restore-keys"])
    assert re.fullmatch(r"bpfdoctor-[\w.-]+-5\.10__6\.12_host_-\d{4}-\d\d", stored["key"])
