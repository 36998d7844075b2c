"""--baseline and --write-baseline: a check fails for what is new, wherever lines have moved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Done, bpfdoctor

BROKEN = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int first(struct xdp_md *ctx)
{
	return missing;
}
"""
SECOND = """
SEC("xdp") int second(struct xdp_md *ctx)
{
	return also_missing;
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program that does not compile, and the list of what is known of it."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/old.bpf.c").write_text(BROKEN)
    done = check(tmp_path, "--write-baseline", "known.json", "src/old.bpf.c")
    assert (done.status, done.err) == (0, "note: known.json lists 1 finding now.\n")
    return tmp_path


def check(folder: Path, *arguments: str) -> Done:
    return bpfdoctor("check", "--no-load", "--output-format", "concise", *arguments, cwd=folder)


def test_what_is_listed_is_not_told_again(project: Path) -> None:
    done = check(project, "--baseline", "known.json", "src/old.bpf.c")
    assert (done.status, done.out) == (0, "")
    assert done.err.startswith("note: known.json lists 1 finding (")


def test_what_is_new_is_told_and_lines_may_move(project: Path) -> None:
    (project / "src/old.bpf.c").write_text("\n\n" + BROKEN + SECOND)
    done = check(project, "--baseline", "known.json", "src/old.bpf.c")
    assert done.status == 1
    assert [line.split(":")[:2] for line in done.out.splitlines()] == [["src/old.bpf.c", "13"]]


def test_paths_are_those_of_its_folder(project: Path) -> None:
    done = check(project / "src", "--baseline", "../known.json", "old.bpf.c")
    assert (done.status, done.out) == (0, "")


def test_a_file_with_settings_names_it(project: Path) -> None:
    (project / "bpfdoctor.toml").write_text('baseline = "known.json"\n')
    assert check(project / "src", "old.bpf.c").status == 0


def test_what_is_gone_is_said(project: Path) -> None:
    (project / "src/old.bpf.c").write_text(BROKEN.replace("missing", "XDP_PASS"))
    done = check(project, "--baseline", "known.json", "src/old.bpf.c")
    assert (done.status, done.err) == (0, "note: 1 finding of known.json is gone.\n")


def test_it_is_not_written_when_a_file_was_not_examined(project: Path) -> None:
    before = (project / "known.json").read_bytes()
    done = check(project, "--write-baseline", "known.json", "src/old.bpf.c", "src/none.bpf.c")
    assert done.status == 2 and "known.json is not written" in done.err
    assert (project / "known.json").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "The baseline other.json cannot be read: no such file or directory."),
        ("[", "The baseline other.json is not JSON."),
        ("[" * 100_000, "The baseline other.json is not JSON."),
        ('{"findings": 1}', "other.json is not a baseline."),
        ('{"findings": [{}]}', "other.json is not a baseline."),
        ('{"baseline": 99, "findings": []}', "other.json is the baseline of another version of bpfdoctor."),
    ],
    ids=["missing", "cut", "deep", "other", "entry", "version"],
)
def test_what_is_no_baseline_is_an_error(project: Path, text: str | None, sentence: str) -> None:
    if text is not None:
        (project / "other.json").write_text(text)
    done = check(project, "--baseline", "other.json", "src/old.bpf.c")
    assert (done.status, done.out) == (2, "") and sentence in done.err


def test_a_list_is_the_same_every_time(project: Path) -> None:
    again = check(project, "--write-baseline", "again.json", "src/old.bpf.c")
    assert again.status == 0
    assert (project / "again.json").read_bytes() == (project / "known.json").read_bytes()
    assert list(json.loads((project / "again.json").read_text())) == ["baseline", "findings"]
