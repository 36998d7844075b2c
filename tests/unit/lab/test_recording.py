"""A recording keeps what has to be replayed, and names what the host knows as numbers."""

from __future__ import annotations

import struct

import pytest

from bpfdoctor import bpf_calls
from bpfdoctor.lab import recording


def program(name: bytes, *, target: int = 0, size: int = 128) -> bytes:
    attributes = bytearray(size)
    attributes[48 : 48 + len(name)] = name
    if target:
        struct.pack_into("<I", attributes, 108, target)
    return bpf_calls.packed(5, 9, bytes(attributes), ((8, bytes(16)), (16, b"GPL\0")))


MAP = bpf_calls.packed(0, 7, bytes(72), ())
BTF = bpf_calls.packed(18, 6, bytes(28), ((0, b"btf"),))


def test_calls_are_unpacked_as_they_were_packed() -> None:
    calls = BTF + MAP + program(b"good")
    assert b"".join(bpf_calls.packed(*call) for call in bpf_calls.unpacked(calls)) == calls


def test_the_programs_of_a_recording_are_named() -> None:
    found = recording.for_guests(BTF + MAP + program(b"good") + program(b"bad"))
    assert found.programs == ("good", "bad")
    assert found.data == BTF + MAP + program(b"good") + program(b"bad")
    assert recording.for_guests(b"").programs == ()


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_recording_that_is_cut_short_is_not_taken_for_a_whole_one(cut: int) -> None:
    with pytest.raises(ValueError, match="cut short"):
        recording.for_guests((BTF + program(b"good"))[:-cut])


def test_the_headers_version_is_the_one_the_program_carries() -> None:
    with_version = bytearray(program(b"good"))
    struct.pack_into("<I", with_version, 16 + 40, 6 << 16 | 1 << 8 | 192)
    assert recording.for_guests(bytes(with_version)).headers == (6, 1)
    assert recording.for_guests(program(b"good")).headers is None
