"""Limits of numbers as tight as the facts allow, and branches decided exactly when they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.log.state import parse_state
from bpfdoctor.machine.bits import S32_MAX, S32_MIN, S64_MAX, S64_MIN, U32_MAX, U64_MAX, unsigned
from bpfdoctor.machine.number import Bounds, bounds, bounds32
from bpfdoctor.machine.value import never_null, outcome
from bpfdoctor.model.trace import Insn, Op, Range, RegState, Tnum
from bpfdoctor.trace.digits import spelled

ANY, ANY32 = Bounds(S64_MIN, S64_MAX, 0, U64_MAX), Bounds(S32_MIN, S32_MAX, 0, U32_MAX)


def reg(text: str) -> RegState:
    state = parse_state(f"R1={text}")
    assert state is not None
    return state.regs["r1"]


@pytest.mark.parametrize(
    ("known", "limits"),
    [
        (Range(), ANY),
        (Range(smin=3, smax=9), Bounds(3, 9, 3, 9)),
        (Range(umin=3, umax=9), Bounds(3, 9, 3, 9)),
        (Range(smin=0), Bounds(0, S64_MAX, 0, S64_MAX)),
        (Range(smin=-1), Bounds(-1, S64_MAX, 0, U64_MAX)),  # -1 is the largest unsigned number
        (Range(smax=-1), Bounds(S64_MIN, -1, 1 << 63, U64_MAX)),
        (Range(smax=0), Bounds(S64_MIN, 0, 0, U64_MAX)),
        (Range(smin=-9, smax=-3), Bounds(-9, -3, unsigned(-9), unsigned(-3))),
        (Range(smin=-9, smax=3), Bounds(-9, 3, 0, U64_MAX)),
        (Range(umax=S64_MAX), Bounds(0, S64_MAX, 0, S64_MAX)),
        (Range(umax=S64_MAX + 1), Bounds(S64_MIN, S64_MAX, 0, S64_MAX + 1)),
        (Range(umin=S64_MAX), Bounds(S64_MIN, S64_MAX, S64_MAX, U64_MAX)),
        (Range(umin=S64_MAX + 1), Bounds(S64_MIN, -1, S64_MAX + 1, U64_MAX)),
        (Range(var_off=Tnum(0x10, 0xF)), Bounds(0x10, 0x1F, 0x10, 0x1F)),
        (Range(umin=0x12, umax=0x19, var_off=Tnum(0x10, 0xF)), Bounds(0x12, 0x19, 0x12, 0x19)),
        (Range(umin=0x2, umax=0x90, var_off=Tnum(0x10, 0xF)), Bounds(0x10, 0x1F, 0x10, 0x1F)),
        (Range(smin=2, smax=5, umin=3, umax=4), Bounds(3, 4, 3, 4)),
        (Range(smin=3, smax=4, umin=2, umax=5), Bounds(3, 4, 3, 4)),
    ],
)
def test_64_bit_limits_follow_from_what_is_printed(known: Range, limits: Bounds) -> None:
    assert bounds(known) == bounds(RegState("scalar", range=known)) == limits


@pytest.mark.parametrize(
    ("known", "limits"),
    [
        (Range(), ANY32),
        (Range(smin32=3, smax32=9), Bounds(3, 9, 3, 9)),
        (Range(umin32=3, umax32=9), Bounds(3, 9, 3, 9)),
        (Range(smin32=0), Bounds(0, S32_MAX, 0, S32_MAX)),
        (Range(smax32=-1), Bounds(S32_MIN, -1, 1 << 31, U32_MAX)),
        (Range(umin32=1 << 31), Bounds(S32_MIN, -1, 1 << 31, U32_MAX)),
        (Range(smin=3, smax=9), Bounds(3, 9, 3, 9)),  # the whole number is that small
        (Range(smin=-9, smax=3), Bounds(-9, 3, 0, U32_MAX)),
        (Range(smin=-9, smax=-3), Bounds(-9, -3, unsigned(-9, 32), unsigned(-3, 32))),
        (Range(smin=-9, smax=3, umin32=1, umax32=2), Bounds(1, 2, 1, 2)),
        (Range(smin=S32_MIN, smax=S32_MAX), ANY32),
        (Range(umin=7, umax=U32_MAX), Bounds(S32_MIN, S32_MAX, 7, U32_MAX)),
        (Range(umin=7, umax=U32_MAX + 1), ANY32),  # 2^32 has 0 in its lower half
        (Range(umin=7, umax=50, umin32=9, umax32=40), Bounds(9, 40, 9, 40)),
        (Range(umin=9, umax=40, umin32=7, umax32=50), Bounds(9, 40, 9, 40)),
        (Range(smin=S32_MIN - 1, smax=5), ANY32),
        (Range(smin=-5, smax=S32_MAX + 1), ANY32),
        (Range(smin=-9, smax=3, smin32=-4, smax32=8), Bounds(-4, 3, 0, U32_MAX)),
        (Range(var_off=Tnum(0x10, 0xF)), Bounds(0x10, 0x1F, 0x10, 0x1F)),
        (Range(var_off=Tnum(0x10, 0xF | 0xFF << 32)), Bounds(0x10, 0x1F, 0x10, 0x1F)),
        (Range(var_off=Tnum(0x10 | 1 << 40, 0xF)), Bounds(0x10, 0x1F, 0x10, 0x1F)),
        (Range(umin32=0x12, umax32=0x19, var_off=Tnum(0x10, 0xF)), Bounds(0x12, 0x19, 0x12, 0x19)),
        (Range(umin32=0x2, umax32=0x90, var_off=Tnum(0x10, 0xF)), Bounds(0x10, 0x1F, 0x10, 0x1F)),
    ],
)
def test_limits_of_the_lower_half_follow_from_what_is_printed(known: Range, limits: Bounds) -> None:
    assert bounds32(known) == bounds32(RegState("scalar", range=known)) == limits


@pytest.mark.parametrize(
    ("text", "whole", "half"),
    [
        ("7", Bounds(7, 7, 7, 7), Bounds(7, 7, 7, 7)),
        ("-1", Bounds(-1, -1, U64_MAX, U64_MAX), Bounds(-1, -1, U32_MAX, U32_MAX)),
        ("0x1fffffffe", Bounds(0x1FFFFFFFE, 0x1FFFFFFFE, 0x1FFFFFFFE, 0x1FFFFFFFE),
         Bounds(-2, -2, U32_MAX - 1, U32_MAX - 1)),
    ],
)  # fmt: skip
def test_a_constant_is_all_of_its_limits(text: str, whole: Bounds, half: Bounds) -> None:
    assert (bounds(reg(text)), bounds32(reg(text))) == (whole, half)
    assert whole.constant == whole.smin


def test_a_range_of_one_number_is_a_constant() -> None:
    assert bounds(Range(umin=4, umax=4)).constant == 4
    assert bounds(Range(umin=4, umax=5)).constant is None


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (1048575, "1048575"), (1048576, "0x100000"), (-1048575, "-1048575"), (-1048576, "-0x100000")],
)
def test_numbers_of_a_million_and_more_are_hexadecimal(number: int, text: str) -> None:
    assert spelled(number) == text


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("map_value(map=m,ks=4,vs=8)", True),
        ("map_value_or_null(id=1,map=m,ks=4,vs=8)", False),
        ("map_key(map=m,ks=4,vs=8)", True),
        ("sock()", True),
        ("tcp_sock()", True),
        ("sock_common()", True),
        ("trusted_ptr_task_struct()", True),
        ("ptr_task_struct(ref_obj_id=2)", True),
        ("ptr_task_struct()", False),
        ("rcu_ptr_task_struct()", False),
        ("untrusted_ptr_task_struct(ref_obj_id=2)", False),
        ("mem(sz=8)", True),
        ("mem()", False),
        ("pkt(r=8)", False),
        ("ctx()", False),
    ],
)
def test_pointers_that_a_comparison_with_null_does_not_split(text: str, is_known: bool) -> None:
    """Source: reg_not_null() in kernel/bpf/verifier.c."""
    assert never_null(reg(text)) is is_known


# Branches

_COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}
SMALL = st.tuples(st.integers(-6, 6), st.integers(0, 4)).map(lambda pair: (pair[0], sum(pair)))


@given(SMALL, SMALL, st.sampled_from(sorted(_COMPARE)), st.sampled_from([32, 64]), st.booleans())
def test_a_branch_is_decided_when_all_pairs_of_numbers_agree(
    left: tuple[int, int], right: tuple[int, int], operator: str, width: int, is_signed: bool
) -> None:
    (a, b), (c, d) = left, right
    if not is_signed:
        a, b, c, d = a + 6, b + 6, c + 6, d + 6
    answers = {_COMPARE[operator](x, y) for x in range(a, b + 1) for y in range(c, d + 1)}
    spelling = f"s{operator}" if is_signed and operator not in ("==", "!=") else operator
    branch = Insn(1, "", Op.BRANCH, dst="r1", src="r2", operator=spelling, width=width, target=4)
    found = outcome(branch, number(a, b, is_signed), number(c, d, is_signed))
    assert found is (answers.pop() if len(answers) == 1 else None)


def number(low: int, high: int, is_signed: bool) -> RegState:
    known = Range(smin=low, smax=high) if is_signed else Range(umin=low, umax=high)
    return RegState("scalar", range=known)


@pytest.mark.parametrize(
    ("operator", "left", "imm", "taken"),
    [
        ("&", "6", 3, True),
        ("&", "4", 3, False),
        ("&", "scalar(umax=7)", 8, None),
        ("==", "scalar(umin=5)", 4, False),
        ("!=", "scalar(umin=5)", 4, True),
        ("==", "scalar(smin=-9,smax=-3)", -10, False),
        ("==", "scalar(smin=-9,smax=3)", 4, False),
        ("==", "map_value(map=m,ks=4,vs=8)", 1, None),
        (">", "map_value(map=m,ks=4,vs=8)", 0, None),
        ("!=", "map_value(map=m,ks=4,vs=8)", 0, True),
        ("==", "map_value(map=m,ks=4,vs=8)", 0, False),
        ("~", "5", 5, None),
    ],
)
def test_a_comparison_with_a_number(operator: str, left: str, imm: int, taken: bool | None) -> None:
    branch = Insn(1, "", Op.BRANCH, dst="r1", imm=imm, operator=operator, target=4)
    assert outcome(branch, reg(left), None) is taken


@pytest.mark.parametrize(("width", "taken"), [(64, None), (32, True)])
def test_a_32_bit_comparison_looks_at_the_lower_half_only(width: int, taken: bool | None) -> None:
    branch = Insn(1, "", Op.BRANCH, dst="r1", imm=8, operator="<", width=width, target=4)
    assert outcome(branch, reg("scalar(umax32=7)"), None) is taken
    null = Insn(1, "", Op.BRANCH, dst="r1", imm=0, operator="==", width=width, target=4)
    assert outcome(null, reg("sock()"), None) is (False if width == 64 else None)


def test_what_is_compared_with_an_unknown_register_or_a_pointer_is_open() -> None:
    branch = Insn(1, "", Op.BRANCH, dst="r1", src="r2", operator="==", target=4)
    assert outcome(branch, reg("5"), None) is None
    assert outcome(branch, reg("5"), reg("ctx()")) is None
    assert outcome(branch, None, reg("5")) is None
    assert outcome(branch, reg("5"), reg("5")) is True
    assert outcome(Insn(1, "", Op.GOTO, dst="r1", src="r2", target=4), reg("5"), reg("5")) is None
