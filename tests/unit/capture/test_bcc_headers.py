"""The kernel's headers for BCC, which several processes may want at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import forked
from bpfdoctor.capture import bcc_headers


def test_headers_are_merged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is late must not take away what the first one compiles against."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    parts = [tmp_path / "amd64", tmp_path / "common"]
    for part, name in zip(parts, ("generated/autoconf.h", "linux/kconfig.h"), strict=True):
        (part / "include" / name).parent.mkdir(parents=True)
        for at in range(200):
            (part / "include" / f"{part.name}{at}.h").touch()
        (part / "include" / name).touch()

    def merged(_: int) -> int | None:
        folder = bcc_headers._merged("6.1.0-57-amd64", parts, "")
        return os.stat(folder).st_ino if folder else None

    found = [inode for _, inode in forked.side_by_side(6, merged, 6)]
    assert len(set(found)) == 1 and None not in found
    assert os.listdir(tmp_path / "cache/bpfdoctor/headers") == ["6.1.0-57-amd64"]
    assert len(os.listdir(tmp_path / "cache/bpfdoctor/headers/6.1.0-57-amd64/include")) == 402
