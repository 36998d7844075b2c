from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.capture import clang, compile_db
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions


def database(folder: Path, entries: Any) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(entries))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "src" / "a.bpf.c"
    path.parent.mkdir()
    path.write_text("int x;")
    return path


def test_include_paths_and_definitions_are_taken_over_and_nothing_else(tmp_path: Path, source: Path) -> None:
    entry = {
        "directory": "src",
        "file": "a.bpf.c",
        "arguments": shlex.split(
            "clang -O0 -Iinclude -I /abs -DA=1 -D B -fplugin=evil.so -isystem sys -include pre.h "
            "-include-pch x.pch -o a.o -c a.bpf.c"
        ),
    }
    database(tmp_path, [entry])
    base = tmp_path / "src"
    kept = f"-I{base}/include -I/abs -DA=1 -DB -isystem{base}/sys -includepre.h"
    assert compile_db.flags_for(source) == kept.split()


def test_a_command_line_is_split_and_the_build_folder_is_looked_into(tmp_path: Path, source: Path) -> None:
    entry = {
        "directory": str(tmp_path),
        "file": str(source),
        "command": "clang -DS='a b' -Iinc -c src/a.bpf.c",
    }
    database(tmp_path / "build", [entry])
    assert compile_db.flags_for(source) == ["-DS=a b", f"-I{tmp_path / 'inc'}"]


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '[1, {}, {"file": 3}]', "[" * 100_000, '[{"file": "a.bpf.c"}]']
)
def test_a_broken_database_is_no_database(tmp_path: Path, source: Path, text: str) -> None:
    (tmp_path / "compile_commands.json").write_text(text)
    assert compile_db.flags_for(source) == []


def test_other_files_entries_do_not_count(tmp_path: Path, source: Path) -> None:
    database(tmp_path, [{"directory": ".", "file": "other/a.bpf.c", "arguments": ["clang", "-DX"]}])
    assert compile_db.flags_for(source) == []


#: words of a stranger's command that would do more than say where headers are
HOSTILE = [
    "-fplugin=./evil.so", "-fplugin ./evil.so", "-Xclang -load -Xclang ./evil.so", "@evil.rsp",
    "-D @evil.rsp", "-U @evil.rsp", "-include @evil.rsp", "-I @evil.rsp", "-isystem @evil.rsp",
    "-o victim", "-ovictim", "-include /etc/shadow", "-include/etc/shadow",
    "-include ../../../../../../etc/shadow", "-include link.h", "-include-pch evil.pch",
    "-include -pch evil.pch", "-B.", "-B .", "--config evil.cfg", "--config=evil.cfg", "-specs=evil",
    "-wrapper ./evil", "-fuse-ld=./evil", "-Wl,-plugin", "-Xlinker -plugin", "-mllvm -load=./evil.so",
    "-fpass-plugin=./evil.so", "-fprofile-use=evil", "-fmodule-file=evil", "-ivfsoverlay evil",
    "--sysroot=.", "-isysroot .", "-resource-dir .", "-ccc-install-dir .", "--gcc-toolchain=.",
    "-working-directory=/", "-MF x", "-MD", "-save-temps", "-ftime-report", "--analyze", "-E", "-S",
    "-emit-llvm", "-x python", "-target x86_64", "--driver-mode=cl", "-fcrash-diagnostics-dir=.",
    "-serialize-diagnostics x", "-gen-reproducer", "- ", "--",
]  # fmt: skip


@pytest.mark.parametrize("as_command", [True, False])
@pytest.mark.parametrize("words", HOSTILE)
def test_a_strangers_words_do_not_reach_clang(
    tmp_path: Path, source: Path, words: str, as_command: bool
) -> None:
    (tmp_path / "link.h").symlink_to("/etc/shadow")
    (tmp_path / "src" / "link.h").symlink_to("/etc/shadow")
    line = f"clang {words} -DLAST=1 -c a.bpf.c"
    entry = {"command": line} if as_command else {"arguments": line.split(" ")}
    database(tmp_path, [{"directory": "src", "file": "a.bpf.c", **entry}])
    flags = compile_db.flags_for(source)
    assert flags.pop() == "-DLAST=1"
    for flag in flags:  # a macro or a folder by that name is all it can become
        assert flag.startswith(("-D@", "-U@", "-include@", f"-I{tmp_path}/", f"-isystem{tmp_path}/")), flags


def test_a_response_file_behind_a_macro_is_not_read(tmp_path: Path, source: Path) -> None:
    """clang expands @FILE wherever a word begins with it, also after -D."""
    source.write_text("int x = A;")
    (tmp_path / "evil.rsp").write_text("-DA=1")
    entry = {"directory": ".", "file": "src/a.bpf.c", "arguments": ["clang", "-D", f"@{tmp_path}/evil.rsp"]}
    database(tmp_path, [entry])
    command = [clang.find(CaptureOptions(), os.environ), "-fsyntax-only", *compile_db.flags_for(source)]
    done = subprocess.run([*command, source], capture_output=True, text=True, check=False)
    assert "undeclared identifier 'A'" in done.stderr


@pytest.mark.parametrize("hostile", ["\0", "a\0b", "\ud800"])
@pytest.mark.parametrize("where", ["directory", "file", "flag"])
def test_what_no_command_line_can_hold_is_left_out(
    tmp_path: Path, source: Path, where: str, hostile: str
) -> None:
    entry = {"directory": ".", "file": "src/a.bpf.c", "arguments": ["clang", "-DGOOD=1", f"-D{hostile}"]}
    if where != "flag":
        entry |= {where: f"{hostile}/{entry[where]}"}
    database(tmp_path, [entry])
    assert compile_db.flags_for(source) == (["-DGOOD=1"] if where == "flag" else [])


def test_more_flags_than_a_command_takes_are_a_problem(tmp_path: Path, source: Path) -> None:
    arguments = ["clang", *(f"-DA{number}=1" for number in range(100_000))]
    database(tmp_path, [{"directory": ".", "file": "src/a.bpf.c", "arguments": arguments}])
    with pytest.raises(Problem, match="more than 64 KiB of flags"):
        compile_db.flags_for(source)
