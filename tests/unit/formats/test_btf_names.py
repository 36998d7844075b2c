"""The name behind an id, without reading every type."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from bpfdoctor.formats import btf

vmlinux = Path("/sys/kernel/btf/vmlinux")


@pytest.mark.skipif(not os.access(vmlinux, os.R_OK), reason="this kernel shows no BTF")
def test_the_name_behind_a_number_of_the_running_kernel() -> None:
    """Every kernel has an integer among its first types, and none has a billion of them."""
    data = vmlinux.read_bytes()
    found = {btf.name_of(data, number) for number in range(1, 400)}
    assert (1, "int") in found or any(kind == 1 for kind, _ in filter(None, found))
    assert btf.name_of(data, 1 << 30) is None


@pytest.mark.parametrize("data", [b"\x7fELF" + bytes(64), b"", b"\x9f\xeb"])
def test_what_is_no_btf_has_no_names(data: bytes) -> None:
    assert btf.name_of(data, 1) is None


def test_names_in_a_btf_of_our_own() -> None:
    # an int, a struct with one member, an enum, a function: each kind has its own length
    strings = b"\0int\0pair\0colour\0do_it\0"
    types = (
        struct.pack("<3II", 1, 1 << 24, 4, 32)
        + struct.pack("<3I3I", 5, 4 << 24 | 1, 4, 1, 1, 0)
        + struct.pack("<3I2I", 10, 6 << 24 | 1, 4, 1, 0)
        + struct.pack("<3I", 17, 12 << 24, 1)
    )
    header = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    names = [btf.name_of(header + types + strings, number) for number in range(6)]
    assert names == [None, (1, "int"), (4, "pair"), (6, "colour"), (12, "do_it"), None]
