"""Numbers: what is certain of them, and how that is said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.log.insn import parse_insn
from bpfdoctor.log.state import parse_state
from bpfdoctor.machine.bits import signed, unsigned
from bpfdoctor.machine.number import bounds, bounds32
from bpfdoctor.model.trace import Range, RegState, Tnum
from bpfdoctor.trace.ranges import in_words, insn_in_words, offset_in_words, slot_in_words, step_in_words
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
        ("pkt", "packet pointer"),
        ("pkt(off=1,r=1,imm=0)", "packet pointer, offset 1, 1 byte checked"),
        ("pkt(id=1,off=14,r=22,umax=60,var_off=(0x0; 0x3c))",
         "packet pointer, offset 14..74, 8 bytes checked behind it"),
        ("pkt(id=1,off=22,r=22,umax=60,var_off=(0x0; 0x3c))",
         "packet pointer, offset 22..82, no bytes checked behind it"),
        ("ringbuf_mem_or_null(id=2,sz=72)", "ring buffer record of 72 bytes or NULL"),
        ("alloc_mem(ref_obj_id=3,off=0,imm=0)", "ring buffer record"),
        ("ptr_deadline(non_own_ref,off=8)", "non-owning pointer to struct deadline, offset 8"),
        ("scalar(umax=4294967295,var_off=(0x0; 0xffffffff),s32_min=-8,s32_max=8)",
         "any 32-bit number, lower 32 bits -8..8"),
        ("pkt_end()", "end of the packet"),
        ("trusted_ptr_task_struct()", "trusted pointer to struct task_struct"),
        ("rcu_ptr_or_null_task_struct(id=2)", "RCU-protected pointer to struct task_struct or NULL"),
        ("mem_or_null(id=5,ref_obj_id=2,sz=32)", "memory of 32 bytes or NULL"),
        ("map_ptr(map=counts,ks=4,vs=8)", "map counts"),
        ("something_new(x=1)", "something_new pointer"),
        ("scalar(smax=0)", "a negative number or 0"),
        ("scalar(var_off=(0x0; 0xfffffffffffffffe))", "an even number"),
        ("scalar(smax=-5)", "a negative number, at most -5"),
        ("scalar(smin=-9,smax=-5)", "-9..-5"),
        ("scalar(smin=5)", "5 or more"),
        ("scalar(umin=5)", "5..0xffffffffffffffff (unsigned)"),
        ("scalar(umin=1,umax=0xfffffffffffffff0)", "1..0xfffffffffffffff0 (unsigned)"),
        ("scalar(umax=0xfffffffffffffff0)", "0..0xfffffffffffffff0 (unsigned)"),
        ("scalar(smin=-5,smax=0x7ffffffffffffffe)", "-5..0x7ffffffffffffffe"),
        ("scalar(smin=-0x7fffffffffffffff)", "-0x7fffffffffffffff or more"),
        ("scalar(smin=-2147483648,smax=2147483646)", "-0x80000000..0x7ffffffe"),
        ("scalar(smin=0,smax=umax=0xffffffff,umin=1)", "1..0xffffffff"),
        ("scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xfffffffc))", "0..0xfffffffc, a multiple of 4"),
        ("scalar(smin=-7,smax=9,var_off=(0x1; 0xfffffffffffffffe))", "-7..9, odd"),
        ("scalar(smax=0x7fffffff00000000,umax=0xffffffff00000000,var_off=(0x0; 0xffffffff00000000))",
         "a multiple of 0x100000000"),
        ("scalar(smin=1,var_off=(0x1; 0x7ffffffffffffffe))", "a positive number, odd"),
        ("scalar(umin=3,umax=7,var_off=(0x3; 0x4))", "3 or 7"),
        ("scalar(umin=4,umax=7,var_off=(0x3; 0x4))", "4..7, a multiple of 4 plus 3"),
        ("scalar(umin=3,umax=6,var_off=(0x3; 0x4))", "3..6, a multiple of 4 plus 3"),
        ("scalar(var_off=(0x4; 0xfffffffffffffff8))", "a multiple of 8 plus 4"),
        ("scalar(smin=0,smax=umax=0x200000,var_off=(0x0; 0x300000))", "0..0x200000, a multiple of 0x100000"),
        # of which only the lower half was compared
        ("scalar(smin32=-5)", "any 64-bit number, lower 32 bits -5 or more"),
        ("scalar(smin32=-5,smax32=-2)", "any 64-bit number, lower 32 bits 0xfffffffb..0xfffffffe"),
        ("scalar(smax32=0)", "any 64-bit number, lower 32 bits 0 or negative"),
        ("scalar(umin32=5)", "any 64-bit number, lower 32 bits 5..0xffffffff"),
        ("scalar(smin32=7,smax32=7)", "any 64-bit number, lower 32 bits 7"),
        ("scalar(smin=-1,smax=0xffffffff,smin32=-5)", "-1..0xffffffff, lower 32 bits -5 or more"),
        ("scalar(smin=-1,smax=0xfffffffe,smin32=-5)", "-1..0xfffffffe"),
        # pointers
        ("fp(smin=-16)", "stack at fp + -16 or more"),
        ("fp(smax=-16)", "stack at fp + a negative number, at most -16"),
        ("fp(off=-16,smin=0,smax=8)", "stack at fp-16..fp-8"),
        ("fp[1](off=-16,smin=0,smax=8)", "stack of frame 1 at fp-16..fp-8"),
        ("mem()", "memory"),
        ("ptr_()", "kernel pointer"),
        ("map_ptr()", "map"),
        ("mem(map=m,sz=8)", "memory of m"),
        ("rdonly_mem(sz=8)", "read-only memory of 8 bytes"),
        ("untrusted_rcu_ptr_x()", "untrusted RCU-protected pointer to struct x"),
        ("map_value_or_null(map=m,off=8)", "map value of m or NULL, offset 8"),
        ("map_value(map=m,smin=-9)", "map value of m, offset -9 or more"),
        ("pkt_meta(off=4,r=0)", "packet metadata pointer, offset 4, no bytes checked"),
        ("pkt_meta(r=8)", "packet metadata pointer, 8 bytes checked"),
        ("pkt(r=1)", "packet pointer, 1 byte checked"),
        ("pkt(id=3,off=14,r=-1)", "packet pointer, offset 14, no bytes checked"),
        ("pkt()", "packet pointer"),
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
    assert offset_in_words(reg("map_value(off=4,smax=-4)")) == "4 + a negative number, at most -4"
    assert offset_in_words(reg("map_value(smax=-4)")) == "a negative number, at most -4"
    assert offset_in_words(reg("map_value(off=4,smin=-4,smax=8)")) == "0..12"
    assert offset_in_words(reg("map_value(off=4)")) == "4"
    assert offset_in_words(reg("map_value()")) == "0"


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
        ("(bf) r1 = r2", "r1 = r2"),
        ("(bf) r1 = (s8)r2", "r1 = (s8)r2"),
        ("(b7) r1 = 4194304", "r1 = 0x400000"),
        ("(79) r1 = *(u64 *)(r10 -8)", "reads 8 bytes at fp-8 into r1"),
        ("(71) r1 = *(u8 *)(r2 -4)", "reads 1 byte at r2-4 into r1"),
        ("(61) r1 = *(u32 *)(r2 +0)", "reads 4 bytes at r2 into r1"),
        ("(30) r0 = *(u8 *)skb[23]", "r0 = *(u8 *)skb[23]"),
        ("(62) *(u32 *)(r1 +4) = 7", "writes 7 to 4 bytes at r1+4"),
        ("(72) *(u8 *)(r10 -1) = 7", "writes 7 to 1 byte at fp-1"),
        ("(db) lock *(u64 *)(r1 +0) += r2", "changes 8 bytes at r1 atomically"),
        ("(1d) if r1 == r2 goto pc+4", "asks whether r1 == r2"),
        ("(05) goto pc+4", "goes on at instruction 12"),
        ("(0d) gotox r1", "gotox r1"),
        ("(85) call bpf_task_release#60000", "calls bpf_task_release"),
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


def test_what_a_step_leaves_in_its_register_is_said() -> None:
    found = trace(
        "1: (85) call bpf_get_prandom_u32#7     ; R0=7\n2: (bf) r6 = r0    ; R0=7 R6=7\n"
        "3: (7b) *(u64 *)(r10 -8) = r6   ; R6=7 R10=fp0 fp-8=7\n4: (55) if r6 != 0x0 goto pc+1\n"
        "6: (95) exit\n"
    )
    assert [step_in_words(step) for step in found.steps()] == [
        "6: returns",
        "4: asks whether r6 != 0: yes",
        "3: writes r6 to 8 bytes at fp-8",
        "2: r6 = r0; r6 is 7",
        "1: calls bpf_get_prandom_u32; r0 is 7",
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
    if words == "a negative number or 0":
        return value <= 0
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mmmmmmmm", "data"),
        ("dddddddd", "a dynptr"),
        ("ffffffff", "saved interrupt flags"),
        ("?0000???", "3 bytes not written, 4 bytes zero, 1 byte not written"),
        ("ddmmmmmm", "6 bytes data, 2 bytes of a dynptr"),
        ("map_value", "map value"),
        ("inv", "a number"),
        ("", "a number"),
        ("scalar(id=1,smin=0,smax=umax=255,var_off=(0x0; 0xff))", "0..255"),
        ("0000??scalar(id=2,smin=0,smax=umax=0xffff,var_off=(0x0; 0xffff))",
         "2 bytes (0..65535), 2 bytes not written, 4 bytes zero"),
        ("pppp2", "4 bytes (2), 4 bytes not readable"),
        ("iter_num(id=1,state=active,depth=2)", "iterator (num), active"),
        ("dynptr_ringbuf(id=3,parent_id=1)", "dynptr (ringbuf)"),
    ],
)  # fmt: skip
def test_a_slot_of_the_stack_in_words(text: str, words: str) -> None:
    state = parse_state(f"fp-8={text}")
    assert state is not None
    assert slot_in_words(state.stack[-8]) == words
