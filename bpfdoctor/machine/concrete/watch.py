"""What is noted of a run besides what comes of it, for who leads the next run somewhere."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.machine.concrete.process import Process
from bpfdoctor.model.record import dataclass, field

_MOST_NOTED = 2000  # of a run's comparisons


@dataclass(frozen=True, slots=True)
class Branch:
    """A comparison that a run came to: its slot, what was compared, and whether it jumped."""

    slot: int
    left: int
    right: int
    is_taken: bool


@dataclass(slots=True)
class Watch:
    """What a run notes besides: its comparisons, the registers each time it comes to `slot`, what it read.

    `numbers` of the world by label, `bytes_of_packet`: size by offset, both in the order of the last read.
    Of map values that are read again it also says so: only here may somebody else change them meanwhile.
    """

    slot: int
    branches: list[Branch] = field(default_factory=list)
    arrivals: list[tuple[int | None, ...]] = field(default_factory=list)
    process: Process | None = None
    _again: int = 0

    numbers: dict[str, int] = field(default_factory=dict)
    bytes_of_packet: dict[int, int] = field(default_factory=dict)

    def read(self, process: Process, address: int, size: int) -> None:
        """What a load came by: a byte of the packet, or a number that the world gave."""
        region = process.memory.region_of(address)
        if region is None:
            return
        at = address - region.base
        if region is process.context.packet:
            start = at - process.context.end + len(process.world.packet)
            self.bytes_of_packet[start] = size
        elif region is process.context.region and f"register {at & ~7}" in process.world.seen.numbers:
            label = f"register {at & ~7}"
            self.numbers.pop(label, None)
            self.numbers[label] = process.world.seen.numbers[label]
        elif region.drawn:
            word = at & ~3
            label = f"{region.drawn}+{word}"
            if label in self.numbers and region.kind == "map value":
                self._again += 1
                label = f"{label}, read {self._again}"  # by then others may have changed it
                given = process.world.given_numbers.get(label)
                if given is not None:
                    region.data[word : word + 4] = given.to_bytes(8, "little")[:4]
            for name, start in ((f"{region.drawn}+{word + 4}", word + 4), (label, word))[size != 8 :]:
                self.numbers.pop(name, None)
                self.numbers[name] = int.from_bytes(region.data[start : start + 4], "little")

    def branch(self, branch: Branch) -> None:
        if len(self.branches) < _MOST_NOTED:
            self.branches.append(branch)

    def arrival(self, registers: Sequence[int | None]) -> None:
        if len(self.arrivals) < _MOST_NOTED:
            self.arrivals.append(tuple(registers))
