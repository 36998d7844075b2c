"""A recording keeps what has to be replayed, and names what the host knows as numbers."""

from __future__ import annotations

import struct

import pytest

from bpfdoctor.lab import recording
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


def test_the_headers_version_is_the_one_the_program_carries():
    with_version = bytearray(program(b"good"))
    struct.pack_into("<I", with_version, 16 + 40, 6 << 16 | 1 << 8 | 192)
    assert recording.cleaned(bytes(with_version)).headers == (6, 1)
    assert recording.cleaned(program(b"good")).headers is None
