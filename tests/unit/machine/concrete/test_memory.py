"""Which addresses can be compared."""

from __future__ import annotations

import pytest

from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.memory import CheckedMemory


def test_the_packet_is_not_compared_with_where_it_was() -> None:
    memory = CheckedMemory(lambda window: None)
    old, new, value = (memory.add(kind, kind, bytearray(4)) for kind in ("packet", "packet", "map value"))
    memory.are_comparable(new.base, new.base + 4)
    memory.are_comparable(old.base, value.base)
    with pytest.raises(Fault) as raised:
        memory.are_comparable(new.base, old.base + 4)
    assert raised.value.kind is FaultKind.RELEASED
