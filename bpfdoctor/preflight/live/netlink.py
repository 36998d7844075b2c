"""The XDP and tc programs of this network namespace's devices, as rtnetlink tells."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress

from bpfdoctor.model.record import dataclass

_GET_LINK, _GET_FILTER = 18, 46
_REQUEST, _DUMP, _DONE, _ERROR = 1, 0x300, 3, 2
# include/uapi/linux/if_link.h, rtnetlink.h, pkt_cls.h
_IFNAME, _MTU, _LINK, _LINK_INFO, _STATS, _LINK_NAMESPACE, _XDP = 3, 4, 5, 18, 23, 37, 43
_UP = 1  # IFF_UP
_XDP_IDS = {4: "", 5: "driver", 6: "generic", 7: "offloaded"}  # IFLA_XDP_PROG_ID and those by mode
_KIND, _OPTIONS, _BPF_ID = 1, 2, 11
_PARENTS = {"ingress": 0xFFFFFFF2, "egress": 0xFFFFFFF3}  # of clsact
_NESTED = 0x3FFF


def xdp() -> Iterator[tuple[int, str, int]]:
    """(device's index, its name, program) of every device with an XDP program."""
    for payload in _dump(_GET_LINK, struct.pack("=BxHiII", 0, 0, 0, 0, 0)):
        (index,) = struct.unpack_from("=i", payload, 4)
        name, ids = "", set()
        for kind, data in _attributes(payload[16:]):
            if kind == _IFNAME:
                name = data.rstrip(b"\0").decode()
            elif kind == _XDP:
                ids |= {struct.unpack("=I", each)[0] for what, each in _attributes(data) if what in _XDP_IDS}
        yield from ((index, name, id) for id in ids if id)


@dataclass(frozen=True, slots=True)
class Device:
    """A device of this network namespace. `programs` are the ids of its XDP programs.

    `sender`: whose MTU limits the packets that come in, and that MTU. veth gets what its peer sends; None
    where that is in another namespace.
    """

    name: str
    is_up: bool
    sender: tuple[str, int] | None
    programs: tuple[int, ...]


def devices() -> Iterator[Device]:
    """All of them; none where the kernel does not answer."""
    attached: dict[str, list[int]] = {}
    for _, name, id in xdp():
        attached.setdefault(name, []).append(id)
    found = {}
    for payload in _dump(_GET_LINK, struct.pack("=BxHiII", 0, 0, 0, 0, 0)):
        index, flags = struct.unpack_from("=iI", payload, 4)
        found[index] = flags, dict(_attributes(payload[16:]))
    mtus = {index: (_name(each), _number(each, _MTU)) for index, (_, each) in found.items()}
    for index, (flags, each) in found.items():
        sender: tuple[str, int] | None = mtus[index]
        if dict(_attributes(each.get(_LINK_INFO, b""))).get(_KIND, b"").rstrip(b"\0") == b"veth":
            sender = None if _LINK_NAMESPACE in each else mtus.get(_number(each, _LINK))
        yield Device(_name(each), bool(flags & _UP), sender, tuple(attached.get(_name(each), ())))


def _name(attributes: dict[int, bytes]) -> str:
    return attributes.get(_IFNAME, b"").rstrip(b"\0").decode()


def _number(attributes: dict[int, bytes], kind: int) -> int:
    return int.from_bytes(attributes.get(kind, b""), sys.byteorder)


def packets(device: str) -> tuple[int, int] | None:
    """(received, sent) by a device of this namespace; /sys may show another one's."""
    for payload in _dump(_GET_LINK, struct.pack("=BxHiII", 0, 0, 0, 0, 0)):
        attributes = dict(_attributes(payload[16:]))
        if attributes.get(_IFNAME, b"").rstrip(b"\0").decode() == device and _STATS in attributes:
            received, sent = struct.unpack_from("=QQ", attributes[_STATS])
            return received, sent
    return None


def tc(index: int) -> Iterator[tuple[str, int]]:
    """(direction, program) of the filters that a device has."""
    for direction, parent in _PARENTS.items():
        for payload in _dump(_GET_FILTER, struct.pack("=BxxxiIII", 0, index, 0, parent, 0)):
            attributes = dict(_attributes(payload[20:]))
            if attributes.get(_KIND, b"").rstrip(b"\0") == b"bpf":
                for kind, data in _attributes(attributes.get(_OPTIONS, b"")):
                    if kind == _BPF_ID:
                        yield direction, struct.unpack("=I", data)[0]


def _dump(kind: int, body: bytes) -> Iterator[bytes]:
    """The payloads that answer a request; none where it is refused."""
    with suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        route.settimeout(5)
        route.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST | _DUMP, 1, os.getpid()) + body)
        while True:
            data = route.recv(1 << 20)
            while len(data) >= 16:
                length, what = struct.unpack_from("=IH", data)
                if what in (_DONE, _ERROR) or length < 16:
                    return
                yield data[16:length]
                data = data[(length + 3) & ~3 :]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            return
        yield kind & _NESTED, data[4:length]
        data = data[(length + 3) & ~3 :]
