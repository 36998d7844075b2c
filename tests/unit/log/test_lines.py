"""One line in, one value out: the forms that differ between kernels, and text that is none of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor import statistics
from bpfdoctor.log.insn import parse_insn
from bpfdoctor.log.line import (
    CallLine,
    CallSide,
    CommentLine,
    FromLine,
    InsnLine,
    Line,
    MessageLine,
    ReportLine,
    StateLine,
    StatsLine,
    TableLine,
    UnknownLine,
)
from bpfdoctor.log.lines import parse
from bpfdoctor.log.state import at_once, parse_state
from bpfdoctor.model.report import Stats
from bpfdoctor.model.trace import Comment, FrameState, Insn, Op, RegState, Tnum


def insn(text: str) -> Insn:
    line = parse(text)
    assert isinstance(line, InsnLine)
    return line.insn


def state(text: str) -> FrameState:
    found = parse_state(text)
    assert found is not None
    return found


def reg(text: str) -> RegState:
    return state(f"R1={text}").regs["r1"]


# Instructions


def test_a_branch_knows_where_it_goes() -> None:
    branch = insn("7: (15) if r0 == 0x0 goto pc+4")
    assert (branch.op, branch.dst, branch.operator, branch.imm, branch.target) == (
        Op.BRANCH,
        "r0",
        "==",
        0,
        12,
    )


def test_a_backward_goto_and_a_call_count_from_the_next_instruction() -> None:
    assert insn("12: (05) goto pc-5").target == 8
    assert insn("4: (85) call pc+5").target == 10


def test_immediates_of_branches_are_signed_32_bit() -> None:
    assert insn("3: (a5) if r1 < 0xfffffff0 goto pc+1").imm == -16


def test_w_registers_are_r_registers_of_32_bits() -> None:
    move = insn("2: (b4) w7 = -1")
    assert (move.dst, move.imm, move.width) == ("r7", -1, 32)


@pytest.mark.parametrize(
    ("text", "kind_", "name", "number"),
    [
        ("call bpf_map_lookup_elem#1", "helper", "bpf_map_lookup_elem", 1),
        ("call bpf_iter_num_new#64256", "kfunc", "bpf_iter_num_new", 64256),
        ("call unknown#195896080", "unknown", "unknown", 195896080),
        ("call pc+52", "subprog", "pc+52", None),
    ],
)
def test_kinds_of_calls(text: str, kind_: str, name: str, number: int | None) -> None:
    call = insn(f"9: (85) {text}")
    assert (call.callee_kind, call.callee, call.callee_id) == (kind_, name, number)


def test_memory_accesses_have_base_offset_and_size() -> None:
    load, store = insn("8: (61) r3 = *(u32 *)(r0 +12)"), insn("9: (7a) *(u64 *)(r10 -16) = 5")
    assert (load.src, load.off, load.size, load.dst) == ("r0", 12, 4, "r3")
    assert (store.dst, store.off, store.size, store.imm) == ("r10", -16, 8, 5)


@pytest.mark.parametrize(
    ("text", "register"),
    [
        ("(bf) r1 = r2", "r1"),
        ("(71) r3 = *(u8 *)(r0 +0)", "r3"),
        ("(7b) *(u64 *)(r10 -8) = r1", None),
        ("(db) lock *(u64 *)(r1 +0) += r2", None),
        ("(db) r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)", "r2"),
        ("(db) r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)", "r0"),
        ("(15) if r0 == 0x0 goto pc+1", None),
    ],
)
def test_the_register_an_instruction_overwrites(text: str, register: str | None) -> None:
    found = parse_insn(0, text)
    assert found is not None
    assert found.written == register


def test_libbpf_puts_a_note_where_the_instruction_was() -> None:
    assert insn("5: <invalid kfunc call>").op is Op.OTHER


# States


def test_the_state_behind_an_instruction() -> None:
    line = parse(
        "8: (71) r1 = *(u8 *)(r0 +0)           ; R0_w=map_value(off=0,ks=8,vs=48,imm=0) R1_w=scalar(umax=255)"
    )
    assert isinstance(line, InsnLine)
    assert line.printed is not None
    assert line.printed.regs["r0"].value_size == 48
    assert line.printed.regs["r1"].range.umax == 255


def test_an_empty_state_is_a_state() -> None:
    line = parse("12: (85) call bpf_spin_lock#93        ;")
    assert isinstance(line, InsnLine)
    assert line.printed == FrameState(refs=())


def test_a_state_glued_to_the_branch_before() -> None:
    line = parse("15: (55) if r1 != 0x7 goto pc+1 17: R0=scalar(umax=9,var_off=(0x0; 0xf)) R1=3 R10=fp0")
    assert isinstance(line, InsnLine)
    assert (line.insn.index, line.insn.target, line.next_index) == (15, 17, 17)
    assert line.next_state is not None
    assert line.next_state.regs["r0"].range.var_off == Tnum(0, 15)


def test_a_remark_without_newline_keeps_the_state() -> None:
    line = parse("marking pointer arg1 as scalar as it may encode error3: R1=scalar()")
    assert isinstance(line, StateLine)
    assert line.at == 3


def test_an_unreadable_state_leaves_the_instruction() -> None:
    line = parse("3: (b7) r1 = 0       ; R1=(((")
    assert isinstance(line, InsnLine)
    assert line.printed is None


@pytest.mark.parametrize("text", ["inv7", "7", "P7", "invP7"])
def test_constants_of_every_dialect(text: str) -> None:
    register = reg(text)
    assert (register.kind, register.value, register.precise) == ("scalar", 7, "P" in text)


def test_a_large_constant_is_signed() -> None:
    assert reg("0xfffffffffaceb00c").value == -87117812
    assert reg("0xffffffff").value == 0xFFFFFFFF


def test_chained_bounds() -> None:
    bounds = reg("scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))").range
    assert (bounds.smin, bounds.smin32, bounds.umin) == (0, 0, None)
    assert (bounds.smax, bounds.umax, bounds.smax32, bounds.umax32) == (255, 255, 255, 255)


def test_bounds_of_5_10_mean_the_same() -> None:
    bounds = reg("inv(id=0,umin_value=1,umax_value=29,var_off=(0x0; 0x1f),u32_max_value=-1)").range
    assert (bounds.umin, bounds.umax, bounds.umax32) == (1, 29, 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("text", "kind_", "flags", "nullable", "type_name"),
    [
        ("map_value_or_null(id=1,map=m,ks=4,vs=8)", "map_value", set(), True, None),
        ("rcu_ptr_or_null_task_struct(id=2)", "ptr", {"rcu"}, True, "task_struct"),
        ("trusted_ptr_sock()", "ptr", {"trusted"}, False, "sock"),
        ("rdonly_untrusted_mem(sz=0)", "mem", {"rdonly", "untrusted"}, False, None),
        ("alloc_mem(ref_obj_id=2,off=0,imm=0)", "mem", {"alloc"}, False, None),
        ("percpu_ptr_bpf_cpu_data(off=0,imm=0)", "ptr", {"percpu"}, False, "bpf_cpu_data"),
        ("pkt_end()", "pkt_end", set(), False, None),
        ("fp-16", "fp", set(), False, None),
    ],
)
def test_register_types(
    text: str, kind_: str, flags: set[str], nullable: bool, type_name: str | None
) -> None:
    register = reg(text)
    assert (register.kind, set(register.flags), register.nullable, register.type_name) == (
        kind_,
        flags,
        nullable,
        type_name,
    )


def test_the_offset_is_what_the_pointer_adds_in_all() -> None:
    assert reg("fp-16").off == -16
    assert reg("map_value(off=4,ks=4,vs=16,imm=1f)").off == 4 + 0x1F  # up to 6.7 imm= is bare hex
    assert reg("map_value(id=0,off=0,ks=4,vs=16,imm=10)").off == 0x10
    assert reg("map_value(map=m,ks=4,vs=16,imm=12)").off == 12  # 7.2 on


def test_unknown_attributes_survive() -> None:
    register = reg("ptr_node(non_own_ref,flavour=sour,off=8)")
    assert register.attributes == (("non_own_ref", ""), ("flavour", "sour"))
    assert register.off == 8


def test_references_of_both_dialects() -> None:
    old = state("R0=mem(ref_obj_id=2,sz=32) R10=fp0 refs=2,4")
    new = state("R0=mem(id=5,parent_id=2,sz=32) R6=sock(id=4) R10=fp0 refs=2,4")
    assert old.refs == new.refs == (2, 4)
    assert (old.regs["r0"].ref_id, new.regs["r0"].ref_id, new.regs["r6"].ref_id) == (2, 2, 4)


@pytest.mark.parametrize(
    ("text", "bytes_", "register"),
    [
        ("fp-8=0000????", "0000????", None),
        ("fp-8_w=mmmmmmmm", "mmmmmmmm", None),
        ("fp-8=????5", "????rrrr", 5),
        ("fp-8=mmmm0", "mmmmrrrr", 0),
        ("fp-8=0", "rrrrrrrr", 0),
        ("fp-8_w=P1", "rrrrrrrr", 1),
        ("fp-8=ffffffff", "ffffffff", None),
    ],
)
def test_stack_slots(text: str, bytes_: str, register: int | None) -> None:
    slot = state(text).stack[-8]
    assert (slot.bytes, slot.reg and slot.reg.value) == (bytes_, register)


def test_a_spilled_pointer() -> None:
    slot = state("fp-24_w=map_value_or_null(id=1,map=m,ks=4,vs=8)").stack[-24]
    assert slot.reg is not None
    assert slot.reg.nullable
    assert state("fp-24=ctx").stack[-24].reg == RegState("ctx")


def test_a_dynptr_covers_two_slots() -> None:
    stack = state("fp-16=dynptr_ringbuf(id=1,ref_id=2,dynptr_id=1)").stack
    assert {offset: slot.object for offset, slot in stack.items()} == {
        -16: "dynptr_ringbuf",
        -8: "dynptr_ringbuf",
    }
    assert stack[-16].bytes == "dddddddd"
    assert ("ref_id", "2") in stack[-16].attributes


def test_an_iterator_is_no_spilled_register() -> None:
    slot = state("fp-8=iter_num(ref_id=1,state=active,depth=2)").stack[-8]
    assert (slot.reg, slot.object, slot.bytes) == (None, "iter_num", "iiiiiiii")


def test_a_pointer_into_another_frames_stack() -> None:
    register = reg("fp[0]-24")
    assert (register.kind, register.off, register.attributes) == ("fp", -24, (("frame", "0"),))


def test_the_frame_and_what_comes_behind_the_registers() -> None:
    found = state("frame1: R1=scalar() R10=fp0 refs=3 cb")
    assert (found.frame, found.refs, set(found.flags)) == (1, (3,), {"cb"})


# Other lines


def test_a_comment_may_hold_anything() -> None:
    line = parse('; asm volatile ("a @ b;" \\ @ verifier_and.c:29')
    assert line == CommentLine(Comment('asm volatile ("a @ b;" \\', "verifier_and.c", 29))
    assert parse("; return 0;") == CommentLine(Comment("return 0;"))


def test_a_files_name_may_have_blanks() -> None:
    assert parse("; return 0; @ my prog.bpf.c:7") == CommentLine(Comment("return 0;", "my prog.bpf.c", 7))


def test_a_branch_taken_up() -> None:
    assert parse("from 6 to 8 (speculative execution): safe") == FromLine(6, 8, speculative=True, safe=True)
    line = parse("from 6 to 8: R0=0 R10=fp0")
    assert isinstance(line, FromLine)
    assert line.state is not None
    assert set(line.state.regs) == {"r0", "r10"}


def test_calls() -> None:
    assert parse("to caller at 17:") == CallLine(CallSide.TO_CALLER, 17)


@pytest.mark.parametrize(
    "text",
    [
        "     14: 0......... (95) exit",
        "   2   6: .12....... (85) call bpf_map_lookup_elem#1",
        "123: .12....... (85) call bpf_map_lookup_elem#1",
        "  6: (85) call bpf_map_lookup_elem#1 // r2=fp0-8",
        "106: (85) call bpf_map_lookup_elem#1   ; use: fp0-8",
        "107: (bf) r2 = r10\tr2: _ -> fp0+0",
    ],
)
def test_rows_of_the_tables_are_not_executed(text: str) -> None:
    assert isinstance(parse(text), TableLine)


LAST = "processed 13 insns (limit 1000000) max_states_per_insn 2 total_states 5 peak_states 4 mark_read 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAST, Stats(13, 1_000_000, 5, 4, 2)),
        (LAST.replace(" max", "  max"), Stats(13, 1_000_000, 5, 4, 2)),
        ("processed 13 insns (limit 1000000)", Stats(13, 1_000_000)),
        ("processed 41 insns, stack depth 24", Stats(41, stack_depth=(24,))),
        ("verification time 123 usec", Stats(usec=123)),
        ("stack depth 8+16", Stats(stack_depth=(8, 16))),
        ("stack depth 8+16 max 24", Stats(stack_depth=(8, 16), stack_max=24)),
        ("stack depth max 128", Stats(stack_max=128)),
        ("insns processed 9+3", Stats()),
        ("subprog 0 (a) main insns_self 6 insns_total 6 stack 16", Stats(stack_depth=(16,))),
    ],
)
def test_a_line_of_statistics(text: str, said: Stats) -> None:
    line = parse(text)
    assert isinstance(line, StatsLine)
    assert line.stats == said


@pytest.mark.parametrize(
    ("log", "stack", "deepest"),
    [
        (f"verification time 97 usec\nstack depth 24+16\n{LAST}\n", 40, None),
        (  # Linux 7.3.4
            "verification time 11632 usec\nstack depth max 40\n"
            "subprog 0 (pass_on) main insns_self 8 insns_total 11 stack 24\n"
            f"subprog 1 (handle) static insns_self 3 insns_total 3 stack 16\n{LAST}\n",
            40,
            40,
        ),
        (f"0: (95) exit\nR0 !read_ok\n{LAST}\n", None, None),
    ],
)
def test_the_statistics_at_the_end_of_a_log(log: str, stack: int | None, deepest: int | None) -> None:
    found = statistics.of_log(log.encode())
    assert (found.processed, found.stack, found.stack_max) == (13, stack, deepest)


@pytest.mark.parametrize(
    "text", ["R1 !read_ok", "invalid access to map value, value_size=48 off=1008 size=8"]
)
def test_the_verifier_speaks(text: str) -> None:
    assert parse(text) == MessageLine(text)


def test_the_report_of_7_3() -> None:
    assert isinstance(parse("Verification failed: Policy: Operation is not allowed"), ReportLine)


@pytest.mark.parametrize("text", ["3: (zz) r1 = 0", "9: (b7) r1 = " + "9" * 5000, "x" * (1 << 17)])
def test_what_cannot_be_read_costs_one_line(text: str) -> None:
    assert isinstance(parse(text), UnknownLine | MessageLine)


_BITS = st.sampled_from(
    [
        "3: ",
        "(b7) ",
        "r1 = ",
        "R1=",
        "R10_w=fp0",
        "fp-8=",
        "scalar(",
        ")",
        "id=1",
        ",",
        ";",
        " ",
        "0x",
        "\t",
        "²",
    ]
)
_WORDS = st.sampled_from(
    [
        "from 1 to 2:",
        "goto pc+1",
        "; x @ a.c:1",
        "frame1:",
        "mark_precise: frame0: ",
        "regs=",
        "(0x0; 0xff)",
        "safe",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(_BITS | _WORDS, max_size=14).map("".join)))
def test_no_text_raises(text: str) -> None:
    line: Line = parse(text)
    assert line is not None
    parse_state(text)
    parse_insn(1, text)


_ITEMS = st.sampled_from(
    [
        "frame1:",
        "R0=scalar(id=2,umax=255,var_off=(0x0; 0xff))",
        "R1_w=inv(id=0)",
        "R2=fp-16",
        "R2=ptr_node_data(id=4)",
        "R10=fp0",
        "fp-8=????5",
        "fp-16_w=map_value",
        "fp-24=dynptr_ringbuf(id=1,ref_id=4)",
        "refs=2,4",
        "async_cb",
        "*(R11-8)=scalar()",
        "R3=scalar(",
        "R4=)",
        "nonsense=",
        "(",
    ]
)


@given(st.lists(_ITEMS, max_size=7), st.sampled_from([" ", "  ", ""]))
def test_a_state_is_what_its_items_are(items: list[str], between: str) -> None:
    text = between.join(items)
    assert parse_state(text) == at_once(text)
