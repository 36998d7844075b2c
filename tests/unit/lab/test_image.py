"""A file that is no kernel the lab can boot is refused with what it is."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from bpfdoctor.lab import image
from bpfdoctor.model.problem import Problem


def bzimage(release: str = "6.12.1-test", *, flags: int = 1, missing: int = 0) -> bytes:
    """The head of a bzImage as Documentation/arch/x86/boot.rst describes it, and a body of zeros."""
    data = bytearray(0x1000)
    data[0x1F1] = 7  # setup sectors
    struct.pack_into("<I", data, 0x1F4, 256)  # body, in paragraphs of 16 bytes
    data[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", data, 0x20E, 0x600)
    struct.pack_into("<H", data, 0x236, flags)
    text = f"{release} (me@here) #1 SMP".encode() + b"\0"
    data[0x800 : 0x800 + len(text)] = text
    return bytes(data) + bytes(256 * 16 - missing)


def test_debian_says_the_version_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "vmlinuz"
    path.write_bytes(
        bzimage("5.10.0-30-cloud-amd64").replace(b"#1 SMP\0", b"#1 SMP Debian 5.10.218-1 (2024)\0")
    )
    assert image.read(path)[1] == image.Image("5.10.0-30-cloud-amd64", "5.10.218")


def test_the_release_of_a_bzimage(tmp_path: Path) -> None:
    path = tmp_path / "bzImage"
    path.write_bytes(bzimage("7.3.0-rc1+"))
    assert image.read(path)[1] == image.Image("7.3.0-rc1+", "7.3.0")


ELF = b"\x7fELF\x02\x01".ljust(18, b"\0")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"#!/bin/sh\n", "is not a Linux kernel image"),
        (bytes(0x38) + b"ARM\x64" + bytes(64), "is a kernel for arm64"),
        (bytes(0x30) + b"RISC" + bytes(64), "is a kernel for riscv64"),
        (b"\x1f\x8b\x08" + bytes(64), "is a gzip file"),
        (b"MZ\0\0zimg" + bytes(64), "compressed EFI kernel"),
        (ELF + struct.pack("<H", 62) + bytes(64), "is an uncompressed vmlinux"),
        (ELF + struct.pack("<H", 183) + bytes(64), "is an ELF file for arm64"),
        (ELF + struct.pack("<H", 247) + bytes(64), "is an ELF file for BPF"),
        (bzimage(missing=1), "is cut short"),
        (bzimage(flags=0), "32-bit x86"),
    ],
)
def test_what_it_is_instead(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "thing"
    path.write_bytes(data)
    with pytest.raises(Problem) as problem:
        image.read(path)
    assert words in problem.value.sentence
    assert problem.value.ways_out


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Problem) as problem:
        image.read(tmp_path / "nothing")
    assert "cannot be read" in problem.value.sentence
