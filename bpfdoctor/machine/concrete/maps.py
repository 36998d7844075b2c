"""Maps while a program runs: elements are regions of their own, made when somebody asks for them."""

from __future__ import annotations

from bpfdoctor.machine.concrete.memory import CheckedMemory, MemoryRegion
from bpfdoctor.machine.concrete.program import ARRAYS, MapKind, MapSpec
from bpfdoctor.machine.concrete.world import World

ENOENT, E2BIG, EFAULT, EEXIST, EINVAL = 2, 7, 14, 17, 22
_NO_EXIST, _EXIST = 1, 2


class Map:
    """One map. `handle` is what `&map` points to."""

    def __init__(self, spec: MapSpec, memory: CheckedMemory, world: World) -> None:
        self.spec, self._memory, self._world = spec, memory, world
        self.handle = memory.add("map", spec.name, bytearray(), what=self)
        self._elements: dict[bytes, MemoryRegion | None] = {}
        self._inner: dict[bytes, Map | None] = {}
        self._again = 0  # look-ups of elements that had been looked up before
        self.pushed: list[bytes] = []  # of a queue or a stack

    def find(self, key: bytes) -> MemoryRegion | None:
        """The element; whether a hash has one that nobody put there is the world's choice."""
        if key in self._elements:
            there = self._elements[key]
            if there is None or self.spec.kind in ARRAYS:
                return there
            self._again += 1
            return there if self._world.stays(f"{self._label(key)}, look-up {self._again}") else None
        found = self._found(key)
        self._elements[key] = found
        return found

    def find_map(self, key: bytes) -> Map | None:
        """The map in an element of an array or hash of maps."""
        if key not in self._inner:
            inner = self.spec.inner
            there = inner is not None and self._is_index(key) and self._world.is_lucky(self._label(key))
            made = Map(inner, self._memory, self._world) if there and inner is not None else None
            self._inner[key] = made
        return self._inner[key]

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """0 or a negative errno."""
        if self.spec.kind in ARRAYS:
            if not self._is_index(key):
                return -E2BIG
            if flags == _NO_EXIST:
                return -EEXIST
        elif not self._world.is_lucky(f"room in {self._label(key)}"):
            return -E2BIG
        there = self.find(key)
        if there is not None and flags == _NO_EXIST:
            return -EEXIST
        if there is None and flags == _EXIST:
            return -ENOENT
        if there is None:
            self._elements[key] = self._new(key, value)
        else:
            there.data[:] = value
        return 0

    def delete(self, key: bytes) -> int:
        """0 or a negative errno. Who still points to the element may go on: it is freed later."""
        if self.spec.kind in ARRAYS:
            return -EINVAL
        if self.find(key) is None:
            return -ENOENT
        self._elements[key] = None
        return 0

    def state(self) -> dict[bytes, bytes | None]:
        """What is in the elements that somebody asked for."""
        return {key: bytes(found.data) if found else None for key, found in self._elements.items()}

    def indexes(self) -> list[bytes]:
        """Those of an iteration: an array's first ones, what else has elements so far."""
        if self.spec.kind in ARRAYS:
            return [index.to_bytes(4, "little") for index in range(min(self.spec.max_entries, 8))]
        return [key for key, found in self._elements.items() if found is not None]

    def values(self) -> MemoryRegion:
        """The whole of an array of one element: what a pointer into `.rodata` points into."""
        found = self.find(bytes(4))
        assert found is not None
        return found

    def _found(self, key: bytes) -> MemoryRegion | None:
        value = self.spec.initial.get(key)
        if value is not None:
            return self._new(key, value)
        if self.spec.kind in ARRAYS:
            if not self._is_index(key):
                return None
            is_used = self._world.draw(f"used {self._label(key)}") & 1
            return self._drawn(key) if is_used else self._new(key, bytes(self.spec.value_size))
        return self._drawn(key) if self._world.is_lucky(self._label(key)) else None

    def _is_index(self, key: bytes) -> bool:
        arrays = (*ARRAYS, MapKind.ARRAY_OF_MAPS)
        return self.spec.kind not in arrays or int.from_bytes(key, "little") < self.spec.max_entries

    def _new(self, key: bytes, value: bytes) -> MemoryRegion:
        data = bytearray(value[: self.spec.value_size].ljust(self.spec.value_size, b"\0"))
        name = f"{self.spec.name}[{key[:8].hex()}]"
        return self._memory.add("map value", name, data, what=self, is_writable=not self.spec.is_frozen)

    def _drawn(self, key: bytes) -> MemoryRegion:
        label = f"value of {self._label(key)}"
        made = self._new(key, self._world.bytes(label, self.spec.value_size))
        made.drawn = label
        return made

    def _label(self, key: bytes) -> str:
        return f"{self.spec.name}[{key.hex()}]"
