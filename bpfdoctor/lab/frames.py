"""Frames in the memory that host and guest share; guest/wire.h is the other half, change both together."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bpfdoctor.model.report import Buffer

CHANNEL_SIZE = 128 << 20  # a power of two, as the device wants it; two logs of LOG_LIMIT fit
LOG_LIMIT = 40 << 20
REQUEST_AT = 0
ANSWER_AT = 32 << 20
REQUEST_LIMIT = ANSWER_AT - REQUEST_AT - 20

_REQUEST = 0x51445042
_ANSWER = 0x41445042
_HEADER = struct.Struct("<5I")  # magic, kind, sequence, length, crc
_FIELD = struct.Struct("<2I")  # tag, length


class RequestKind(IntEnum):
    """What a request asks for."""

    WARM = 1
    OBJECT = 2
    REPLAY = 3
    FILES = 4
    ATTACH = 5  # for tests; users' programs are never attached


class Answer(IntEnum):
    """What an answer holds."""

    HELLO = 1
    PROGRAM = 2
    DONE = 3
    FAILED = 4
    BEGINS = 5  # the program that is loaded next
    VERDICT = 6  # it is refused; its trace, which can take long, comes next
    FILE = 7  # a file of the guest's
    COUNTED = 8  # what a program that was attached has counted


class Tag(IntEnum):
    """What a field holds; see guest/wire.h."""

    OBJECT = 1
    PROGRAM = 2
    FIRST = 3
    LEVELS = 4
    ALWAYS = 5
    CAPABILITIES = 6
    TYPE = 7
    OBJECT_NAME = 9
    SETTINGS = 10
    INDEX = 16
    TOTAL = 17
    NAME = 18
    SECTION = 19
    TYPE_NAME = 20
    STATUS = 21
    ERRNO = 22
    LOG4 = 23
    LOG1 = 24
    LOG2 = 25
    MESSAGES = 26
    CUT = 27
    RELEASE = 28
    BTF = 29
    SIGNAL = 30
    MAP_TYPE = 31
    HELPER = 32
    CONTENT = 33
    SLEEPERS = 34
    NOT_ATTACHED = 35
    COUNT = 36


class Status(IntEnum):
    """Who said what of one program."""

    LOADS = 0
    REFUSED = 1  # by the verifier
    NOT_LOADED = 2  # by libbpf, or by the kernel at a map or at BTF


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `end` is where the next one begins."""

    kind: int
    fields: Mapping[int, bytes]
    end: int

    def number(self, tag: Tag, otherwise: int = 0) -> int:
        """The field as a number."""
        data = self.fields.get(tag, b"")
        return int.from_bytes(data, "little") if len(data) == 4 else otherwise

    def text(self, tag: Tag) -> str:
        """The field as text; "" when it is absent."""
        return self.fields.get(tag, b"").decode("utf-8", "replace")


#: Tagged values: numbers become u32, text UTF-8.
Fields = Sequence[tuple[int, int | bytes | str]]


def fields(pairs: Fields) -> bytes:
    """A payload of tagged values."""
    parts: list[bytes] = []
    for tag, value in pairs:
        data = _field(value)
        parts += [_FIELD.pack(tag, len(data)), data]
    return b"".join(parts)


def _field(value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(4, "little")
    return value.encode() if isinstance(value, str) else value


def request(op: RequestKind, sequence: int, payload: bytes) -> bytes:
    """The bytes to put at REQUEST_AT."""
    return _seal(_REQUEST, op, sequence, payload)


def answer(kind: Answer, sequence: int, payload: bytes) -> bytes:
    """What a guest would write; for tests of `answers`."""
    return _seal(_ANSWER, kind, sequence, payload)


def _seal(magic: int, kind: int, sequence: int, payload: bytes) -> bytes:
    crc = _checksum(kind, sequence, payload)
    return _HEADER.pack(magic, kind, sequence, len(payload), crc) + payload


def _checksum(kind: int, sequence: int, payload: Buffer) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<3I", kind, sequence, len(payload))))


def answers(channel: Buffer, sequence: int, at: int = ANSWER_AT) -> Iterator[Reply]:
    """The whole, sealed answers to request `sequence` that follow each other from `at` on.

    Stops at the first bytes that are no such answer: one being written, one to an older request, or noise.
    """
    size = len(channel)
    while at + _HEADER.size <= size:
        magic, kind, of, length, crc = _HEADER.unpack_from(channel, at)
        start = at + _HEADER.size
        if magic != _ANSWER or of != sequence or length > size - start:
            return
        payload = bytes(channel[start : start + length])
        if _checksum(kind, of, payload) != crc:
            return
        at = min(at + (_HEADER.size + length + 7 & ~7), size)
        yield Reply(kind, dict(_split(payload)), at)


def _split(payload: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _FIELD.size <= len(payload):
        tag, length = _FIELD.unpack_from(payload, at)
        at += _FIELD.size
        if length > len(payload) - at:
            return
        yield tag, payload[at : at + length]
        at += length
