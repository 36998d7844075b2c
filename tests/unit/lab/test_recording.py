"""A recording keeps what has to be replayed, and names what the host knows as numbers."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from bpfdoctor.lab import btf_names, recording
from bpfdoctor.model.problem import Problem


def record(command: int, descriptor: int, attributes: bytes, *blobs: tuple[int, bytes]) -> bytes:
    parts = [struct.pack("<4I", command, descriptor, len(attributes), len(blobs)), attributes]
    for offset, data in blobs:
        parts += [struct.pack("<2I", offset, len(data)), data]
    return b"".join(parts)


def program(name: bytes, *, target: int = 0, size: int = 128) -> bytes:
    attributes = bytearray(size)
    attributes[48 : 48 + len(name)] = name
    if target:
        struct.pack_into("<I", attributes, 108, target)
    return record(5, 9, bytes(attributes), (8, bytes(16)), (16, b"GPL\0"))


MAP = record(0, 7, bytes(72))
BTF = record(18, 6, bytes(28), (0, b"btf"))


def test_what_libbpf_loads_to_learn_about_the_kernel_is_left_out():
    probes = program(b""), program(b"libbpf_nametest", size=64)
    found = recording.cleaned(probes[0] + BTF + probes[1] + MAP + program(b"good") + program(b"bad"))
    assert found.programs == ("good", "bad")
    assert found.data == BTF + MAP + program(b"good") + program(b"bad")


def test_nothing_recorded_is_an_empty_recording():
    assert recording.cleaned(b"").programs == ()


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_recording_that_is_cut_short_is_said(cut: int):
    with pytest.raises(Problem):
        recording.cleaned((BTF + program(b"good"))[:-cut])


vmlinux = Path("/sys/kernel/btf/vmlinux")


@pytest.mark.skipif(not os.access(vmlinux, os.R_OK), reason="this kernel shows no BTF")
def test_the_name_behind_a_number_of_the_running_kernel():
    """Every kernel has an integer among its first types, and none has a billion of them."""
    found = {btf_names.name_of(number) for number in range(1, 400)}
    assert (1, "int") in found or any(kind == 1 for kind, _ in filter(None, found))
    assert btf_names.name_of(1 << 30) is None


def test_a_file_that_is_no_btf(tmp_path: Path):
    path = tmp_path / "vmlinux"
    path.write_bytes(b"\x7fELF" + bytes(64))
    assert btf_names.name_of(1, path) is None
    assert btf_names.name_of(1, tmp_path / "none") is None


def test_names_in_a_btf_of_our_own(tmp_path: Path):
    # an int, a struct with one member, an enum, a function: each kind has its own length
    strings = b"\0int\0pair\0colour\0do_it\0"
    types = (
        struct.pack("<3II", 1, 1 << 24, 4, 32)
        + struct.pack("<3I3I", 5, 4 << 24 | 1, 4, 1, 1, 0)
        + struct.pack("<3I2I", 10, 6 << 24 | 1, 4, 1, 0)
        + struct.pack("<3I", 17, 12 << 24, 1)
    )
    header = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    path = tmp_path / "vmlinux"
    path.write_bytes(header + types + strings)
    names = [btf_names.name_of(number, path) for number in range(1, 6)]
    assert names == [(1, "int"), (4, "pair"), (6, "colour"), (12, "do_it"), None]


def test_the_headers_version_is_the_one_the_program_carries():
    with_version = bytearray(program(b"good"))
    struct.pack_into("<I", with_version, 16 + 40, 6 << 16 | 1 << 8 | 192)
    assert recording.cleaned(bytes(with_version)).headers == (6, 1)
    assert recording.cleaned(program(b"good")).headers is None
