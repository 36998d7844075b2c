"""Inputs that are likely to matter to a program: its own constants decide numbers and packet lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bpfdoctor.kernel.instructions import ALU, ALU64, CALL, CLASS, EXIT, FROM_REGISTER, JMP, JMP32
from bpfdoctor.machine.bits import U32_MAX, U64_MAX
from bpfdoctor.machine.concrete.program import ARRAYS, Runnable
from bpfdoctor.machine.concrete.world import World

_ALWAYS = (0, 1, 2, 7, 8, 255, 256, 4096, 0x7FFFFFFF, 0x80000000, U32_MAX, U64_MAX)
_LONGEST = 1514

_IP4, _IP6, _VLAN, _ARP = b"\x08\x00", b"\x86\xdd", b"\x81\x00", b"\x08\x06"
_TCP, _UDP, _ICMP, _ICMP6 = 6, 17, 1, 58
_ADDRESSES = bytes(range(2, 14))  # of an Ethernet frame: not all zero, so that who copies them is seen
_PORTS = b"\x30\x39\x00\x50"


def worlds(program: Runnable, count: int) -> Iterator[World]:
    """`count` inputs, always the same for the same code; the plain ones come first."""
    yield from _of_numbers(_numbers(program), range(count))


def worlds_of_patch(before: Runnable, after: Runnable, seeds: range) -> Iterator[World]:
    """Inputs about the numbers that a patch has brought; none where it brings none."""
    known = _numbers(before)
    new = sorted({*_numbers(after)} - {*known})
    if new:
        for world in _of_numbers([*known, *new * (1 + len(known) // len(new))], seeds):
            yield replace(world, packet=_with_numbers(world, new))


def _with_numbers(world: World, numbers: Sequence[int]) -> bytes:
    """The packet with some of its bytes, and pairs of them, made one of the numbers."""
    packet = bytearray(world.packet)
    for at in range(len(packet) // 4):
        drawn = world.draw(f"number {at} in the packet")
        size, start = 1 + drawn % 2, (drawn >> 1) % (len(packet) - 1)
        number = numbers[(drawn >> 16) % len(numbers)] & (256**size - 1)
        packet[start : start + size] = number.to_bytes(size, "big")
    return bytes(packet)


def _of_numbers(numbers: Sequence[int], seeds: range) -> Iterator[World]:
    frames, lengths = _frames(), _lengths(numbers)
    for seed in seeds:
        frame = frames[seed % len(frames)]
        length = lengths[7 * (seed // len(frames)) % len(lengths)] if seed >= len(frames) else len(frame)
        packet = frame[:length].ljust(length, b"\x20")
        # Fortune first, then misfortune: what fails in every other run is a check that somebody forgot.
        yield World(seed, packet, numbers, luck=(8, 4, 7, 6, 2, 8, 5, 7)[seed % 8])


def _numbers(program: Runnable) -> Sequence[int]:
    """What the program compares and computes with, what its maps hold, and the neighbours of both."""
    found = set(_ALWAYS)
    for insn in program.decoded():
        if insn is None or insn.code in (CALL, EXIT) or insn.code & FROM_REGISTER:
            continue
        if insn.code & CLASS in (ALU, JMP, JMP32, ALU64):
            found |= {insn.imm - 1, insn.imm, insn.imm + 1}
    for spec in program.maps.values():
        found |= {spec.value_size, spec.value_size - 1}
        if spec.kind in ARRAYS:
            found |= {spec.max_entries - 1, spec.max_entries}
    return sorted(number & U64_MAX for number in found)


def _lengths(numbers: Sequence[int]) -> Sequence[int]:
    """Of packets: sums of headers, and what the program names, to the byte."""
    of_program = {number + more for number in numbers if 0 < number < 256 for more in (0, -1, 14, 34, 54)}
    usual = {14, 15, 18, 33, 34, 41, 42, 53, 54, 61, 62, 64, 74, 1514}
    return sorted(length for length in of_program | usual if 14 <= length <= _LONGEST)


def _frames() -> list[bytes]:
    """One of each kind that programs tell apart, long enough for its headers and a little payload."""
    payload = b"GET / HTTP/1.1\r\n" * 4
    tcp = _PORTS + bytes(8) + b"\x50\x02\xff\xff" + bytes(4) + payload
    udp = _PORTS + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload
    icmp = b"\x08\0\0\0" + bytes(4) + payload
    frames = []
    for protocol, body in ((_TCP, tcp), (_UDP, udp), (_ICMP, icmp)):
        frames.append(_ADDRESSES + _IP4 + _ipv4(protocol, len(body)) + body)
        frames.append(_ADDRESSES + _IP4 + _ipv4(protocol, len(body), words=8) + body)
        frames.append(_ADDRESSES + _VLAN + b"\0\x05" + _IP4 + _ipv4(protocol, len(body)) + body)
    for protocol, body in ((_TCP, tcp), (_UDP, udp), (_ICMP6, icmp)):
        head = b"\x60\0\0\0" + len(body).to_bytes(2, "big") + bytes([protocol, 64])
        frames.append(
            _ADDRESSES + _IP6 + head + b"\xfd" + bytes(14) + b"\1" + b"\xfd" + bytes(14) + b"\2" + body
        )
    frames.append(_ADDRESSES + _ARP + b"\0\1\x08\0\6\4\0\1" + bytes(20))
    return frames


def _ipv4(protocol: int, payload: int, words: int = 5) -> bytes:
    head = bytes([0x40 | words, 0]) + (4 * words + payload).to_bytes(2, "big") + b"\0\1\x40\0"
    return head + bytes([64, protocol]) + b"\0\0" + b"\x0a\0\0\1" + b"\x0a\0\0\2" + b"\1" * (4 * words - 20)
