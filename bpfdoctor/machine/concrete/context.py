"""What R1 points to when a program starts: by program type, as include/uapi/linux/bpf.h lays it out."""

from __future__ import annotations

from bpfdoctor.machine.concrete.memory import MIDDLE, WINDOW, CheckedMemory, MemoryRegion
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.machine.concrete.world import World
from bpfdoctor.model.record import dataclass, field

SOCKET_FILTER, KPROBE, SCHED_CLS, SCHED_ACT, TRACEPOINT, XDP, PERF_EVENT, CGROUP_SKB = range(1, 9)
LWT_IN, LWT_OUT, LWT_XMIT, SOCK_OPS, SK_SKB, CGROUP_DEVICE, SK_MSG, RAW_TRACEPOINT = range(10, 18)
LWT_SEG6, LIRC, SK_REUSEPORT, FLOW_DISSECTOR, CGROUP_SYSCTL, RAW_TRACEPOINT_WRITABLE = range(19, 25)
CGROUP_SOCKOPT, TRACING, STRUCT_OPS, EXT, LSM, SK_LOOKUP, SYSCALL, NETFILTER = range(25, 33)

_SKB = frozenset(
    {SOCKET_FILTER, SCHED_CLS, SCHED_ACT, CGROUP_SKB, LWT_IN, LWT_OUT, LWT_XMIT, SK_SKB, LWT_SEG6}
    | {FLOW_DISSECTOR}
)
_TYPED = frozenset({TRACING, STRUCT_OPS, EXT, LSM, NETFILTER, SYSCALL})
_ARGUMENTS = frozenset({RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE, TRACING, STRUCT_OPS, EXT, LSM, NETFILTER})
_SKB_SIZE, _XDP_SIZE, _PT_REGS, _MOST = 192, 24, 168, 1024
_SKB_DATA, _SKB_DATA_END, _SKB_DATA_META, _SKB_SK, _SKB_FLOW_KEYS, _SKB_LEN, _SKB_PROTOCOL = (
    76, 80, 140, 168, 144, 0, 16,
)  # fmt: skip

HEADROOM = 256  # what XDP and tc leave before a packet
_ADDRESS, _TYPED_ADDRESS, _USER = 0xFFFF_900, 0xFFFF_A00, 0x0000_7F0  # windows of memory that is not ours


@dataclass(slots=True)
class ProgramContext:
    """The region of R1; `pointers` are fields that the verifier turns into pointers, by offset and size."""

    region: MemoryRegion
    packet: MemoryRegion | None = None
    start: int = 0  # where the packet begins and ends in its region, and its metadata
    end: int = 0
    meta: int = 0
    kind: int = 0
    other: dict[tuple[int, int], int] = field(default_factory=dict)

    def pointer(self, offset: int, size: int) -> int | None:
        """What a load of such a field gives; None where the context's own bytes are read."""
        if self.packet is not None and self.kind != SOCKET_FILTER:
            base = self.packet.base
            if self.kind == XDP:
                fields = {(0, 4): self.start, (4, 4): self.end, (8, 4): self.meta}
            elif self.kind in (SK_MSG, SK_REUSEPORT):
                fields = {(0, 8): self.start, (8, 8): self.end}
            else:
                fields = {
                    (_SKB_DATA, 4): self.start,
                    (_SKB_DATA_END, 4): self.end,
                    (_SKB_DATA_META, 4): self.meta,
                }
            if (offset, size) in fields:
                return base + fields[offset, size]
        return self.other.get((offset, size))

    @property
    def packet_bytes(self) -> bytes:
        return bytes(self.packet.data[self.start : self.end]) if self.packet is not None else b""


def made(program: Runnable, memory: CheckedMemory, world: World) -> ProgramContext:
    """The context of one run."""
    kind = program.kind
    if kind == XDP or kind in _SKB:
        return _of_packet(kind, memory, world)
    if kind in _ARGUMENTS:
        return _of_arguments(kind, memory, world)
    if kind in (SK_MSG, SK_REUSEPORT):
        return _with_data(kind, memory, world)
    size = {KPROBE: _PT_REGS, SYSCALL: _MOST}.get(kind, _MOST)
    data = bytearray(world.bytes("context", 256).ljust(size, b"\0"))
    if kind == KPROBE:
        for at in range(0, size, 8):
            data[at : at + 8] = _argument(world, f"register {at}", typed=False).to_bytes(8, "little")
    context = ProgramContext(memory.add("context", "ctx", data), kind=kind)
    context.region.drawn = "" if kind == KPROBE else "context"
    if kind == CGROUP_SOCKOPT:
        value = memory.add("option", "optval", bytearray(world.bytes("optval", world.number("optlen", 6))))
        context.other = {(8, 8): value.base, (16, 8): value.base + len(value.data)}
    for at in {SK_LOOKUP: (0,), SOCK_OPS: (184,), CGROUP_SOCKOPT: (0,)}.get(kind, ()):
        context.other[at, 8] = typed_address(world, f"sk {at}") if world.is_lucky(f"sk {at}") else 0
    return context


def _of_packet(kind: int, memory: CheckedMemory, world: World) -> ProgramContext:
    packet = memory.add("packet", "packet", bytearray(HEADROOM) + world.packet + bytearray(HEADROOM))
    end = HEADROOM + len(world.packet)
    size = _XDP_SIZE if kind == XDP else _SKB_SIZE
    data = bytearray(world.bytes("context", size))
    if kind == XDP:
        data[0:12] = bytes(12)
    else:
        data[_SKB_LEN : _SKB_LEN + 4] = len(world.packet).to_bytes(4, "little")
        data[_SKB_PROTOCOL : _SKB_PROTOCOL + 4] = world.packet[12:14].ljust(4, b"\0")
    context = ProgramContext(memory.add("context", "ctx", data), packet, HEADROOM, end, HEADROOM, kind)
    context.region.drawn = "context"
    _close(context)
    if kind != XDP:
        context.other[_SKB_SK, 8] = typed_address(world, "sk") if world.is_lucky("sk") else 0
        keys = memory.add("flow keys", "flow_keys", bytearray(world.bytes("flow keys", 56)))
        context.other[_SKB_FLOW_KEYS, 8] = keys.base
    return context


def _with_data(kind: int, memory: CheckedMemory, world: World) -> ProgramContext:
    packet = memory.add("packet", "data", bytearray(HEADROOM) + world.packet + bytearray(HEADROOM))
    region = memory.add("context", "ctx", bytearray(world.bytes("context", _MOST)))
    region.drawn = "context"
    context = ProgramContext(region, packet, HEADROOM, HEADROOM + len(world.packet), HEADROOM, kind)
    _close(context)
    return context


def _close(context: ProgramContext) -> None:
    """Only the packet itself may be touched: the region ends with it, and head room counts as outside."""
    assert context.packet is not None
    limits = bytearray(len(context.packet.data))
    limits[: context.meta] = b"\1" * context.meta
    limits[context.end :] = b"\1" * (len(limits) - context.end)
    context.packet.outside = limits
    context.packet.origin, context.packet.length = context.start, context.end - context.start


def moved(context: ProgramContext, *, start: int, end: int, meta: int) -> None:
    """After bpf_xdp_adjust_head and its like."""
    context.start, context.end, context.meta = start, end, meta
    _close(context)


def copied(context: ProgramContext, memory: CheckedMemory) -> None:
    """After a call that may move the packet: here it always does, and its old place is gone."""
    old = context.packet
    if old is None or context.kind == SOCKET_FILTER:
        return
    context.packet = memory.add("packet", "packet", bytearray(old.data))
    old.is_alive = False
    _close(context)


def _of_arguments(kind: int, memory: CheckedMemory, world: World) -> ProgramContext:
    data = bytearray()
    for index in range(16):
        data += _argument(world, f"argument {index}", typed=kind in _TYPED).to_bytes(8, "little")
    return ProgramContext(memory.add("context", "ctx", data), kind=kind)


def _argument(world: World, label: str, *, typed: bool) -> int:
    if world.draw(f"kind of {label}") % 4 == 0:
        return world.number(label, 64)
    return typed_address(world, label) if typed else address(world, label)


def address(world: World, label: str) -> int:
    """An address of the kernel's that only probe_read may follow."""
    return _in_window(_ADDRESS + world.draw(f"address {label}") % 0x100)


def typed_address(world: World, label: str) -> int:
    """An address of the kernel's whose type the verifier knows."""
    return _in_window(_TYPED_ADDRESS + world.draw(f"address {label}") % 0x100)


def _in_window(window: int) -> int:
    return (window << WINDOW) + MIDDLE


def kind_of_window(window: int) -> str | None:
    """Whose memory it is that lies there: "kernel", "typed", "user"."""
    for first, count, kind in (
        (_ADDRESS, 0x100, "kernel"),
        (_TYPED_ADDRESS, 0x100, "typed"),
        (_USER, 0x10, "user"),
    ):
        if first <= window < first + count:
            return kind
    return None


def words(world: World, window: int, kind: str, index: int) -> int:
    """The 64-bit word number `index` of somebody else's memory."""
    label = f"{window:#x}+{index}"
    drawn = world.draw(label)
    if kind != "user" and drawn & 3 == 0:
        return typed_address(world, label) if kind == "typed" else address(world, label)
    if drawn & 3 == 1:  # text
        return int.from_bytes(b"%07x" % (drawn >> 4 & 0xFFFFFFF), "little")
    return (
        world.number(label, 32) | world.number(label + "h", 32) << 32
        if drawn & 4
        else world.number(label, 32)
    )
