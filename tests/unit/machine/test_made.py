"""What instructions certainly do: arithmetic as a machine does it, stores byte by byte."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.machine.bits import calculate
from bpfdoctor.machine.memory import stack_place
from bpfdoctor.machine.step import Machine
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.trace import Insn, Op, RegState, StackSlot
from tests.unit.machine.states import frame, insn, reg, state

WORDS = st.one_of(
    st.integers(0, (1 << 64) - 1), st.integers(0, 70), st.integers((1 << 64) - 70, (1 << 64) - 1)
)
# Machine words of the C library: nothing of ours says here how a number wraps around or is signed.
_WORD = {32: ctypes.c_uint32, 64: ctypes.c_uint64}
_SIGNED = {32: ctypes.c_int32, 64: ctypes.c_int64}
_MACHINE: dict[str, Callable[[int, int, int], int]] = {
    "+=": lambda a, b, width: a + b,
    "-=": lambda a, b, width: a - b,
    "*=": lambda a, b, width: a * b,
    "/=": lambda a, b, width: a // b if b else 0,  # the verifier's patch: division by zero gives 0
    "%=": lambda a, b, width: a - a // b * b if b else a,
    "&=": lambda a, b, width: a & b,
    "|=": lambda a, b, width: a | b,
    "^=": lambda a, b, width: a ^ b,
    "<<=": lambda a, b, width: a << b % width,
    ">>=": lambda a, b, width: a >> b % width,
    "s>>=": lambda a, b, width: _SIGNED[width](a).value >> b % width,
}


@given(st.sampled_from(sorted(_MACHINE)), WORDS, WORDS, st.sampled_from([32, 64]))
def test_numbers_are_calculated_as_a_machine_does(operator: str, left: int, right: int, width: int) -> None:
    word = _WORD[width]
    expected = word(_MACHINE[operator](word(left).value, word(right).value, width)).value
    assert calculate(operator, left, right, width) == expected


def test_an_operator_that_no_machine_has_gives_nothing() -> None:
    assert calculate("**=", 2, 3, 64) is None


def behind(text: str, before: str) -> RegState | None:
    """What the register that the instruction writes holds afterwards."""
    instruction = insn(text)
    after = Machine().executed(state(before), 0, instruction)
    return after[0].regs.get(instruction.written or "")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("(b7) r1 = -5", "", "-5"),
        ("(b4) w1 = -5", "", "4294967291"),
        ("(18) r1 = 0xffff8881", "", None),  # a number, or the address of a map
        ("(bf) r1 = r2", "R2=ctx()", "ctx()"),
        ("(bf) r1 = r2", "", None),
        ("(bc) w1 = w2", "R2=ctx()", None),
        ("(bc) w1 = w2", "R2=-1", "4294967295"),
        ("(bc) w1 = w2", "R2=scalar(umax=7)", None),
        ("(bf) r1 = (s8)r2", "R2=255", "-1"),
        ("(bf) r1 = (s16)r2", "R2=0x18000", "-32768"),
        ("(bf) r1 = (s32)r2", "R2=0x80000000", "-2147483648"),
        ("(bc) w1 = (s8)w2", "R2=255", "4294967295"),
        ("(07) r1 += 8", "R1=5", "13"),
        ("(04) w1 += -6", "R1=5", "4294967295"),
        ("(0f) r1 += r2", "R1=5 R2=6", "11"),
        ("(0f) r1 += r2", "R1=5 R2=scalar()", None),
        ("(0f) r1 += r2", "R1=5", None),
        ("(07) r1 += 8", "", None),
        ("(07) r1 += 8", "R1=scalar(umax=7)", None),
        ("(87) r1 = -r1", "R1=5", "-5"),
        ("(84) w1 = -w1", "R1=5", "4294967291"),
        ("(87) r1 = -r1", "R1=scalar()", None),
        ("(07) r1 += -16", "R1=fp-8", "fp-24"),
        ("(17) r1 -= 16", "R1=fp0", "fp-16"),
        ("(07) r1 += 4", "R1=fp[0]-8", "fp[0]-4"),
        ("(07) r1 += 4", "R1=fp(smin=-16,smax=-1)", "fp(off=4,smin=-16,smax=-1)"),
        ("(07) r1 += 4", "R1=fp(off=-16,smin=0,smax=8)", "fp(off=-12,smin=0,smax=8)"),
        ("(07) r1 += 8", "R1=map_value(map=m,ks=4,vs=64)", "map_value(off=8,map=m,ks=4,vs=64)"),
        ("(07) r1 += 8", "R1=map_value(map=m,ks=4,vs=64,off=16)", "map_value(map=m,ks=4,vs=64,off=24)"),
        ("(17) r1 -= 8", "R1=map_value(map=m,ks=4,vs=64,off=4)", "map_value(map=m,ks=4,vs=64,off=-4)"),
        ("(07) r1 += 8", "R1=ctx()", "ctx(off=8)"),
        ("(04) w1 += 8", "R1=ctx()", None),
        ("(57) r1 &= 8", "R1=ctx()", None),
        ("(07) r1 += 8", "R1=map_value_or_null(id=1,map=m,ks=4,vs=64)", None),
    ],
)
def test_what_a_register_holds_afterwards(text: str, before: str, after: str | None) -> None:
    assert behind(text, before) == (after and reg(after))


@pytest.mark.parametrize(
    ("text", "slot", "found"),
    [
        ("(79) r1 = *(u64 *)(r10 -8)", "fp-8=ctx()", "ctx()"),
        ("(79) r1 = *(u64 *)(r2 +8)", "R2=fp-16 fp-8=ctx()", "ctx()"),
        ("(61) r1 = *(u32 *)(r10 -8)", "fp-8=ctx()", None),
        ("(79) r1 = *(u64 *)(r10 -8)", "fp-16=ctx()", None),
        ("(79) r1 = *(u64 *)(r10 -8)", "fp-8=mmmmmmmm", None),
        ("(79) r1 = *(u64 *)(r2 -8)", "R2=fp[3]0 fp-8=ctx()", None),  # the stack of a frame that is not known
        ("(79) r1 = *(u64 *)(r2 -8)", "R2=ctx() fp-8=ctx()", None),
        ("(79) r1 = *(u64 *)(r2 -8)", "fp-8=ctx()", None),
    ],
)
def test_a_spilled_register_is_read_back(text: str, slot: str, found: str | None) -> None:
    assert behind(text, f"R10=fp0 {slot}") == (found and reg(found))


def test_a_register_that_was_spilled_in_another_frame_is_read_back() -> None:
    before = state("R10=fp0 fp-8=ctx()", "R10=fp0 R2=fp[0]-16 fp-8=7")
    after = Machine().executed(before, 1, insn("(79) r1 = *(u64 *)(r2 +8)"))
    assert after[1].regs["r1"] == reg("ctx()")


@pytest.mark.parametrize(
    ("base", "before", "place"),
    [
        ("r10", "", (2, -8)),
        ("r1", "R1=fp-16", (2, -24)),
        ("r1", "R1=fp[0]-16", (0, -24)),
        ("r1", "R1=ctx()", None),
        ("r1", "R1=fp(smin=-16,smax=-1)", None),
        ("r1", "R1=fp(off=-16,smin=0,smax=8)", None),  # one of several
        ("r1", "", None),
        (None, "R1=fp-16", None),
    ],
)
def test_the_place_on_the_stack_that_an_address_means(
    base: str | None, before: str, place: tuple[int, int] | None
) -> None:
    load = Insn(7, "", Op.LOAD, off=-8, size=8)
    assert stack_place(load, base, frame(before).regs, 2) == place


def test_a_pointer_into_another_frames_stack_says_so() -> None:
    assert of_frame(reg("fp[1]-8"), 3) == 1
    assert of_frame(reg("fp-8"), 3) == 3
    assert of_frame(RegState("fp", attributes=(("frame", "4294967296"),)), 3) == 3  # no frame has this number


STORES = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 4, 8]),
        st.one_of(st.sampled_from([-32, -16, -8]), st.integers(-32, -1)),
        st.sampled_from(["zero", "number", "reg"]),
    ).filter(lambda each: each[1] + each[0] <= 0),
    min_size=1,
    max_size=6,
)


@given(STORES, st.booleans())
def test_stores_overwrite_the_bytes_they_name_and_no_others(
    stores: list[tuple[int, int, str]], is_known: bool
) -> None:
    """A model of single bytes; a register stored whole into one slot is spilled, and data once it is cut."""
    held = "map_value(map=m,ks=4,vs=8)"
    known = state(f"R6={held} R10=fp0" if is_known else "R10=fp0")
    model = dict.fromkeys(range(-32, 0), "?")
    for size, off, what in stores:
        source = {"imm": {"zero": 0, "number": 7}[what]} if what != "reg" else {"src": "r6"}
        stored = Insn(0, "", Op.STORE, dst="r10", off=off, size=size, **source)
        known = Machine().executed(known, 0, stored)
        stack = known[0].stack
        spills = size == 8 and off % 8 == 0
        for slot in {off - off % 8, off + size - 1 - (off + size - 1) % 8}:
            cut = not spills and any(model[at] == "r" for at in range(slot, slot + 8))
            for at in range(slot, slot + 8):
                model[at] = "m" if cut else model[at]
        for at in range(off, off + size):
            model[at] = "r" if spills else "0" if what == "zero" else "m"
        for slot in (off - off % 8,) if spills else ():
            expected = {"zero": "0", "number": "7", "reg": held if is_known else ""}[what]
            assert stack[slot].reg == (reg(expected) if expected else None)
    for slot in range(-32, 0, 8):
        letters = "".join(model[at] for at in reversed(range(slot, slot + 8)))
        assert (stack[slot].bytes if slot in stack else "?" * 8) == letters
        assert slot not in stack or stack[slot].offset == slot


def test_an_atomic_addition_leaves_data_on_the_stack() -> None:
    added = insn("(db) lock *(u64 *)(r10 -8) += r6")
    after = Machine().executed(state("R6=0 R10=fp0 fp-8=ctx()"), 0, added)
    assert after[0].stack == {-8: StackSlot(-8, "m" * 8)}
