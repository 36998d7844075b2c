"""The guest's file system is a cpio archive that the system's cpio reads back."""

from __future__ import annotations

import subprocess

from bpfdoctor.lab import initramfs


def test_cpio_lists_it() -> None:
    data = initramfs.guest_files(b"binary", "6.12.1", b"CONFIG_X=y\n")
    listed = subprocess.run(["cpio", "-itv", "--quiet"], input=data, capture_output=True, check=True)
    lines = listed.stdout.decode().splitlines()
    assert [line.split()[-1] for line in lines] == [
        "init",
        "dev",
        "dev/console",
        "boot",
        "boot/config-6.12.1",
    ]
    assert lines[0].startswith("-rwxr-xr-x") and " 6 " in lines[0]
    assert lines[2].startswith("crw-------") and "5,   1" in lines[2]


def test_every_member_starts_at_a_multiple_of_four() -> None:
    data = initramfs.cpio([initramfs.ArchiveEntry("a" * n, 0o100644, b"x" * n) for n in range(1, 9)])
    starts = [at for at in range(len(data)) if data.startswith(b"070701", at)]
    assert len(starts) == 9 and all(at % 4 == 0 for at in starts)


def test_without_a_configuration_there_is_no_boot_folder() -> None:
    assert b"boot" not in initramfs.guest_files(b"binary", "6.12.1", None)
