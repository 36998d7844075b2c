"""What a finding shows besides its places: the bytes of a stack object, the stack of a call chain, loops."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.model.record import dataclass


class PartKind(StrEnum):
    """What a run of bytes of an object is."""

    MEMBER = "member"
    PADDING = "padding"  # between members, or behind the last one
    BYTES = "bytes"  # the object's layout is not known
    BEYOND = "beyond"  # read with the object, but not part of it


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an object that belong together, `start` counted from its first byte.

    `row` has a letter for each byte: `w` written, `.` not written, `?` not known. `name` is the member as in
    C (`in[2].port`), for padding the member in front of it. `by` is the source line that wrote bytes without
    a name.
    """

    kind: PartKind
    start: int
    row: str
    name: str | None = None
    by: str | None = None

    @property
    def size(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class ObjectBytes:
    """An object on the stack, `off` from the frame pointer; bytes `first`..`last` of it are read."""

    name: str | None
    type: str
    off: int
    size: int
    first: int
    last: int
    parts: tuple[Part, ...]

    def read_of(self, part: Part) -> Part | None:
        """The bytes of a part that are read."""
        start = max(part.start, self.first)
        row = part.row[start - part.start : max(0, self.last + 1 - part.start)]
        return Part(part.kind, start, row, part.name, part.by) if row else None


Picture = ObjectBytes
