"""Checked memory: regions far apart, so that an address tells its region even where it has left it."""

from __future__ import annotations

from collections.abc import Callable

from bpfdoctor.machine.concrete.faults import Fault, FaultKind, Touched

WINDOW = 36  # each region has 64 GiB of addresses, and lies in their middle
MIDDLE = 1 << (WINDOW - 1)
_FIRST = 0xFFFF_888  # kernel addresses, as programs expect them: canonical, far from every small number
_PAGE = 4096


class MemoryRegion:
    """Some bytes with limits.

    `unwritten` has 1 for each byte that nothing has set, `outside` 1 for each that may not be touched; None:
    there are none. `fill(start, size)` makes bytes that are worked out only when somebody looks.
    """

    __slots__ = (
        "base", "data", "drawn", "fill", "is_alive", "is_writable", "kind", "length", "name", "origin",
        "outside", "unwritten", "what",
    )  # fmt: skip

    def __init__(
        self, base: int, kind: str, name: str, data: bytearray, what: object, is_writable: bool
    ) -> None:
        self.base, self.kind, self.name, self.data, self.what = base, kind, name, data, what
        self.is_writable, self.is_alive = is_writable, True
        self.unwritten: bytearray | None = None
        self.outside: bytearray | None = None
        self.origin = (
            0  # what offsets are counted from when they are told: a packet's start, the frame pointer
        )
        self.length = len(data)  # as told
        self.fill: Callable[[int, int], None] | None = None
        self.drawn = ""  # the label of the world's bytes in it


class CheckedMemory:
    """All regions of one run. Addresses are unsigned 64-bit numbers."""

    def __init__(self, of_others: Callable[[int], MemoryRegion | None]) -> None:
        """`of_others` makes the region of a window that is not ours: the kernel's, a process's."""
        self._regions: dict[int, MemoryRegion] = {}
        self._next = _FIRST
        self._of_others = of_others

    def add(
        self, kind: str, name: str, data: bytearray, *, what: object = None, is_writable: bool = True
    ) -> MemoryRegion:
        """A new region. `what` is what it stands for: a map, an element."""
        region = MemoryRegion((self._next << WINDOW) + MIDDLE, kind, name, data, what, is_writable)
        self._regions[self._next] = region
        self._next += 1
        return region

    def region_of(self, address: int) -> MemoryRegion | None:
        """The region that an address belongs to, in its limits or beside them."""
        window = address >> WINDOW
        region = self._regions.get(window)
        if region is None:
            region = self._of_others(window)
            if region is not None:
                self._regions[window] = region
        return region

    def at(self, address: int, size: int, *, is_write: bool = False) -> tuple[MemoryRegion, int]:
        """The region and the offset of an access. Raises Fault."""
        region = self._regions.get(address >> WINDOW) or self.region_of(address)
        if region is None:
            kind = FaultKind.NULL if address < _PAGE else FaultKind.NOT_AN_ADDRESS
            raise Fault(kind, f"address {address:#x}", Touched("", "", address, size, 0, is_write, address))
        start = address - region.base
        if not region.is_alive:
            raise self._fault(FaultKind.RELEASED, region, start, size, is_write)
        if start < 0 or start + size > len(region.data):
            raise self._fault(FaultKind.OUT_OF_BOUNDS, region, start, size, is_write)
        if region.outside is not None and any(region.outside[start : start + size]):
            raise self._fault(FaultKind.OUT_OF_BOUNDS, region, start, size, is_write)
        if is_write and not region.is_writable:
            raise self._fault(FaultKind.READ_ONLY, region, start, size, is_write)
        if region.fill is not None:
            region.fill(start, size)
        return region, start

    def are_comparable(self, one: int, other: int) -> None:
        """Raises Fault where one is an address of the packet, and the other of where it was: what comes of it
        hangs on where it was moved to.
        """
        regions = self._regions.get(one >> WINDOW), self._regions.get(other >> WINDOW)
        moved = regions[0] is not regions[1]
        if moved and all(each is not None and each.kind == "packet" for each in regions):
            raise Fault(
                FaultKind.RELEASED, "it compares the packet's place with the one that it was moved from"
            )

    def load(self, address: int, size: int) -> int:
        """A little-endian number."""
        return int.from_bytes(self.read(address, size), "little")

    def store(self, address: int, size: int, value: int) -> None:
        self.write(address, (value & ((1 << (8 * size)) - 1)).to_bytes(size, "little"))

    def read(self, address: int, size: int, *, may_be_unwritten: bool = False) -> bytes:
        """Bytes that something has set. Raises Fault."""
        if not size:
            return b""
        region, start = self.at(address, size)
        unwritten = region.unwritten
        if not may_be_unwritten and unwritten is not None and any(unwritten[start : start + size]):
            raise self._fault(FaultKind.UNWRITTEN, region, start, size, False)
        return bytes(region.data[start : start + size])

    def write(self, address: int, data: bytes) -> None:
        """Bytes that are set from now on. Raises Fault."""
        if not data:
            return
        region, start = self.at(address, len(data), is_write=True)
        region.data[start : start + len(data)] = data
        if region.unwritten is not None:
            region.unwritten[start : start + len(data)] = bytes(len(data))

    def text(self, address: int, most: int = 4096) -> bytes:
        """A string without its NUL. Raises Fault where it runs out of its region."""
        region, start = self.at(address, 1)
        if region.fill is not None:
            region.fill(start, min(most, len(region.data) - start))
        end = region.data.find(0, start, start + most)
        if end < 0:
            raise self._fault(FaultKind.OUT_OF_BOUNDS, region, start, len(region.data) - start + 1, False)
        return bytes(region.data[start:end])

    def _fault(self, kind: FaultKind, region: MemoryRegion, start: int, size: int, is_write: bool) -> Fault:
        at = start - region.origin
        touched = Touched(region.kind, region.name, at, size, region.length, is_write, region.base + start)
        return Fault(kind, f"{region.kind} {region.name}[{at}:{at + size}]", touched)
