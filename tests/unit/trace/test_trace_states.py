"""Register and stack state around each step, in the dialects of all kernels and without any state at all."""

from __future__ import annotations

import pytest

from bpfdoctor.model.trace import RegState, StackSlot
from bpfdoctor.trace import Trace
from tests.unit.machine.states import reg, regs, slots
from tests.unit.trace.trace_logs import captured, frame_before, reg_before, step_at, trace

MODERN = "0: R1=ctx() R10=fp0\n"


def known(found: Trace, index: int) -> dict[str, RegState]:
    """What the registers hold before the newest step of the instruction."""
    return dict(frame_before(found, step_at(found, index)).regs)


def on_stack(found: Trace, index: int) -> dict[int, StackSlot]:
    return dict(frame_before(found, step_at(found, index)).stack)


# Printed states


def test_changed_registers_come_on_top_of_the_others() -> None:
    found = trace(
        MODERN + "0: (b7) r6 = 4          ; R6=4\n1: (bf) r7 = r10        ; R7=fp0 R10=fp0\n2: (95) exit\n"
    )
    assert known(found, 2) == regs({"r1": "ctx()", "r6": "4", "r7": "fp0", "r10": "fp0"})


def test_a_call_forgets_what_it_may_destroy() -> None:
    found = trace(
        MODERN + "0: (bf) r6 = r1        ; R1=ctx() R6=ctx()\n1: (b7) r2 = 3        ; R2=3\n"
        "2: (85) call bpf_get_prandom_u32#7    ; R0=scalar()\n3: (95) exit\n"
    )
    assert known(found, 3) == regs({"r0": "scalar()", "r6": "ctx()", "r10": "fp0"})


def test_a_state_of_its_own_line_counts_too() -> None:
    """Precision marks push the state after an instruction down."""
    found = trace(
        MODERN + "0: (b7) r1 = 3          ; R1=3\n1: (0f) r0 += r1\n"
        "mark_precise: frame0: last_idx 1 first_idx 0 subseq_idx -1 \n2: R0=12 R1=3\n2: (95) exit\n"
    )
    assert known(found, 2) == regs({"r0": "12", "r1": "3", "r10": "fp0"})


def test_a_branch_taken_up_replaces_everything() -> None:
    found = trace(
        MODERN + "0: (b7) r6 = 4          ; R6=4\n"
        "1: (15) if r1 == 0x0 goto pc+3 5: R1=0 R10=fp0 fp-8=mmmmmmmm\n5: (95) exit\n"
    )
    assert known(found, 5) == regs({"r1": "0", "r10": "fp0"})
    assert on_stack(found, 5) == slots({-8: "mmmmmmmm"})


def test_the_state_of_5_10_behind_a_memory_access_is_the_one_before_it() -> None:
    found = trace(
        "7: (15) if r0 == 0x0 goto pc+4\n R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R10=fp0\n"
        "8: (71) r1 = *(u8 *)(r0 +0)\n R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R1=inv7 R10=fp0\n"
        "9: (95) exit\n"
    )
    assert known(found, 8)["r1"] == reg("inv7")
    assert "r1" not in known(found, 9)
    assert "r0" in known(found, 9)
    assert "r0" not in known(found, 7)


def test_the_state_behind_the_refused_instruction_of_5_10() -> None:
    found = trace(
        "3: (71) r1 = *(u8 *)(r0 +9)\n R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R10=fp0\nR0 min value …\n"
    )
    assert known(found, 3)["r0"].kind == "map_value"


def test_whole_states_of_5_10_forget_what_they_do_not_show() -> None:
    found = trace(
        "0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n0: (b7) r6 = 4\n1: R1=ctx(id=0,off=0,imm=0) R6_w=inv4 R10=fp0\n"
        "1: (85) call bpf_get_prandom_u32#7\n2: R0_w=inv(id=0) R6_w=inv4 R10=fp0\n2: (95) exit\n"
    )
    assert known(found, 2) == regs({"r0": "inv(id=0)", "r6": "inv4", "r10": "fp0"})


@pytest.mark.parametrize("level", [1, 2])
def test_callee_and_caller(level: int) -> None:
    found = captured("chain", level)
    inside = found.last
    assert inside is not None
    assert [frame.frame for frame in found.state_before(inside)] == [0, 1, 2, 3]
    entry = [step for step in found.steps() if step.frame == 1][-1]
    kinds = {name: reg.kind for name, reg in frame_before(found, entry).regs.items()}
    assert kinds == {"r1": "ctx", "r2": "scalar", "r10": "fp"}  # r6 to r9 and r0 are the caller's
    assert frame_before(found, entry, 0).stack == {}


def test_after_a_return_the_caller_has_its_own_registers_again() -> None:
    found = captured("twice", 1)
    regs = frame_before(found, step_at(found, 3)).regs  # after the first find()
    assert {name: reg.kind for name, reg in regs.items()} == {"r0": "map_value", "r6": "ctx", "r10": "fp"}


def test_state_after_a_step_is_the_one_before_the_next() -> None:
    found = captured("spills", 1)
    steps = list(found.steps())
    assert len(steps) > 20
    for step in steps[1:]:
        newer = found.newer(step)
        assert newer is not None
        assert found.state_after(step) == found.state_before(newer)


# What is not printed, but certain


def test_a_null_check_is_learnt_for_every_copy() -> None:
    found = trace(
        MODERN + "1: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=2,map=m,ks=4,vs=8)\n"
        "2: (bf) r6 = r0         ; R0=map_value_or_null(id=2,map=m,ks=4,vs=8) "
        "R6=map_value_or_null(id=2,map=m,ks=4,vs=8)\n"
        "3: (7b) *(u64 *)(r10 -8) = r0       ; R0=map_value_or_null(id=2,map=m,ks=4,vs=8) R10=fp0 "
        "fp-8=map_value_or_null(id=2,map=m,ks=4,vs=8)\n"
        "4: (15) if r0 == 0x0 goto pc+3      ; R0=map_value(map=m,ks=4,vs=8)\n5: (95) exit\n"
    )
    assert known(found, 5)["r6"] == reg("map_value(map=m,ks=4,vs=8)")
    assert on_stack(found, 5)[-8] == slots({-8: "map_value(map=m,ks=4,vs=8)"})[-8]
    assert known(found, 4)["r6"].nullable


def test_a_range_is_learnt_for_every_copy() -> None:
    found = trace(
        MODERN + "0: (bf) r7 = r6        ; R6=scalar(id=3) R7=scalar(id=3)\n"
        "1: (25) if r6 > 0x9 goto pc+3       ; R6=scalar(id=3,smin=smin32=0,smax=umax=9)\n2: (95) exit\n"
    )
    assert known(found, 2)["r7"] == reg("scalar(id=3,smin=smin32=0,smax=umax=9)")


def test_packet_bytes_are_proved_for_every_pointer_into_it() -> None:
    found = trace(
        MODERN + "0: (61) r2 = *(u32 *)(r1 +76)        ; R1=ctx() R2=pkt(r=0)\n"
        "1: (61) r3 = *(u32 *)(r1 +80)        ; R1=ctx() R3=pkt_end()\n"
        "2: (bf) r4 = r2    ; R2=pkt(r=0) R4=pkt(r=0)\n"
        "3: (07) r4 += 34     ; R4=pkt(off=34,r=0)\n"
        "4: (2d) if r4 > r3 goto pc+2         ; R3=pkt_end() R4=pkt(off=34,r=34)\n5: (95) exit\n"
    )
    before = frame_before(found, step_at(found, 5)).regs
    assert (before["r2"].checked, before["r2"].off) == (34, None)
    assert before["r2"] == reg("pkt(r=34)")


@pytest.mark.parametrize("level", [1, 2])
def test_packet_pointers_end_when_a_helper_may_move_the_packet(level: int) -> None:
    found = captured("pull", level)
    call = next(step for step in found.steps() if step.insn.callee == "bpf_skb_pull_data")
    before = {reg.kind for reg in frame_before(found, call).regs.values()}
    after = {reg.kind for frame in found.state_after(call) for reg in frame.regs.values()}
    assert "pkt" in before
    assert "pkt" not in after


def test_what_belongs_to_a_released_reference_ends_with_it() -> None:
    found = trace(
        MODERN + "1: (85) call bpf_ringbuf_reserve#131     ; R0=ringbuf_mem(ref_obj_id=2,sz=8) refs=2\n"
        "2: (bf) r6 = r0       ; R0=ringbuf_mem(ref_obj_id=2,sz=8) R6=ringbuf_mem(ref_obj_id=2,sz=8) refs=2\n"
        "3: (bf) r1 = r6       ; R1=ringbuf_mem(ref_obj_id=2,sz=8) R6=ringbuf_mem(ref_obj_id=2,sz=8) refs=2\n"
        "4: (85) call bpf_ringbuf_submit#132      ;\n5: (95) exit\n"
    )
    assert set(known(found, 5)) == {"r10"}
    assert frame_before(found, step_at(found, 5)).refs == ()
    assert frame_before(found, step_at(found, 4)).refs == (2,)


def test_a_dynptr_ends_with_its_reference() -> None:
    found = trace(
        MODERN + "7: (85) call bpf_ringbuf_reserve_dynptr#198   ; R0=scalar() "
        "fp-16=dynptr_ringbuf(id=1,ref_id=2,dynptr_id=1) refs=2\n"
        "8: (85) call bpf_ringbuf_submit_dynptr#199   ;\n9: (95) exit\n"
    )
    assert set(on_stack(found, 8)) == {-16, -8}
    assert on_stack(found, 9) == {}


def test_rcu_pointers_are_not_trusted_after_the_unlock() -> None:
    found = trace(
        MODERN + "1: (79) r6 = *(u64 *)(r1 +0)        ; R1=ctx() R6=rcu_ptr_task_struct()\n"
        "2: (85) call bpf_rcu_read_unlock#81200       ;\n3: (95) exit\n"
    )
    assert known(found, 3)["r6"] == reg("untrusted_ptr_task_struct()")


# Logs without states


def test_moves_and_arithmetic_of_a_bare_log() -> None:
    found = trace(
        "0: (bf) r6 = r1\n1: (b7) r2 = 12\n2: (bf) r3 = r10\n3: (07) r3 += -16\n4: (67) r2 <<= 2\n"
        "5: (bf) r7 = r2\n6: (b4) w8 = -1\n7: (18) r9 = 0xffff888104398800\n9: (95) exit\n"
    )
    assert known(found, 9) == regs({
        "r1": "ctx()", "r6": "ctx()", "r2": "48", "r3": "fp-16", "r7": "48", "r8": "4294967295", "r10": "fp0",
    })  # fmt: skip


def test_loads_and_calls_of_a_bare_log_are_unknown() -> None:
    found = trace(
        "0: (bf) r6 = r1\n1: (61) r7 = *(u32 *)(r6 +0)\n2: (85) call bpf_get_prandom_u32#7\n3: (95) exit\n"
    )
    assert set(known(found, 3)) == {"r6", "r10"}


def test_stores_of_a_bare_log() -> None:
    found = trace(
        "0: (b7) r1 = 0\n1: (63) *(u32 *)(r10 -4) = r1\n2: (b7) r1 = 7\n3: (7b) *(u64 *)(r10 -16) = r1\n"
        "4: (79) r2 = *(u64 *)(r10 -16)\n5: (73) *(u8 *)(r10 -15) = r6\n6: (95) exit\n"
    )
    assert on_stack(found, 4) == slots({-8: "0000????", -16: "7"})
    assert known(found, 5)["r2"] == reg("7")
    assert on_stack(found, 6)[-16] == slots({-16: "mmmmmmmm"})[-16]


def test_arguments_of_a_bare_call() -> None:
    found = trace(
        "0: (b7) r1 = 5\n1: (b7) r6 = 2\n2: (85) call pc+1\n4: (bf) r0 = r1\n5: (95) exit\n3: (95) exit\n"
    )
    assert known(found, 4) == regs({"r1": "5", "r10": "fp0"})
    assert known(found, 3) == regs({"r0": "5", "r6": "2", "r10": "fp0"})


def test_a_helper_with_a_stack_pointer_may_write_there() -> None:
    found = trace(
        "0: (b7) r1 = 7\n1: (7b) *(u64 *)(r10 -8) = r1\n2: (7b) *(u64 *)(r10 -16) = r1\n3: (bf) r2 = r10\n"
        "4: (07) r2 += -8\n5: (85) call bpf_new#999\n6: (95) exit\n"
    )
    assert on_stack(found, 5) == slots({-8: "7", -16: "7"})
    assert on_stack(found, 6) == slots({-16: "7"})
    assert "incomplete" in frame_before(found, step_at(found, 6)).flags


def test_a_helper_that_only_reads_leaves_the_stack() -> None:
    found = trace(
        "0: (b7) r1 = 7\n1: (7b) *(u64 *)(r10 -8) = r1\n2: (bf) r2 = r10\n3: (07) r2 += -8\n"
        "4: (85) call bpf_map_lookup_elem#1\n5: (95) exit\n"
    )
    assert on_stack(found, 5) == slots({-8: "7"})


def test_a_helper_that_fills_a_buffer_writes_just_that() -> None:
    found = trace(
        "0: (72) *(u8 *)(r10 -24) = 1\n1: (bf) r3 = r10\n2: (07) r3 += -16\n3: (b7) r4 = 12\n"
        "4: (85) call bpf_skb_load_bytes#26\n5: (95) exit\n"
    )
    assert on_stack(found, 5) == slots({-24: "???????m", -16: "mmmmmmmm", -8: "????mmmm"})


def test_a_log_that_begins_somewhere_says_that_its_states_are_incomplete() -> None:
    found = trace("40: (b7) r6 = 1          ; R6=1\n41: (95) exit\n")
    frame = frame_before(found, step_at(found, 41))
    assert frame.flags == {"incomplete"}
    assert set(frame.regs) == {"r6", "r10"}
    assert reg_before(found, 40, "r6") is None


@pytest.mark.parametrize(("length", "is_known"), [(511, True), (512, True), (513, False), (900, False)])
def test_a_straight_run_is_followed_for_512_instructions(length: int, is_known: bool) -> None:
    found = trace("".join(f"{n}: (b7) r{6 + n % 3} = {n}\n" for n in range(length)))
    last = found.last
    assert last is not None
    assert ("incomplete" not in frame_before(found, last).flags) is is_known
    assert ("r1" in frame_before(found, last).regs) is is_known


def test_a_frame_has_a_frame_pointer_even_where_it_is_not_printed() -> None:
    found = trace("3: (15) if r0 == 0x0 goto pc+3\n4: (95) exit\n\nfrom 3 to 7: R0=0\n7: (95) exit\n")
    assert set(known(found, 7)) == {"r0", "r10"}


@pytest.mark.parametrize("slot", ["fp-8=inv", "fp-8_w="])
def test_a_kind_that_is_printed_alone_takes_no_limits_away(slot: str) -> None:
    found = trace(
        "0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n"
        "0: (71) r2 = *(u8 *)(r1 +0)           ; R2_w=scalar(umax=255,var_off=(0x0; 0xff))\n"
        f"1: (7b) *(u64 *)(r10 -8) = r2         ; R2_w=scalar(umax=255,var_off=(0x0; 0xff)) R10=fp0 {slot}\n"
        "2: (95) exit\n"
    )
    spilled = frame_before(found, step_at(found, 2)).stack[-8].reg
    assert spilled is not None and spilled.range.umax == 255
