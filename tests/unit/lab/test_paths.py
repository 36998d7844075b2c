"""Two commands on one cache leave it whole, and so does one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpfdoctor.lab import paths
from bpfdoctor.model.problem import Problem


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    final = tmp_path / "kernels" / "6.12"
    with paths.fresh_folder(final) as work:
        (work / "vmlinuz").write_bytes(b"x")
        assert not final.exists()
    assert [path.name for path in final.iterdir()] == ["vmlinuz"]


def test_work_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), paths.fresh_folder(tmp_path / "a" / "b") as work:
        (work / "half").write_bytes(b"x")
        raise ZeroDivisionError
    assert list((tmp_path / "a").iterdir()) == []


def test_whoever_comes_second_uses_what_the_first_made(tmp_path: Path) -> None:
    final = tmp_path / "same"
    with paths.fresh_folder(final) as mine:
        (mine / "who").write_text("second")
        with paths.fresh_folder(final) as theirs:
            (theirs / "who").write_text("first")
    assert (final / "who").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["same"]


def test_what_a_killed_command_left_is_swept_away(tmp_path: Path) -> None:
    code = (
        "import time; from pathlib import Path; from bpfdoctor.lab import paths\n"
        f"with paths.fresh_folder(Path({str(tmp_path)!r}) / 'x') as work:\n"
        "    (work / 'half').write_bytes(b'x'); print('ready', flush=True); time.sleep(60)\n"
    )
    victim = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert victim.stdout and victim.stdout.readline()
    with paths.fresh_folder(tmp_path / "meanwhile") as work:
        (work / "a").touch()
    left = {path.name for path in tmp_path.iterdir()} - {"meanwhile"}
    assert len(left) == 1, "the folder of a command that still works must stay"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    with paths.fresh_folder(tmp_path / "y") as work:
        (work / "whole").touch()
    assert {path.name for path in tmp_path.iterdir()} == {"meanwhile", "y"}


def test_a_lock_is_held_by_one_and_freed_by_death(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import time; from pathlib import Path; from bpfdoctor.lab import paths\n"
        f"paths.Lock(Path({str(path)!r})).take(); print('held', flush=True); time.sleep(60)\n"
    )
    # the child's Lock object must stay referenced while it sleeps
    code = code.replace("paths.Lock(", "lock = paths.Lock(").replace(".take();", "; lock.take();")
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout and holder.stdout.readline()
    mine = paths.Lock(path)
    assert not mine.take(wait=False)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert mine.take(wait=False)
    mine.give_back()


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "description.json"
    paths.write_whole(path, b"old")
    paths.write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["description.json"]


def test_old_plain_leftovers_are_swept(tmp_path: Path) -> None:
    old = tmp_path / ".unfinished-old"
    old.mkdir()
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    with paths.fresh_folder(tmp_path / "z"):
        pass
    assert not old.exists()


def test_no_room_is_said_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(Problem) as problem:
        paths.need_room(tmp_path, 1 << 60)
    assert "no room left" in problem.value.sentence
    assert any("kernels remove" in way for way in problem.value.ways_out)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Problem) as problem:
        paths.folder(tmp_path / "x")
    assert "cannot be written" in problem.value.sentence


def test_a_cache_folder_that_is_not_ours_alone_holds_no_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert paths.lab_dir() == tmp_path / "bpfdoctor" / "lab"
    (tmp_path / "bpfdoctor").chmod(0o777)
    with pytest.raises(Problem) as problem:
        paths.lab_dir()
    assert "can be written by other users" in problem.value.sentence
    assert any("XDG_CACHE_HOME" in way for way in problem.value.ways_out)
