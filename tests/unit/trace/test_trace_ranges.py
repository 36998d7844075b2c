"""Numbers: what is certain of them, and how that is said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.machine.bits import signed, unsigned
from bpfdoctor.machine.number import bounds, bounds32
from bpfdoctor.model.trace import Range, RegState, Tnum
from bpfdoctor.trace.ranges import in_words, insn_in_words, offset_in_words, step_in_words
from bpfdoctor.transcript.insn import parse_insn
from bpfdoctor.transcript.state import parse_state
from tests.unit.trace.trace_logs import captured, trace

MASK = (1 << 64) - 1
WORDS = st.one_of(
    st.integers(0, MASK), st.integers(0, 300), st.integers(MASK - 300, MASK), st.integers(0, 1 << 33)
)


def reg(text: str) -> RegState:
    state = parse_state(f"R1={text}")
    assert state is not None
    return state.regs["r1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5", "5"),
        ("-22", "-22"),
        ("0xffffffff", "0xffffffff"),
        ("scalar()", "any 64-bit number"),
        ("inv(id=0)", "any 64-bit number"),
        ("scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))", "any 32-bit number"),
        ("inv(id=0,umax_value=255,var_off=(0x0; 0xff))", "0..255"),
        ("scalar(smin=smin32=0,smax=umax=smax32=umax32=252,var_off=(0x0; 0xfc))", "0..252, a multiple of 4"),
        ("scalar(smin=0,smax=umax=255,var_off=(0x2; 0xfc))", "2..254, a multiple of 4 plus 2"),
        ("scalar(smin=0,smax=umax=254,var_off=(0x0; 0xfe))", "0..254, even"),
        ("scalar(smax=29)", "a negative number or 0..29"),
        ("scalar(smin=-16,smax=29)", "-16..29"),
        ("scalar(smin=-16)", "-16 or more"),
        ("scalar(smax=-1)", "a negative number"),
        ("scalar(umin=1)", "any 64-bit number but 0"),
        ("scalar(smax32=7)", "any 64-bit number, lower 32 bits 0..7 or negative"),
        ("scalar(umax32=7)", "any 64-bit number, lower 32 bits 0..7"),
        ("scalar(smin32=-1,smax32=100)", "any 64-bit number, lower 32 bits -1..100"),
        ("scalar(var_off=(0x1; 0xfffffffffffffffe))", "an odd number"),
        ("scalar(var_off=(0x0; 0xfffffffffffffff8))", "a multiple of 8"),
        ("scalar(umin=1,smin=1)", "a positive number"),
        ("scalar(smin=0)", "0 or more"),
        ("scalar(smin=-2147483648,smax=2147483647)", "any signed 32-bit number"),
        ("scalar(smin=0,smax=umax=8,var_off=(0x0; 0x8))", "0 or 8"),
        ("map_value_or_null(id=1,map=counts,ks=4,vs=8)", "map value of counts or NULL"),
        ("map_value(map=counts,ks=4,vs=8,smin=0,smax=umax=1008,var_off=(0x0; 0x3f8))",
         "map value of counts, offset 0..1008, a multiple of 8"),
        ("map_value(off=20,ks=4,vs=64,imm=0)", "map value, offset 20"),
        ("fp-16", "stack at fp-16"),
        ("fp0", "stack, frame pointer"),
        ("fp[0]-8", "stack of frame 0 at fp-8"),
        ("fp(smin=-16,smax=-1,var_off=(0xfffffffffffffff0; 0xf))", "stack at fp-16..fp-1"),
        ("pkt(off=14,r=34)", "packet pointer, offset 14, 34 bytes checked"),
        ("pkt(r=0)", "packet pointer, no bytes checked"),
        ("pkt_end()", "end of the packet"),
        ("trusted_ptr_task_struct()", "trusted pointer to struct task_struct"),
        ("rcu_ptr_or_null_task_struct(id=2)", "RCU-protected pointer to struct task_struct or NULL"),
        ("mem_or_null(id=5,ref_obj_id=2,sz=32)", "memory of 32 bytes or NULL"),
        ("map_ptr(map=counts,ks=4,vs=8)", "map counts"),
        ("something_new(x=1)", "something_new pointer"),
    ],
)  # fmt: skip
def test_registers_in_words(text: str, words: str) -> None:
    assert in_words(reg(text)) == words


def test_a_range_alone_in_words() -> None:
    assert in_words(Range(umin=3, umax=9)) == "3..9"


def test_offsets_in_words() -> None:
    assert (
        offset_in_words(reg("map_value(map=m,ks=4,vs=8,off=4,smin=0,smax=umax=12,var_off=(0x0; 0xc))"))
        == "4..16"
    )
    assert offset_in_words(reg("map_value(map=m,ks=4,vs=8,off=4,smin=-4)")) == "4 + -4 or more"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(71) r1 = *(u8 *)(r0 +36)", "reads 1 byte at r0+36 into r1"),
        ("(7b) *(u64 *)(r10 -8) = r1", "writes r1 to 8 bytes at fp-8"),
        ("(b4) w2 = 32", "r2 = 32 (32 bits)"),
        ("(15) if r0 == 0x0 goto pc+4", "asks whether r0 == 0"),
        ("(85) call bpf_map_lookup_elem#1", "calls bpf_map_lookup_elem"),
        ("(85) call pc+5", "calls the function at instruction 13"),
        ("(0f) r0 += r1", "r0 += r1"),
        ("(95) exit", "returns"),
    ],
)
def test_instructions_in_words(text: str, words: str) -> None:
    insn = parse_insn(7, text)
    assert insn is not None
    assert insn_in_words(insn) == words


def test_steps_in_words() -> None:
    found = trace(
        "7: (15) if r1 == 0x0 goto pc+4     ; R1=scalar(umin=1)\n8: (61) r2 = *(u32 *)(r1 +0)    ; R2=7\n"
    )
    assert [step_in_words(step) for step in found.steps()] == [
        "8: reads 4 bytes at r1+0 into r2; r2 is 7".replace("r1+0", "r1"),
        "7: asks whether r1 == 0: no; r1 is any 64-bit number but 0",
    ]


@pytest.mark.parametrize("name", ["spills", "padded", "rounds"])
def test_every_step_of_a_real_log_has_words(name: str) -> None:
    steps = [*captured(name, 1).steps()]
    assert len(steps) > 10
    for step in steps:
        assert step_in_words(step).startswith(f"{step.insn.index}: ")


# Bounds


@st.composite
def scalars(draw: st.DrawFn) -> tuple[RegState, int]:
    """A scalar of which something true is printed, and its (unsigned) value."""
    value = draw(WORDS)
    low, high = signed(value), value
    below, above = st.integers(0, 1000), st.integers(0, 1000)
    fields: dict[str, Any] = {
        "smin": max(low - draw(below), -(1 << 63)),
        "smax": min(low + draw(above), (1 << 63) - 1),
        "umin": max(high - draw(below), 0),
        "umax": min(high + draw(above), MASK),
        "smin32": max(signed(value, 32) - draw(below), -(1 << 31)),
        "umax32": min(unsigned(value, 32) + draw(above), 0xFFFFFFFF),
        "var_off": Tnum(value & ~0xFF & MASK, 0xFF),
    }
    printed = draw(st.sets(st.sampled_from(sorted(fields))))
    return RegState("scalar", range=Range(**{name: fields[name] for name in printed})), value


@given(scalars())
def test_bounds_hold_the_value(scalar: tuple[RegState, int]) -> None:
    register, value = scalar
    whole, low = bounds(register), bounds32(register)
    assert whole.umin <= value <= whole.umax
    assert whole.smin <= signed(value) <= whole.smax
    assert low.umin <= unsigned(value, 32) <= low.umax
    assert low.smin <= signed(value, 32) <= low.smax
    assert in_words(register)


def said_of(words: str, number: int) -> bool:
    """Whether a sentence about a 64-bit number, as in_words makes them, is true of one (unsigned)."""
    value = signed(number)
    words, _, lower = words.partition(", lower 32 bits ")
    if lower:
        half = number & 0xFFFFFFFF
        half = half - (1 << 32) if half >> 31 and (lower.startswith("-") or "or " in lower) else half
        negative = half < 0 and lower.endswith("negative")
        if not negative and not said_of(lower.removesuffix(" or negative"), half & MASK):
            return False
    pattern = re.search(
        r"(?:^|, )(?:an? )?(odd|even)(?: number)?$|a multiple of (\w+)(?: plus (\w+))?$", words
    )
    if pattern is not None:
        unit = int(pattern[2], 0) if pattern[2] else 2
        rest = int(pattern[3], 0) if pattern[3] else int(pattern[1] == "odd")
        if number % unit != rest:
            return False
        words = words[: pattern.start()].removesuffix(", ")
    span = re.fullmatch(r"(-?\w+)\.\.(-?\w+)( \(unsigned\))?", words)
    if span is not None:
        return int(span[1], 0) <= (number if span[3] else value) <= int(span[2], 0)
    if (more := re.fullmatch(r"(-?\w+) or more", words)) is not None:
        return value >= int(more[1], 0)
    if (either := re.fullmatch(r"(\w+) or (\w+)", words)) is not None:
        return number in (int(either[1], 0), int(either[2], 0))
    if (some := re.fullmatch(r"a negative number or 0\.\.(\w+)", words)) is not None:
        return value <= int(some[1], 0)
    if (most := re.fullmatch(r"a negative number, at most (-\w+)", words)) is not None:
        return value <= int(most[1], 0)
    known = {
        "": True,
        "a negative number": value < 0,
        "a positive number": value > 0,
        "any 32-bit number": number < 1 << 32,
        "any signed 32-bit number": -(1 << 31) <= value < 1 << 31,
        "any 64-bit number": True,
        "any 64-bit number but 0": number != 0,
    }
    if words in known:
        return known[words]
    return value == int(words, 0)


@given(WORDS, WORDS, WORDS, WORDS, st.integers(0, 6))
def test_the_words_are_true_of_every_number_the_range_allows(
    value: int, mask: int, below: int, above: int, low_bits: int
) -> None:
    mask &= ~((1 << low_bits) - 1)
    lowest, highest = max(0, value - below), min(MASK, value + above)
    known = Range(umin=lowest, umax=highest, var_off=Tnum(value & ~mask & MASK, mask))
    assert said_of(in_words(known), value), in_words(known)
    mine = signed(value)
    known = Range(smin=max(-(1 << 63), mine - below), smax=min((1 << 63) - 1, mine + above))
    assert said_of(in_words(known), value), in_words(known)
