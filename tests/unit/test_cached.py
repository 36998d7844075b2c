"""The cache folder is used only where it is ours alone, and holds nothing that could run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import cached, resources

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "bpfdoctor"


def entry(cache: Path) -> Path:
    cached.write("thing-k.json", b"data")
    assert cached.read("thing-k.json") == b"data"
    return cache / "thing-k.json"


def test_the_folder_is_made_for_us_alone(cache: Path) -> None:
    old = os.umask(0)
    try:
        assert resources.cache_dir() == cache
    finally:
        os.umask(old)
    assert cache.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o720])
def test_a_folder_that_others_can_write_to_is_not_used(cache: Path, mode: int) -> None:
    entry(cache)
    cache.chmod(mode)
    assert resources.cache_dir() is None
    assert resources.no_cache() == "can be written by other users"
    assert cached.read("thing-k.json") is None


def test_a_link_in_place_of_the_folder_is_not_used(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.symlink_to(tmp_path / "elsewhere")
    cached.write("thing-k.json", b"data")
    assert resources.no_cache() == "is a link"
    assert not any((tmp_path / "elsewhere").iterdir())


@needs_root
def test_another_users_folder_is_not_used(cache: Path) -> None:
    entry(cache)
    os.chown(cache, 1234, -1)
    assert resources.no_cache() == "belongs to another user"
    assert cached.read("thing-k.json") is None


@needs_root
def test_another_users_file_is_not_read(cache: Path) -> None:
    os.chown(entry(cache), 1234, -1)
    assert cached.read("thing-k.json") is None


def test_a_file_that_others_can_write_to_is_not_read(cache: Path) -> None:
    entry(cache).chmod(0o620)
    assert cached.read("thing-k.json") is None


def test_neither_links_nor_pipes_are_read(cache: Path, tmp_path: Path) -> None:
    path = entry(cache)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    assert cached.read("thing-k.json") is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert cached.read("thing-k.json") is None  # and does not wait for somebody to write


def test_old_entries_go_those_of_other_names_stay(cache: Path) -> None:
    cached.write(f"thing-2-{cached.key('other')}.json", b"data")
    for number in range(20):
        cached.write(f"thing-{cached.key(str(number))}.json", b"data")
    assert len(list(cache.iterdir())) == 9
    assert cached.read(f"thing-{cached.key('19')}.json") == b"data"
    assert cached.read(f"thing-2-{cached.key('other')}.json") == b"data"


def test_keys_tell_where_one_part_ends() -> None:
    assert cached.key("ab", "c") != cached.key("a", "bc")


def test_a_full_disk_leaves_nothing_and_fails_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resources.cache_dir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cached.write("thing-k.json", b"data")
    assert list(cache.iterdir()) == []
