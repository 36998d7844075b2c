"""What a verifier of any skills knows is true of every run, and its skills tell what they are for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.machine.bits import calculate, signed, unsigned
from bpfdoctor.machine.capabilities_since import Skill
from bpfdoctor.machine.distance import number
from bpfdoctor.machine.number import Impossible
from bpfdoctor.machine.state import State
from bpfdoctor.machine.verifier import Verifier
from bpfdoctor.model.trace import Insn, Op, RegState
from tests.unit.machine.numbers import VALUES
from tests.unit.machine.states import insn, reg, state

NAMES = ("r1", "r2", "r3")
ALU = ("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "s>>=")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "s<", "s<=", "s>", "s>=", "&")
WIDTHS = st.sampled_from((32, 64))
NAME = st.sampled_from(NAMES)
IMMEDIATE = st.integers(-8, 40) | st.sampled_from((255, 0x7FFFFFFF, -0x80000000))
OPERAND = st.one_of(
    st.builds(lambda name: {"src": name}, NAME), st.builds(lambda imm: {"imm": imm}, IMMEDIATE)
)


def _insn(
    op: Op, operator: str | None = None, dst: str | None = None, width: int = 64, **more: object
) -> Insn:
    return Insn(0, "", op, dst=dst, operator=operator, width=width, **more)  # type: ignore[arg-type]


SIZE, SLOT = st.sampled_from((1, 2, 4, 8)), st.sampled_from((-16, -8))
CAST, SWAP = st.sampled_from(("s8", "s16")), st.sampled_from(("be16", "be32", "bswap64"))


def _at(op: Op, register: str, size: int, off: int) -> Insn:
    names = {"src": register, "dst": "r10"} if op is Op.STORE else {"src": "r10", "dst": register}
    return _insn(op, size=size, off=off, **names)  # type: ignore[arg-type]


INSNS = st.one_of(
    st.builds(lambda d, w, o: _insn(Op.MOVE, "=", d, w, **o), NAME, WIDTHS, OPERAND),
    st.builds(lambda d, w, s, k: _insn(Op.MOVE, k, d, w, src=s), NAME, WIDTHS, NAME, CAST),
    st.builds(lambda d, w, o, k: _insn(Op.ALU, k, d, w, **o), NAME, WIDTHS, OPERAND, st.sampled_from(ALU)),
    st.builds(lambda d, w: _insn(Op.ALU, "-", d, w, src=d), NAME, WIDTHS),
    st.builds(lambda d, k: _insn(Op.ALU, k, d, src=d), NAME, SWAP),
    st.builds(_at, st.sampled_from((Op.STORE, Op.LOAD)), NAME, SIZE, SLOT),
    st.builds(
        lambda d, w, o, k: _insn(Op.BRANCH, k, d, w, target=9, **o),
        NAME, WIDTHS, OPERAND, st.sampled_from(COMPARISONS),
    ),
)  # fmt: skip


class Processor:
    """Runs the same instructions with numbers."""

    def __init__(self, values: Sequence[int]) -> None:
        self.regs = {name: unsigned(value) for name, value in zip(NAMES, values, strict=True)}
        self.stack = bytearray(16)

    def run(self, each: Insn) -> bool | None:
        """Whether a branch is taken."""
        operand = self.regs[each.src] if each.src in self.regs else unsigned(each.imm or 0)
        at = (each.off or 0) + 16
        if each.op is Op.BRANCH:
            return self._taken(each, operand)
        if each.op is Op.STORE:
            size = each.size or 0
            self.stack[at : at + size] = unsigned(operand, 8 * size).to_bytes(size, "little")
        elif each.op is Op.LOAD:
            self.regs[each.dst or ""] = int.from_bytes(self.stack[at : at + (each.size or 0)], "little")
        else:
            self.regs[each.dst or ""] = unsigned(self._result(each, operand), each.width)
        return None

    def _result(self, each: Insn, operand: int) -> int:
        operator, old = each.operator or "", self.regs[each.dst or ""]
        if each.op is Op.MOVE:
            return signed(operand, int(operator[1:])) if operator != "=" else operand
        if operator == "-":
            return -old
        if operator[0] == "b":
            size = int(operator.lstrip("beswap")) // 8
            return int.from_bytes(unsigned(old, 8 * size).to_bytes(size, "little"), "big")
        found = calculate(operator, old, operand, each.width)
        assert found is not None
        return found

    def _taken(self, each: Insn, operand: int) -> bool:
        operator = each.operator or ""
        read = signed if operator.startswith("s") else unsigned
        a, b = read(self.regs[each.dst or ""], each.width), read(operand, each.width)
        plain = operator.removeprefix("s")
        known = {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}
        return known[plain] if plain in known else a & b != 0


@settings(max_examples=300)
@given(
    st.lists(VALUES, min_size=3, max_size=3),
    st.lists(INSNS, min_size=1, max_size=12),
    st.sets(st.sampled_from(list(Skill))) | st.just(set(Skill)),
)
def test_what_is_known_is_true_of_every_run(values: list[int], insns: list[Insn], skills: set[Skill]) -> None:
    processor, verifier = Processor(values), Verifier(skills)
    known = state("R1=scalar() R2=scalar() R3=scalar() R10=fp0")
    for each in insns:
        for name in NAMES:
            known = verifier.told(known, 0, name, RegState("scalar"))
        taken = processor.run(each)
        if taken is None:
            known = verifier.executed(known, 0, each)
        else:
            known = verifier.branched(known, 0, each, taken)
        for name, value in processor.regs.items():
            assert number(known[0].regs.get(name)).holds(signed(value)), name
        for off, slot in known[0].stack.items():
            if slot.reg is not None and slot.bytes == "r" * 8:
                held = int.from_bytes(processor.stack[off + 16 : off + 24], "little")
                assert number(slot.reg).holds(signed(held))


def walked(skills: set[Skill], before: str, *texts: str) -> State:
    """A state after instructions; of a branch with "yes " or "no " in front."""
    verifier = Verifier(skills)
    known: State = {}
    for name, held in state(before)[0].regs.items():
        known = verifier.told(known, 0, name, held)
    for text in texts:
        taken, _, branch = text.partition(" (")
        if taken in ("yes", "no"):
            known = verifier.branched(known, 0, insn(f"({branch}"), taken == "yes")
        else:
            known = verifier.executed(known, 0, insn(text))
    return known


def most(known: State, name: str) -> int:
    return number(known[0].regs.get(name)).whole.umax


ABOVE = "no (25) if {} > 0xf goto pc+4"
ANY, BYTE, WORD = "scalar()", "scalar(smin=0,smax=umax=255,var_off=(0x0; 0xff))", "scalar(umax=0xffffffff)"


@pytest.mark.parametrize(
    ("skill", "before", "texts", "register", "limit"),
    [
        (Skill.MODULO, f"R1={ANY}", ["(97) r1 %= 16"], "r1", 15),
        (Skill.DIVISION, f"R1={WORD}", ["(37) r1 /= 65536"], "r1", 65535),
        (Skill.NEGATION, "R1=scalar(smin=-7,smax=0)", ["(87) r1 = -r1"], "r1", 7),
        (Skill.NEGATIVE_FACTOR, "R1=scalar(smin=-7,smax=0)", ["(27) r1 *= -2"], "r1", 14),
        (Skill.REGISTER_OPERAND, f"R1={BYTE} R2={BYTE}", ["(4f) r1 |= r2"], "r1", 255),
        (Skill.SWAPPED_BYTES, f"R1={BYTE}", ["(dc) r1 = be16 r1", "(77) r1 >>= 8"], "r1", 255),
        (Skill.OTHER_VARIABLE, f"R1={ANY} R2={BYTE}", ["yes (ad) if r1 < r2 goto pc+4"], "r1", 254),
        (Skill.NOT_EQUAL, f"R1={BYTE}", ["no (15) if r1 == 0xff goto pc+4"], "r1", 254),
        (Skill.SUM, f"R1={BYTE}", ["(bf) r2 = r1", "(07) r2 += 4", ABOVE.format("r2")], "r1", 11),
        (Skill.NUMBER_ON_STACK, f"R1={ANY} R10=fp0",
         ["(7b) *(u64 *)(r10 -8) = r1", ABOVE.format("r1"), "(79) r2 = *(u64 *)(r10 -8)"], "r2", 15),
        (Skill.NUMBER_ON_STACK, f"R1={WORD} R10=fp0",
         ["(63) *(u32 *)(r10 -8) = r1", ABOVE.format("r1"), "(61) r2 = *(u32 *)(r10 -8)"], "r2", 15),
        (Skill.COPY_OF_32_BITS, f"R1={WORD}", ["(bc) w2 = w1", ABOVE.format("r2")], "r1", 15),
    ],
)  # fmt: skip
def test_a_skill_tells_what_a_verifier_without_it_does_not_know(
    skill: Skill, before: str, texts: list[str], register: str, limit: int
) -> None:
    assert most(walked({skill}, before, *texts), register) == limit
    assert most(walked(set(Skill) - {skill}, before, *texts), register) > limit


def test_a_sum_of_32_bits_limits_what_it_was_made_of() -> None:
    texts = ["(bf) r2 = r1", "(04) w2 += 4", "no (a5) if r2 < 0x4 goto pc+4", ABOVE.format("r2")]
    assert most(walked({Skill.SUM_OF_32_BITS}, f"R1={WORD}", *texts), "r1") == 11
    assert most(walked({Skill.SUM}, f"R1={WORD}", *texts), "r1") == 0xFFFFFFFF
    assert most(walked({Skill.SUM_OF_32_BITS}, f"R1={WORD}", *texts[:2], texts[3]), "r1") == 0xFFFFFFFF


@pytest.mark.parametrize("skills", [{Skill.SAME_ADDRESS}, set[Skill]()])
def test_a_pointer_that_equals_one_that_is_not_null_is_not_null(skills: set[Skill]) -> None:
    pair = "R1=map_value(map=m,ks=4,vs=8) R2=map_value_or_null(id=2,map=m,ks=4,vs=8)"
    equal = walked(skills, pair, "(bf) r6 = r2", "yes (1d) if r1 == r2 goto pc+4")
    assert [equal[0].regs[name].nullable for name in ("r2", "r6")] == [not skills] * 2
    other = walked(skills, pair, "(bf) r6 = r2", "no (1d) if r1 == r2 goto pc+4")
    assert other[0].regs["r2"].nullable


def test_a_branch_that_cannot_go_this_way_is_impossible() -> None:
    with pytest.raises(Impossible):
        walked(set(), f"R1={BYTE}", "yes (25) if r1 > 0x1ff goto pc+4")


def test_what_is_printed_is_believed_besides_what_is_known() -> None:
    verifier = Verifier({Skill.MODULO})
    known = verifier.told({}, 0, "r1", reg(ANY))
    known = verifier.executed(known, 0, insn("(97) r1 %= 16"))
    known = verifier.executed(known, 0, insn("(bf) r2 = r1"))
    known = verifier.told(known, 0, "r1", reg("scalar(umin=8)"))
    assert number(known[0].regs["r2"]).whole[:2] == (8, 15)  # of its copy, too
    with pytest.raises(Impossible):
        verifier.told(known, 0, "r2", reg("scalar(umin=99)"))
    assert verifier.told(known, 0, "r2", reg("map_value(off=4,ks=4,vs=8)"))[0].regs["r2"].off == 4


def test_pointers_know_how_far_they_are_from_their_object() -> None:
    known = walked({Skill.MODULO}, f"R1=map_value(off=4,ks=4,vs=8) R2={ANY}", "(97) r2 %= 8", "(0f) r1 += r2")
    assert number(known[0].regs["r1"]).whole[:2] == (4, 11)
    known = walked({Skill.MODULO}, f"R1=map_value(off=4,ks=4,vs=8) R2={ANY}", "(97) r2 %= 8", "(0f) r2 += r1")
    assert number(known[0].regs["r2"]).whole[:2] == (4, 11)


def test_a_call_that_may_write_anywhere_forgets_the_stack() -> None:
    stored = ["(7b) *(u64 *)(r10 -8) = r6", "(85) call bpf_probe_read_kernel#113"]
    assert walked({Skill.NUMBER_ON_STACK}, f"R6={BYTE} R10=fp0", *stored)[0].stack == {}
    given = f"R6={BYTE} R2=4 R10=fp0"
    known = walked({Skill.NUMBER_ON_STACK}, given, stored[0], "(bf) r1 = r10", "(07) r1 += -16", stored[1])
    assert set(known[0].stack) == {-8, -16} and known[0].stack[-8].reg is not None
