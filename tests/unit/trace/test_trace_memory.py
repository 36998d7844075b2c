"""Two loads read the same place exactly when their addresses are made of the same things."""

from __future__ import annotations

import pytest

from bpfdoctor.machine.helper_memory import may_write
from bpfdoctor.trace.memory import Memory, memory
from bpfdoctor.trace.slice import slice_of
from tests.unit.trace.trace_logs import step_at, trace

# r6 is what a look-up returned, r7 the context; r8 is another look-up's. r9 is read at r6+8.
BEFORE = (
    "(bf) r7 = r1", "(85) call bpf_map_lookup_elem#1", "(bf) r6 = r0",
    "(85) call bpf_map_lookup_elem#1", "(bf) r8 = r0", "(61) r9 = *(u32 *)(r6 +8)",
)  # fmt: skip


def places(*lines: str) -> tuple[Memory | None, Memory | None]:
    """What r9 and what r0 was loaded from in the end."""
    log, index = "", 0
    for line in (*BEFORE, *lines, "(95) exit"):
        log += f"{index}: {line}\n"
        index += 2 if line.startswith("(18)") else 1
    found = trace(log)
    made = [slice_of(found, step_at(found, index - 1), register).value[0] for register in ("r9", "r0")]
    return memory(found, made[0]), memory(found, made[1])


def place(*lines: str) -> Memory | None:
    return places(*lines)[1]


@pytest.mark.parametrize(
    "lines",
    [
        ("(61) r0 = *(u32 *)(r6 +8)",),
        ("(bf) r2 = r6", "(61) r0 = *(u32 *)(r2 +8)"),
        ("(bf) r2 = r6", "(07) r2 += 4", "(61) r0 = *(u32 *)(r2 +4)"),
        ("(bf) r2 = r6", "(17) r2 -= 4", "(61) r0 = *(u32 *)(r2 +12)"),
        ("(7b) *(u64 *)(r10 -8) = r6", "(79) r2 = *(u64 *)(r10 -8)", "(61) r0 = *(u32 *)(r2 +8)"),
        ("(15) if r6 == 0x0 goto pc+9", "(61) r0 = *(u32 *)(r6 +8)"),
    ],
)
def test_the_same_place_however_the_address_got_there(lines: tuple[str, ...]) -> None:
    known, found = places(*lines)
    assert known is not None
    assert found == known
    assert (known.offset, known.size) == (8, 4)


@pytest.mark.parametrize(
    "line",
    [
        "(61) r0 = *(u32 *)(r6 +4)",  # another offset
        "(79) r0 = *(u64 *)(r6 +8)",  # another size
        "(61) r0 = *(u32 *)(r8 +8)",  # another look-up
        "(61) r0 = *(u32 *)(r7 +8)",  # the context
    ],
)
def test_another_place(line: str) -> None:
    known, found = places(line)
    assert found is not None
    assert found != known


@pytest.mark.parametrize(
    "lines",
    [
        ("(b7) r0 = 5",),
        ("(bf) r0 = r6",),
        ("(bf) r2 = r6", "(0f) r2 += r8", "(61) r0 = *(u32 *)(r2 +8)"),  # r8 bytes further
        ("(bf) r2 = r6", "(57) r2 &= 8", "(61) r0 = *(u32 *)(r2 +8)"),
        ("(bc) w2 = w6", "(61) r0 = *(u32 *)(r2 +8)"),
        ("(61) r0 = *(u32 *)(r3 +8)",),  # gone with the call
        ("(7b) *(u64 *)(r10 -8) = r6", "(79) r0 = *(u64 *)(r10 -8)"),  # the stack
    ],
)
def test_no_fixed_place(lines: tuple[str, ...]) -> None:
    assert place(*lines) is None


def test_pointers_that_were_loaded_are_told_apart_by_where_they_were() -> None:
    def through(*offsets: int) -> Memory | None:
        loads = [f"(79) r2 = *(u64 *)(r{6 if at == 0 else 2} +{off})" for at, off in enumerate(offsets)]
        return place(*loads, "(61) r0 = *(u32 *)(r2 +8)")

    assert through(16) == through(16) != through(24)
    assert through(16, 24, 32) == through(16, 24, 32) != through(16, 25, 32)
    assert through(16, 24, 32) is not None
    assert through(16, 24, 32, 40) is None  # four loads are followed, no more


def test_the_address_of_a_maps_value_is_its_own_base() -> None:
    def at(address: str) -> Memory | None:
        return place(f"(18) r2 = {address}", "(61) r0 = *(u32 *)(r2 +8)")

    assert at("0xffff8881") == at("0xffff8881") != at("0xffff8882")
    found = at("0xffff8881")
    assert found is not None and found == Memory(" 0xffff8881", 8, 4)


@pytest.mark.parametrize(
    ("name", "writes"),
    [
        ("bpf_strtol", True),
        ("bpf_probe_read_kernel", True),
        ("bpf_map_lookup_elem", False),
        ("bpf_iter_num_new", True),
        ("bpf_iter_num_next", False),
        ("bpf_dynptr_from_skb", True),
        ("bpf_task_release", False),
        ("bpf_iter_new_in_a_module_new", True),
        ("no_kernel_has_it", False),
    ],
)
def test_calls_that_are_known_to_write(name: str, writes: bool) -> None:
    assert may_write(name) is writes
