"""bpfdoctor.toml and [tool.bpfdoctor]: what holds for a program, and what a file may not say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import READ_OK, bpfdoctor

PROGRAM = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef GREETING
#error no greeting
#endif

SEC("xdp") int pass(struct xdp_md *ctx)
{
	return XDP_PASS + EXTRA;
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two programs that need macros, and a folder inside the repository."""
    (tmp_path / ".git").mkdir()
    for folder in ("new", "old"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pass.bpf.c").write_text(PROGRAM)
    return tmp_path


def compiled(project: Path, *options: str) -> dict[str, str]:
    """Verdict of each program, by its path from the project."""
    done = bpfdoctor("check", "--no-load", "--output-format", "json", *options, cwd=project)
    assert done.status in (0, 1), done.err
    return {report["source"]: report["verdict"] for report in json.loads(done.out)["reports"]}


def test_a_file_names_the_programs_and_what_they_are_compiled_with(project: Path) -> None:
    (project / "bpfdoctor.toml").write_text('paths = ["*/*.c"]\ndefine = { GREETING = 1, EXTRA = true }\n')
    assert compiled(project) == {"new/pass.bpf.c": "not-asked", "old/pass.bpf.c": "not-asked"}


def test_some_programs_have_their_own(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.bpfdoctor]\ndefine = ["GREETING"]\n[tool.bpfdoctor.per-file."old/*"]\ndefine = "EXTRA=0"\n'
    )
    both = ("new/pass.bpf.c", "old/pass.bpf.c")
    assert compiled(project, *both) == {both[0]: "not-compiled", both[1]: "not-asked"}
    assert compiled(project, *both, "-D", "EXTRA=1") == dict.fromkeys(both, "not-asked"), "an option adds"


def test_paths_and_patterns_are_those_of_the_files_folder(project: Path) -> None:
    (project / "bpfdoctor.toml").write_text(
        'paths = ["old/pass.bpf.c"]\n[per-file."old/*"]\ndefine = ["GREETING", "EXTRA=0"]\n'
    )
    assert compiled(project / "new") == {"../old/pass.bpf.c": "not-asked"}


def test_a_repository_is_not_left(project: Path) -> None:
    (project / "bpfdoctor.toml").write_text("width = 3\n")
    (project / "new/.git").mkdir()
    assert "No bpfdoctor.toml" in bpfdoctor("config", cwd=project / "new").out


def test_the_command_line_replaces_what_it_does_not_add_to(project: Path) -> None:
    (project / "bpfdoctor.toml").write_text('output-format = "json"\n')
    assert json.loads(bpfdoctor("log", stdin=READ_OK, cwd=project).out)["schema"]
    concise = bpfdoctor("log", "--output-format", "concise", stdin=READ_OK, cwd=project)
    assert concise.out.count("\n") == 1
    assert bpfdoctor("log", "--config", "none", stdin=READ_OK, cwd=project).out.startswith("error[")


def test_what_is_left_out_is_counted(project: Path) -> None:
    (project / "one.log").write_text(READ_OK)
    (project / "other.log").write_text("R1 invalid mem access 'scalar'\n")
    (project / "bpfdoctor.toml").write_text('[per-file."one.*"]\nignore = ["uninitialized-register"]\n')
    done = bpfdoctor("log", "one.log", "other.log", "--output-format", "concise", cwd=project)
    assert done.out.startswith("other.log: ") and done.out.count("\n") == 1
    assert done.err == "note: --select and --ignore leave out 1 finding (uninitialized-register).\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('kernle = "6.1"', "there is no setting 'kernle'.\n  Did you mean 'kernel'?"),
        ("kernel = 6.1", "kernel is a list of strings."),
        ("width = 3", "width: 3 is not in the range"),
        ('output-format = "jsno"', "output-format: 'jsno' is not one of 'full'"),
        ('clang = "./clang"', "clang is clang or clang-N, not a path.\n  Name another program with --clang."),
        ('cflags = "-fplugin=./x.so"', "-fplugin=./x.so is not taken from a file."),
        ('paths = ["src/*.c"]', "nothing matches 'src/*.c', which paths names."),
        ('[per-file."a"]\nselect = ["x"]', "there is no setting 'select' for some programs only."),
        ("per-file = 1", "per-file has a table for each pattern."),
        ("width =", "is not TOML: Invalid value (at "),
    ],
)
def test_what_a_file_may_not_say(text: str, says: str, project: Path) -> None:
    (project / "bpfdoctor.toml").write_text(text)
    done = bpfdoctor("check", "new/pass.bpf.c", cwd=project)
    assert done.status == 2
    assert f"error: {project}/bpfdoctor.toml" in done.err
    assert says in done.err


def test_what_holds_is_printed_with_where_it_comes_from(project: Path) -> None:
    (project / "bpfdoctor.toml").write_text(
        'kernel = ["5.10", "6.12"]\nset = { level = 2 }\n[per-file."old/*"]\nclang = "clang-14"\n'
    )
    told = bpfdoctor("config", "old/pass.bpf.c", cwd=project, env={"BPFDOCTOR_EXPERIMENTS": "0"}).out
    rows = [line.split(maxsplit=2) for line in told.splitlines()]
    assert ["kernel", "5.10,", "6.12  bpfdoctor.toml"] in [[*line] for line in rows]
    assert ["set", "level=2", "bpfdoctor.toml"] in rows
    assert ["clang", "clang-14", "bpfdoctor.toml, old/*"] in rows
    assert ["experiments", "0", "the environment (BPFDOCTOR_EXPERIMENTS)"] in rows
    assert ["exit-zero", "false", "the default"] in rows
