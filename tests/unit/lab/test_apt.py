"""Packages come through an apt of our own: the system's is not touched, and nothing unsigned is taken."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.lab import apt
from bpfdoctor.lab.apt import Suite, SuiteIndex
from bpfdoctor.model.problem import Problem

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not installed")


def index(folder: Path, url: str) -> SuiteIndex:
    """The index of a suite at `url`, with a keyring that trusts nobody."""
    keyring = folder / "keyring.gpg"
    keyring.touch()
    return SuiteIndex(Suite("trixie", url, keyring, "debian-archive-keyring"), folder / "apt")


def test_apt_runs_in_folders_of_our_own(tmp_path: Path) -> None:
    index(tmp_path, "http://deb.debian.org/debian")
    environment = {**os.environ, "APT_CONFIG": str(tmp_path / "apt/trixie/apt.conf")}
    shown = subprocess.run(
        ["apt-config", "dump"], env=environment, capture_output=True, text=True, check=True
    )
    settings = shown.stdout.lower()
    for setting in (
        "Dir::State",
        "Dir::State::Lists",
        "Dir::State::status",
        "Dir::Cache",
        "Dir::Etc::sourcelist",
    ):
        assert f'{setting} "{tmp_path}/apt/trixie'.lower() in settings, setting
    for setting in ("Dir::Etc::main", "Dir::Etc::parts", "Dir::Etc::sourceparts"):
        assert f'{setting} "/dev/null"'.lower() in settings, setting
    source = (tmp_path / "apt/trixie/etc/sources.list").read_text()
    assert f"signed-by={tmp_path}/keyring.gpg" in source and source.endswith("debian trixie main\n")


def test_an_archive_that_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(Problem) as problem:
        index(tmp_path, "http://127.0.0.1:9/debian").refresh()
    assert problem.value.sentence.startswith("Debian's list of packages could not be fetched: ")
    assert any("network" in way for way in problem.value.ways_out)
    assert not (tmp_path / "apt/trixie/updated").exists()


def test_an_archive_that_nobody_signed(tmp_path: Path) -> None:
    release = tmp_path / "archive/dists/trixie"
    (release / "main/binary-amd64").mkdir(parents=True)
    (release / "main/binary-amd64/Packages").write_text("Package: linux-image-1-cloud-amd64\n")
    (release / "Release").write_text("Suite: trixie\nComponents: main\nArchitectures: amd64\n")
    with pytest.raises(Problem) as problem:
        index(tmp_path, f"file://{tmp_path}/archive").refresh()
    assert "not signed" in problem.value.sentence


def test_without_debians_keys(tmp_path: Path) -> None:
    with pytest.raises(Problem) as problem:
        SuiteIndex(
            Suite("trixie", "http://x/", tmp_path / "none.gpg", "debian-archive-keyring"), tmp_path / "apt"
        )
    assert "archive keys" in problem.value.sentence
    assert "debian-archive-keyring" in problem.value.ways_out[0]


def test_only_what_is_wanted_is_unpacked(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    files = {
        "boot/config-6.1": "CONFIG_BPF=y\n",
        "boot/vmlinuz-6.1": "image",
        "usr/lib/modules/6.1/a.ko": "module",
    }
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        "Package: linux-image-6.1\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody\nDescription: a test\n"
    )
    deb = tmp_path / "x.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, deb], check=True, capture_output=True)
    out = tmp_path / "out"
    out.mkdir()

    def wanted(member: str) -> str | None:
        return next((name for name in ("vmlinuz", "config") if f"/{name}-" in member), None)

    assert apt.unpack(deb, wanted, out) == {"vmlinuz", "config"}
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "vmlinuz": "image",
        "config": "CONFIG_BPF=y\n",
    }


def test_a_package_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.deb").write_bytes(b"!<arch>\ndebian-binary")
    with pytest.raises(Problem) as problem:
        apt.unpack(tmp_path / "x.deb", lambda member: member, tmp_path)
    assert "could not be unpacked" in problem.value.sentence
