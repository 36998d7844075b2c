"""What is known of a number is true of it, completed, met and joined."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.machine.bits import signed
from bpfdoctor.machine.number import (
    Bounds,
    Impossible,
    Number,
    as_range,
    between,
    bounds,
    bounds32,
    exactly,
    join,
    meet,
    of_size,
    printed,
    settled,
)
from bpfdoctor.model.trace import Range, Tnum
from tests.unit.machine.numbers import VALUES, numbers, parts


@given(parts())
def test_what_follows_from_limits_and_bits_is_true(known: tuple[Bounds, Bounds, Tnum, int]) -> None:
    whole, low, bits, value = known
    found = settled(whole, low, bits)
    assert found.holds(value)
    assert settled(*found).holds(value)


@given(parts(), st.data())
def test_what_is_printed_is_true_whatever_is_left_out(
    known: tuple[Bounds, Bounds, Tnum, int], data: st.DataObject
) -> None:
    whole, low, bits, value = known
    fields = {
        **dict(zip(("smin", "smax", "umin", "umax"), whole, strict=True)),
        **dict(zip(("smin32", "smax32", "umin32", "umax32"), low, strict=True)),
        "var_off": bits,
    }
    shown = data.draw(st.sets(st.sampled_from(sorted(fields))))
    range = Range(**{name: fields[name] for name in shown})  # type: ignore[arg-type]
    assert Number(bounds(range), bounds32(range)).holds(value)
    assert printed(range).holds(value)


@given(numbers())
def test_a_number_may_be_written_as_the_kernel_does(number: tuple[Number, int]) -> None:
    again = printed(as_range(number[0]))
    assert again.holds(number[1])
    assert again == settled(*number[0])


@given(numbers(), numbers())
def test_one_of_two_numbers(a: tuple[Number, int], b: tuple[Number, int]) -> None:
    found = join(a[0], b[0])
    assert found.holds(a[1]) and found.holds(b[1])


@given(parts(), parts())
def test_both_of_two_numbers(
    a: tuple[Bounds, Bounds, Tnum, int], b: tuple[Bounds, Bounds, Tnum, int]
) -> None:
    first = settled(a[0], a[1], a[2])
    second = join(settled(b[0], b[1], b[2]), exactly(a[3]))
    assert meet(first, second).holds(a[3])


@given(VALUES, VALUES)
def test_two_constants_have_nothing_in_common(a: int, b: int) -> None:
    if a == b:
        assert meet(exactly(a), exactly(b)) == exactly(a)
    else:
        with pytest.raises(Impossible):
            meet(exactly(a), exactly(b))


def test_bits_and_limits_say_something_of_each_other() -> None:
    assert between(0, 255).bits == Tnum(0, 255)
    assert settled(bits=Tnum(8, 7)).whole == Bounds(8, 15, 8, 15)
    assert settled(Bounds(-8, 7, 0, 7)).low == Bounds(0, 7, 0, 7)
    assert settled(Bounds(0, 1 << 20, 0, 1 << 20), Bounds(-5, 3, 0, 1 << 31)).whole.smax == 3


@pytest.mark.parametrize(
    ("size", "is_signed", "limits"),
    [(1, False, (0, 255)), (1, True, (-128, 127)), (4, False, (0, 0xFFFFFFFF)), (8, True, None)],
)
def test_memory_holds_what_fits(size: int, is_signed: bool, limits: tuple[int, int] | None) -> None:
    found = of_size(size, is_signed=is_signed)
    assert found == (between(*limits) if limits else Number())
    if limits:
        assert all(found.holds(signed(each)) for each in limits) and not found.holds(limits[1] + 1)
