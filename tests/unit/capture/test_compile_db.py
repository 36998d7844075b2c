from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.capture import compile_db


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
    kept = f"-I {base}/include -I /abs -D A=1 -D B -isystem {base}/sys -include pre.h"
    assert compile_db.flags_for(source) == kept.split()


def test_a_command_line_is_split_and_the_build_folder_is_looked_into(tmp_path: Path, source: Path) -> None:
    entry = {
        "directory": str(tmp_path),
        "file": str(source),
        "command": "clang -DS='a b' -Iinc -c src/a.bpf.c",
    }
    database(tmp_path / "build", [entry])
    assert compile_db.flags_for(source) == ["-D", "S=a b", "-I", str(tmp_path / "inc")]


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '[1, {}, {"file": 3}]', "[" * 100_000, '[{"file": "a.bpf.c"}]']
)
def test_a_broken_database_is_no_database(tmp_path: Path, source: Path, text: str) -> None:
    (tmp_path / "compile_commands.json").write_text(text)
    assert compile_db.flags_for(source) == []


def test_other_files_entries_do_not_count(tmp_path: Path, source: Path) -> None:
    database(tmp_path, [{"directory": ".", "file": "other/a.bpf.c", "arguments": ["clang", "-DX"]}])
    assert compile_db.flags_for(source) == []
