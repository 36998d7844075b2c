"""The running kernel as a judge: loads recorded programs and runs them with BPF_PROG_TEST_RUN."""

from __future__ import annotations

import ctypes as ct
import os
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bpfdoctor import bpf_calls
from bpfdoctor.capture._hooks import bpf
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.world import World

# Where the verifier knows what an argument points to.
_TYPED = re.compile(r"vmlinux\.h|tp_btf|raw_tp")
_Buffer = ct.Array[ct.c_char]
_LOOKUP, _NEXT_KEY, _TEST_RUN = 1, 4, 10
# Where union bpf_attr has them (linux/bpf.h).
_INNER, _MAP_BTF, _MAP_TYPES = 20, 52, 56
_INSNS, _LOG, _PROG_BTF = 8, 24, 72


def reads_zeros(fault: Fault, text: str) -> bool:
    """Whether the kernel reads zeros where a program of this text follows a pointer of the kernel's.

    The concrete machine does not know what a member holds.
    """
    return fault.kind in (FaultKind.NULL, FaultKind.NOT_AN_ADDRESS) and _TYPED.search(text) is not None


class Fresh(World):
    """What a program finds that was just loaded: empty maps, zeros in its context."""

    def draw(self, label: str) -> int:
        return 0

    def is_lucky(self, label: str) -> bool:
        return label.startswith("room") or (not label.startswith("socket") and not label.endswith("]"))

    def number(self, label: str, bits: int) -> int:
        return 0


@dataclass(slots=True)
class Live:
    """A recorded program in the kernel: its descriptor, and those of its maps by the recorded ones."""

    program: int
    maps: Mapping[int, int] = field(default_factory=dict)


@contextmanager
def loaded(calls: bytes) -> Iterator[Live | None]:
    """The recorded program, None where this kernel refuses it."""
    ours: dict[int, int] = {}
    program = None
    try:
        for command, theirs, attributes, blobs in bpf_calls.unpacked(calls):
            call = bytearray(attributes)
            _exchange(call, (0,) if command in (bpf_calls.MAP_UPDATE, bpf_calls.MAP_FREEZE) else (), ours)
            if command == bpf_calls.MAP_CREATE:
                _exchange(call, (_INNER, _MAP_BTF), ours)
                if not _number(call, _MAP_BTF):
                    call[_MAP_TYPES : _MAP_TYPES + 8] = bytes(8)
            if command == bpf_calls.PROG_LOAD:
                _exchange(call, (_PROG_BTF,), ours)
                call[_LOG : _LOG + 16] = bytes(16)
            fd = _ask(command, call, blobs, ours)
            if command in (bpf_calls.MAP_CREATE, bpf_calls.BTF_LOAD, bpf_calls.PROG_LOAD) and fd >= 0:
                ours[theirs] = fd
            if command == bpf_calls.PROG_LOAD:
                program = fd if fd >= 0 else None
        yield Live(program, ours) if program is not None else None
    finally:
        for fd in set(ours.values()):
            with suppress(OSError):
                os.close(fd)


def on_packet(program: int, packet: bytes) -> tuple[int, bytes]:
    """(what it returned, the packet afterwards). Raises OSError where the kernel can't run it."""
    given = ct.create_string_buffer(packet, len(packet))
    room = ct.create_string_buffer(4096)
    call = bytearray(80)
    struct.pack_into(
        "<IIIIQQI", call, 0, program, 0, len(packet), len(room), ct.addressof(given), ct.addressof(room), 1
    )
    returned, size = _test_run(call)
    return returned, room.raw[:size]


def on_context(program: int, context: bytes) -> tuple[int, bytes]:
    """(what it returned, the context afterwards). Raises OSError where the kernel can't run it."""
    given = ct.create_string_buffer(context, len(context))
    call = bytearray(80)
    struct.pack_into("<I", call, 0, program)
    struct.pack_into("<IIQ", call, 40, len(context), 0, ct.addressof(given))
    returned, _ = _test_run(call)
    return returned, given.raw


def _test_run(call: bytearray) -> tuple[int, int]:
    """What the program returned, and the size of its packet."""
    buffer = ct.create_string_buffer(bytes(call), len(call))
    if bpf(_TEST_RUN, ct.addressof(buffer), len(call)) < 0:
        raise OSError(ct.get_errno(), os.strerror(ct.get_errno()))
    _, returned, _, size = struct.unpack_from("<IIII", buffer.raw)
    return returned, size


def elements(fd: int, key_size: int, value_size: int, most: int) -> dict[bytes, bytes]:
    """What is in a map, at most so many elements; what can't be read is left out."""
    found: dict[bytes, bytes] = {}
    key, following = None, ct.create_string_buffer(key_size)
    while len(found) < most:
        before = ct.create_string_buffer(key, key_size) if key is not None else None
        if _on_element(_NEXT_KEY, fd, before, following) < 0:
            break
        key = following.raw
        value = ct.create_string_buffer(value_size)
        if _on_element(_LOOKUP, fd, following, value) >= 0:
            found[key] = value.raw
        elif key in found:
            break
        else:
            found[key] = b""
    return found


def put(fd: int, key: bytes, value: bytes) -> bool:
    """Whether the kernel took an element."""
    given = (ct.create_string_buffer(each, len(each)) for each in (key, value))
    return _on_element(bpf_calls.MAP_UPDATE, fd, *given) >= 0


def _on_element(command: int, fd: int, key: _Buffer | None, value: _Buffer) -> int:
    call = struct.pack("<IIQQQ", fd, 0, ct.addressof(key) if key is not None else 0, ct.addressof(value), 0)
    buffer = ct.create_string_buffer(call, len(call))
    return bpf(command, ct.addressof(buffer), len(call))


def assembled(code: bytes, kind: int) -> int:
    """A descriptor of a program made by hand. Raises OSError when it is refused."""
    insns, license_ = ct.create_string_buffer(code, len(code)), ct.create_string_buffer(b"GPL")
    call = bytearray(128)
    struct.pack_into("<IIQQ", call, 0, kind, len(code) // 8, ct.addressof(insns), ct.addressof(license_))
    fd = _ask(bpf_calls.PROG_LOAD, call, (), {})
    if fd < 0:
        raise OSError(ct.get_errno(), os.strerror(ct.get_errno()))
    return fd


def _ask(command: int, call: bytearray, blobs: tuple[bpf_calls.Blob, ...], ours: dict[int, int]) -> int:
    kept = []  # what the call points to
    for at, blob in blobs:
        is_code = command == bpf_calls.PROG_LOAD and at == _INSNS
        data = bytearray(blob)
        if is_code:
            bpf_calls.renumber_maps(data, lambda theirs: ours.get(theirs, 0))
        kept.append(ct.create_string_buffer(bytes(data), len(data)))
        struct.pack_into("<Q", call, at, ct.addressof(kept[-1]))
    buffer = ct.create_string_buffer(bytes(call), len(call))
    return bpf(command, ct.addressof(buffer), len(call))


def _exchange(call: bytearray, places: tuple[int, ...], ours: dict[int, int]) -> None:
    for at in places:
        if at + 4 <= len(call):
            struct.pack_into("<I", call, at, ours.get(_number(call, at), 0))


def _number(call: bytearray, at: int) -> int:
    return struct.unpack_from("<I", call, at)[0] if at + 4 <= len(call) else 0
