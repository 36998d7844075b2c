"""Filters by port, address or protocol: the network's byte order is not this machine's."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.pattern import later
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System
from bpfdoctor.source.cvalues import Function

_ANY: frozenset[str] = frozenset()
_PORTS = frozenset({"struct tcphdr", "struct udphdr"})
_ETHERNET = frozenset({"struct ethhdr", "struct vlan_hdr", "struct vlan_ethhdr"})
_PACKETS = frozenset({"struct __sk_buff", "struct sk_buff"})
# Field -> its bytes, and the structures that have it so (none named: nothing else has such a field).
_OF_NETWORK: dict[str, tuple[int, frozenset[str]]] = {
    "h_proto": (2, _ETHERNET), "h_vlan_encapsulated_proto": (2, _ANY),
    "source": (2, _PORTS), "dest": (2, _PORTS),
    "saddr": (4, frozenset({"struct iphdr"})), "daddr": (4, frozenset({"struct iphdr"})),
    "protocol": (2, _PACKETS),
    "sin_port": (2, _ANY), "sin6_port": (2, _ANY), "s_addr": (4, _ANY),
    "skc_dport": (2, _ANY), "skc_daddr": (4, _ANY), "skc_rcv_saddr": (4, _ANY),
    "inet_dport": (2, _ANY), "inet_sport": (2, _ANY), "inet_saddr": (4, _ANY), "inet_daddr": (4, _ANY),
    "user_port": (2, _ANY), "user_ip4": (4, _ANY),
}  # fmt: skip
# The tracepoints of sockets have turned their ports round already: include/trace/events/{sock,tcp}.h.
_RECORDS = frozenset(
    f"struct trace_event_raw_{name}"
    for name in (
        "inet_sock_set_state",
        "inet_sk_error_report",
        "tcp_event_sk_skb",
        "tcp_event_sk",
        "tcp_probe",
    )
)
_OF_HOST = {
    "skc_num": _ANY, "inet_num": _ANY, "local_port": _ANY, "src_port": frozenset({"struct bpf_sock"}),
    "sport": _RECORDS, "dport": _RECORDS,
    "protocol": frozenset({"struct iphdr"}), "nexthdr": frozenset({"struct ipv6hdr"}),  # one byte
}  # fmt: skip
# A port in the upper half of 32 bits, as the machine sees it: include/uapi/linux/bpf.h.
_WIDE_PORTS = {"remote_port": frozenset({"struct bpf_sock_ops", "struct __sk_buff", "struct sk_msg_md"})}
_TO_16_BITS = later(r"(?:__|bpf_)?(?:constant_)?htons\(|__builtin_bswap16\(")
# A mask of the machine's over the fragment's offset and flags.
_MASKED = later(r"(\w+)\s*->\s*frag_off\s*&\s*(0[xX]0*(?:1[fF]{3}|3[fF]{3}|2000)|IP_MF|IP_OFFSET)\b")
_FIELD = later(r"\(*(?:\(\w+\)\s*)?([A-Za-z_]\w*)(?:(?:->|\.)\w+)*(?:->|\.)(\w+)\)*")
_READ = later(r"BPF_CORE_READ\((\w+),(?:\s*[\w.]+\s*,)*\s*(?:[\w.]+\.)?(\w+)\s*\)")
_TO_NETWORK = later(r"(?:__|bpf_)?(?:constant_)?hton[sl]\(|__builtin_bswap(?:16|32)\(")
_HEADERS = later(r"ETH_P_\w+")  # of linux/if_ether.h: numbers in the machine's order
_ETHERTYPES = frozenset({0x0800, 0x0806, 0x86DD, 0x8100, 0x88A8, 0x8847, 0x8863, 0x8864, 0x88CC, 0x0842})
_KNOWN_PORTS = frozenset(
    {20, 21, 22, 23, 25, 53, 67, 68, 80, 110, 123, 143, 161, 443, 514, 993, 3306, 5432, 6379, 8080, 8443}
)
_DEEPEST = 4


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    del hook, system
    for function, compared in text.comparisons():
        field = _field(compared.left, text, function)
        if field is None:
            continue
        name, size = field
        at, other = text.place(compared.span, function), compared.right.strip()
        if size == 0:
            if _TO_NETWORK.match(other):
                yield Cause("host-order-field", {"field": name, "other": other}, at)
        elif (number := _as_meant(name, other, size, text, function)) is not None:
            yield _turned(name, other, number, size, at)
        elif name in _WIDE_PORTS and _TO_16_BITS.match(other):
            values = {"field": name, "other": other, "seen": "a larger number", "call": "bpf_htonl"}
            yield Cause("network-order-field", values, at)
    for function in text.functions:
        yield from _masks(text, function)


def _turned(field: str, other: str, number: int, size: int, at: Place) -> Cause:
    swapped = int.from_bytes(number.to_bytes(size, "little"), "big")
    called = "htons" if size == 2 else "htonl"
    values = {"field": field, "other": other, "seen": f"{swapped:#x}", "call": f"bpf_{called}"}
    return Cause("network-order-field", values, at)


def _masks(text: ProgramText, function: Function) -> Iterator[Cause]:
    """`ip->frag_off & 0x1fff`"""
    for line in range(function.body.line, function.end + 1):
        for found in _MASKED.finditer(text.c.line(line)):
            declared = text.declared(found[1], function)
            number = text.number(found[2]) or {"IP_MF": 0x2000, "IP_OFFSET": 0x1FFF}.get(found[2])
            if number is not None and declared is not None and declared.struct == "struct iphdr":
                start, end = found.span()
                at = Place(text.file, line, start + 1, end + 1, function.name, text.c.line(line))
                yield _turned("frag_off", found[2], number, 2, at)


def _field(value: str, text: ProgramText, function: Function, depth: int = 0) -> tuple[str, int] | None:
    """(field, its bytes in the network's order, or 0 for one in the machine's) of an expression."""
    plain = value.strip()
    if plain.isidentifier():
        given = text.value_of(plain, function) if depth < _DEEPEST else None
        return _field(given, text, function, depth + 1) if given is not None else None
    found = _READ.fullmatch(plain) or _FIELD.fullmatch(plain)
    if found is None:
        return None
    root, name = found[1], found[2]
    declared = text.declared(root, function)
    of = declared.struct if declared is not None else None
    candidates = ((0, _OF_HOST.get(name)), (4, _WIDE_PORTS.get(name)), _OF_NETWORK.get(name, (0, None)))
    for size, structures in candidates:
        if structures is not None and (not structures or of in structures):
            return name, size
    return None


def _as_meant(field: str, other: str, size: int, text: ProgramText, function: Function) -> int | None:
    """The number of a constant that is meant in the machine's order; None where it may be right."""
    number = text.number(other)
    number = text.default_of(other, function) if number is None else number
    if number is None:
        return 0x0800 if size == 2 and _HEADERS.fullmatch(other) else None
    if number >= 1 << 8 * size:
        return None
    swapped = int.from_bytes(number.to_bytes(size, "little"), "big")
    if swapped == number:
        return None
    if field in _WIDE_PORTS:
        return number if number < 1 << 16 else None
    if size == 4:
        return number if _is_private(number) and not _is_private(swapped) else None
    if field in ("h_proto", "protocol", "h_vlan_encapsulated_proto"):
        return number if number in _ETHERTYPES else None
    return number if number in _KNOWN_PORTS or swapped not in _KNOWN_PORTS else None


def _is_private(address: int) -> bool:
    """Whether it is one of those that people use at home: 127.0.0.0/8, 10.0.0.0/8, 192.168.0.0/16."""
    return address >> 24 in (10, 127) or address >> 16 == 0xC0A8
