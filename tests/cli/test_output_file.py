"""-o writes a file whole or not at all, and no link leads it astray."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.cli import output_file
from bpfdoctor.model.problem import Problem
from tests.cli.command import BPFDOCTOR, READ_OK, ROOT, bpfdoctor, environment


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name, target in (
        ("link", "victim"),
        ("dangling", "nowhere"),
        ("loop", "loop"),
        ("device", "/dev/full"),
    ):
        path = tmp_path / name
        path.symlink_to(target)
        output_file.write(b"answer", path)
        assert path.read_bytes() == b"answer" and not path.is_symlink()
    assert victim.read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["dangling", "device", "link", "loop", "victim"]


def test_a_hard_link_is_cut(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.link(victim, tmp_path / "out")
    output_file.write(b"answer", tmp_path / "out")
    assert victim.read_text() == "precious"


def test_the_mode_of_a_file_is_kept_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    path.chmod(0o640)
    output_file.write(b"new", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = os.umask(0o027)
    try:
        output_file.write(b"new", tmp_path / "other")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o640


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    done = subprocess.run(
        [*BPFDOCTOR, "log", "-o", path, "--output-format", "html"],
        input=READ_OK, text=True, capture_output=True, check=False, cwd=ROOT, env=environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )  # fmt: skip
    assert done.returncode == 2 and "cannot be written" in done.stderr
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["out"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no" / "such" / "folder"):
        with pytest.raises(Problem, match="cannot be written"):
            output_file.write(b"answer", path)


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    output_file.write(b"answer", Path("/dev/null"))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(Problem, match="no space left"):
        output_file.write(b"answer", Path("/dev/full"))


def test_a_fifo_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(Problem, match="cannot be written"):
        output_file.write(b"answer", tmp_path / "fifo")


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_may_be_named(name: str, tmp_path: Path) -> None:
    said = bpfdoctor("log", "--output-format", "concise", "-o", name, stdin=READ_OK)
    assert said.status == 1 and "uninitialized-register" in said.out
    with (tmp_path / "out").open("w") as out:  # it is not truncated: others may have written before
        out.write("before\n")
        out.flush()
        subprocess.run(
            [*BPFDOCTOR, "log", "-o", name], input=READ_OK, text=True, stdout=out, check=False, cwd=ROOT
        )
    assert (tmp_path / "out").read_text().startswith("before\n")


def test_a_shells_pipe_may_be_named(tmp_path: Path) -> None:
    script = f"{' '.join(BPFDOCTOR)} log -o >(cat > {tmp_path}/out) --output-format concise; sleep 0.5"
    subprocess.run(["bash", "-c", script], input=READ_OK, text=True, check=False, cwd=ROOT)
    assert "uninitialized-register" in (tmp_path / "out").read_text()


def test_one_run_writes_several_formats(tmp_path: Path) -> None:
    also = ("--also", "json=a run.json", "--also", "sarif=run.sarif")
    done = bpfdoctor("log", "--output-format", "concise", *also, stdin=READ_OK, cwd=tmp_path)
    assert done.status == 1 and "uninitialized-register" in done.out
    assert json.loads((tmp_path / "a run.json").read_text())["schema"] == 1
    assert json.loads((tmp_path / "run.sarif").read_text())["version"] == "2.1.0"


@pytest.mark.parametrize(
    ("also", "says"),
    [
        ("json", "names no file; it is FORMAT=FILE"),
        ("xml=a", "'xml' is none of full, concise"),
        ("json=", "names no file"),
        ("json=no/where", "cannot be written"),
    ],
)
def test_what_cannot_be_written_besides_is_an_error(tmp_path: Path, also: str, says: str) -> None:
    done = bpfdoctor("log", "--also", also, stdin=READ_OK, cwd=tmp_path)
    assert done.status == 2 and says in done.err
