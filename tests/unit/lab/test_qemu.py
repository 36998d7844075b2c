"""KVM is used only where it is of use, and a snapshot's key follows what the snapshot depends on."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor.lab import paths, qemu
from bpfdoctor.lab.qemu import Qemu
from bpfdoctor.model.problem import Problem

PLAIN = Qemu("/usr/bin/qemu-system-x86_64", "some qemu", "tcg", "Nehalem,-cx16")
ABLE = "vendor_id\t: GenuineIntel\nmodel\t\t: 85\nflags\t\t: fpu vmx sse\ncpu MHz\t: 2100.0"


def kvm(folder: Path) -> Path:
    """A file in the place of /dev/kvm."""
    path = folder / "kvm"
    path.touch()
    return path


def test_a_processor_that_can_do_it(tmp_path: Path) -> None:
    found = qemu.accelerated(PLAIN, ABLE, kvm(tmp_path), broken=False)
    assert (found.accelerator, found.note) == ("kvm", None)
    assert found.key() != PLAIN.key()


@pytest.mark.parametrize("cpuinfo", ["", "flags\t: fpu sse", "flags\t: fpu vmxy"])
def test_a_processor_that_cannot(tmp_path: Path, cpuinfo: str) -> None:
    assert qemu.accelerated(PLAIN, cpuinfo, kvm(tmp_path), broken=False) == PLAIN


def test_without_the_device(tmp_path: Path) -> None:
    assert qemu.accelerated(PLAIN, ABLE, tmp_path / "kvm", broken=False) == PLAIN


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every device")
def test_without_permission_it_says_how_to_get_it(tmp_path: Path) -> None:
    device = kvm(tmp_path)
    device.chmod(0)
    found = qemu.accelerated(PLAIN, ABLE, device, broken=False)
    assert found.accelerator == "tcg" and "usermod -aG kvm" in str(found.note)


def test_where_it_was_seen_to_fail(tmp_path: Path) -> None:
    found = qemu.accelerated(PLAIN, ABLE, kvm(tmp_path), broken=True)
    assert (found.accelerator, found.key()) == ("tcg", PLAIN.key())


def test_a_key_follows_what_a_guest_can_see(tmp_path: Path) -> None:
    first = qemu.accelerated(PLAIN, ABLE, kvm(tmp_path), broken=False)
    faster = qemu.accelerated(PLAIN, ABLE.replace("2100.0", "3000.0"), kvm(tmp_path), broken=False)
    other = qemu.accelerated(PLAIN, ABLE.replace("85", "86"), kvm(tmp_path), broken=False)
    assert first.key() == faster.key() != other.key()
    assert len({PLAIN.key(), PLAIN.key("init"), replace(PLAIN, identity="other").key()}) == 3
    assert first.without_kvm("why").key() == PLAIN.key()


def test_without_qemu(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    qemu.find.cache_clear()
    with pytest.raises(Problem) as problem:
        qemu.find()
    qemu.find.cache_clear()
    assert (
        problem.value.sentence == "QEMU is not installed." and "qemu-system-x86" in problem.value.ways_out[0]
    )


def test_a_broken_kvm_is_remembered_until_the_next_boot(cache: Path) -> None:
    qemu.remember_broken_kvm()
    path = paths.lab_dir() / "kvm-does-not-work"
    assert path.read_text() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
