"""What a call, a store, a branch or a return changes in all frames, one instruction at a time."""

from __future__ import annotations

import pytest

from bpfdoctor.machine.calls import called, released
from bpfdoctor.machine.state import entered, left
from bpfdoctor.machine.step import Machine, learned
from tests.unit.machine.states import insn, reg, same, slots, state

SOCK = "sock()"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        # a call leaves r6 to r9 and the stack
        ("(85) call bpf_ktime_get_ns#5", "R0=1 R1=2 R5=3 R6=4 R10=fp0 fp-8=mmmmmmmm",
         "R10=fp0 R6=4 fp-8=mmmmmmmm"),
        # one that only reads leaves what it gets pointers to
        ("(85) call bpf_map_lookup_elem#1", "R1=map_ptr(map=m,ks=4,vs=8) R2=fp-8 fp-8=7", "fp-8=7"),
        # one that fills a buffer writes so many bytes
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=4 fp-16=7 fp-8=9", "fp-16=mmmmmmmm fp-8=9"),
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=16 fp-24=7",
         "fp-24=7 fp-16=mmmmmmmm fp-8=mmmmmmmm"),
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=12 fp-8=00000000",
         "fp-16=mmmmmmmm fp-8=0000mmmm"),
        # as far as the number is known and fits; else what lies above may have changed
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=17 fp-24=7 fp-8=9", "fp-24=7+"),
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=scalar(umax=8) fp-24=7 fp-16=7 fp-8=9",
         "fp-24=7+"),
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 fp-24=7 fp-8=9", "fp-24=7+"),
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=0 fp-24=7 fp-8=9", "fp-24=7+"),
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-12 R2=scalar() fp-24=7 fp-16=7 fp-8=9", "fp-24=7+"),
        ("(85) call bpf_probe_read_kernel#113", f"R1={SOCK} R2=8 fp-8=9", "fp-8=9"),
        ("(85) call bpf_probe_read_kernel#113", "R2=8 fp-8=9", "fp-8=9"),
        # a pointer that may be to several places
        ("(85) call bpf_probe_read_kernel#113", "R1=fp(smin=-16,smax=-8) R2=8 fp-8=9", "+"),
        # of those that write without a size only the arguments are known
        ("(85) call bpf_strtol#105", "R1=fp-16 R2=8 R4=fp-8 fp-24=5 fp-16=7 fp-8=9", "fp-24=5 fp-16=7+"),
        # and nothing of a function that we do not know
        ("(85) call bpf_new#999", "R2=fp-8 fp-16=7 fp-8=9", "fp-16=7+"),
        ("(b7) r1 = 5", "R1=ctx() R2=6", "R1=5 R2=6"),
        ("(61) r1 = *(u32 *)(r2 +0)", "R1=7 R2=ctx()", "R2=ctx()"),
        ("(15) if r1 == 0x0 goto pc+4", "R1=7", "R1=7"),
        ("(7b) *(u64 *)(r10 -8) = r1", f"R1={SOCK} R10=fp0", f"R1={SOCK} R10=fp0 fp-8={SOCK}"),
        ("(7b) *(u64 *)(r2 -8) = r1", "R1=7 R2=fp-8", "R1=7 R2=fp-8 fp-16=7"),
        ("(63) *(u32 *)(r10 -8) = r1", "R1=7 R10=fp0", "R1=7 R10=fp0 fp-8=????mmmm"),
        ("(7b) *(u64 *)(r2 +0) = r1", f"R1=7 R2={SOCK} fp-8=9", f"R1=7 R2={SOCK} fp-8=9"),
        # somewhere on the stack, or perhaps there
        ("(7b) *(u64 *)(r2 +0) = r1", "R1=7 R2=fp(smin=-16,smax=-8) fp-8=9",
         "R1=7 R2=fp(smin=-16,smax=-8)+"),
        ("(7b) *(u64 *)(r2 +0) = r1", "R1=7 fp-8=9", "R1=7+"),
        ("(db) lock *(u64 *)(r10 -8) += r1", "R1=7 R10=fp0 fp-8=9", "R1=7 R10=fp0 fp-8=mmmmmmmm"),
    ],
)  # fmt: skip
def test_what_an_instruction_does_that_is_not_printed(text: str, before: str, after: str) -> None:
    assert same(Machine().executed(state(before), 0, insn(text)), state(after))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("(85) call bpf_probe_read_kernel#113", "R1=fp-16 R2=8 fp-16=7"),
        ("(7b) *(u64 *)(r2 +0) = r1", "R1=7 fp-16=7"),
    ],
)
def test_where_the_changes_are_printed_nothing_is_guessed(text: str, before: str) -> None:
    after = Machine().executed(state(before), 0, insn(text), is_printed=True)
    assert after[0].stack == slots({-16: "7"})


def test_memory_of_a_caller_is_written_there() -> None:
    frames = state("R6=1 fp-8=7 fp-16=8", "R1=fp[0]-8 R2=4 R3=5 fp-8=9")
    after = Machine().executed(frames, 1, insn("(85) call bpf_probe_read_kernel#113"))
    assert same(after, state("R6=1 fp-16=8 fp-8=mmmmmmmm", "fp-8=9"))
    after = Machine().executed(frames, 1, insn("(7b) *(u64 *)(r1 +0) = r3"))
    assert same(after, state("R6=1 fp-16=8 fp-8=5", "R1=fp[0]-8 R2=4 R3=5 fp-8=9"))


def test_a_store_to_a_frame_that_is_not_known_changes_none() -> None:
    frames = state("R1=fp[3]-8 R2=5 fp-8=9")
    assert Machine().executed(frames, 0, insn("(7b) *(u64 *)(r1 +0) = r2")) == frames


def test_a_subprogram_gets_the_arguments_and_a_callback_nothing() -> None:
    frames = state("R0=1 R1=ctx() R2=3 R6=4 R10=fp0 fp-8=7")
    assert same(
        entered(frames, 1, insn("(85) call pc+4")),
        state(
            "R10=fp0 R6=4 fp-8=7",
            "R1=ctx() R10=fp0 R2=3",
        ),
    )
    assert same(
        entered(frames, 1, insn("(85) call bpf_loop#181")),
        state(
            "R10=fp0 R6=4 fp-8=7",
            "R10=fp0",
        ),
    )


def test_a_return_brings_r0_and_drops_the_frame() -> None:
    frames = state("R6=4 fp-8=7", "R0=5 R6=6 fp-8=9")
    assert same(left(frames, 0), state("R0=5 R6=4 fp-8=7"))
    assert same(left(state("R6=4", "R6=6"), 0), state("R6=4"))
    assert same(left(state("R6=4"), 0), state("R6=4"))
    assert same(left(state("R6=4", "R6=5", "R0=7"), 1), state("R6=4", "R0=7 R6=5"))


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        # what a call takes away in all frames
        ("(85) call bpf_xdp_adjust_head#44",
         ["R6=pkt(r=8) R7=pkt_end() R8=ctx() fp-8=pkt(r=8)", "R6=pkt_meta()"],
         ["R8=ctx() fp-8=mmmmmmmm", ""]),
        ("(85) call bpf_ktime_get_ns#5", ["R6=pkt(r=8)"], ["R6=pkt(r=8)"]),
        ("(85) call pc+4", ["R6=pkt(r=8) R7=1"], ["R7=1"]),  # a global function may move the packet
        ("(85) call bpf_xdp_pull_data#60000", ["R6=pkt(r=8) R7=1"], ["R7=1"]),
        ("(85) call bpf_ringbuf_submit#132", ["R1=mem(ref_obj_id=2,sz=8) R6=mem(ref_obj_id=2,sz=8) "
         "R7=mem(ref_obj_id=4,sz=8) fp-8=mem(ref_obj_id=2,sz=8) refs=2,4"],
         ["R7=mem(ref_obj_id=4,sz=8) fp-8=mmmmmmmm"]),
        ("(85) call bpf_ringbuf_submit#132", ["R1=buf() R6=mem(ref_obj_id=2,sz=8)"],
         ["R1=buf() R6=mem(ref_obj_id=2,sz=8)"]),
        ("(85) call bpf_task_release#60001", ["R1=ptr_x(ref_obj_id=2) R6=rcu_ptr_x(parent_id=2) R7=1"],
         ["R7=1"]),
        ("(85) call bpf_rcu_read_unlock#60002", ["R6=rcu_ptr_or_null_task_struct(id=2) R7=ptr_task_struct()"],
         ["R6=untrusted_ptr_task_struct(id=2) R7=ptr_task_struct()"]),
        ("(85) call bpf_spin_unlock#94", ["R6=ptr_node(non_own_ref) R7=ptr_node()"], ["R7=ptr_node()"]),
        ("(85) call bpf_res_spin_unlock#60003", ["R6=ptr_node(non_own_ref)"], [""]),
        ("(85) call bpf_spin_lock#93", ["R6=ptr_node(non_own_ref)"], ["R6=ptr_node(non_own_ref)"]),
    ],
)  # fmt: skip
def test_what_a_call_takes_away(text: str, before: list[str], after: list[str]) -> None:
    frames = state(*before)
    assert same(called(frames, insn(text), frames[0]), state(*after))


def test_objects_on_the_stack_end_with_their_reference() -> None:
    frames = state("fp-8=iter_num(ref_id=2,state=active) fp-16=iter_num(ref_id=3,state=active)")
    assert list(released(frames, {2})[0].stack) == [-16]
    assert list(released(frames, {4})[0].stack) == [-8, -16]
    made_of = state("fp-16=dynptr_skb(parent_id=5) fp-32=7")
    assert list(released(made_of, {5})[0].stack) == [-32]


NULLABLE = "sock_or_null(id=2)"


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        # a check for NULL is one of every copy
        (NULLABLE, SOCK, f"R6={NULLABLE} R7=sock_or_null(id=3) R8={SOCK}",
         f"R6={SOCK} R7=sock_or_null(id=3) R8={SOCK}"),
        (NULLABLE, SOCK, "R6=sock_or_null(id=2,off=4)", "R6=sock(off=4)"),
        ("rcu_ptr_or_null_x(id=2)", "rcu_ptr_x()", "R6=rcu_ptr_or_null_x(id=2,off=8)",
         "R6=rcu_ptr_x(off=8)"),
        (NULLABLE, "0", f"R6={NULLABLE} R7=sock_or_null(id=3) R8=scalar(id=2)",
         "R6=0 R7=sock_or_null(id=3) R8=scalar(id=2)"),
        (NULLABLE, "1", f"R6={NULLABLE}", f"R6={NULLABLE}"),
        (NULLABLE, "tcp_sock()", f"R6={NULLABLE}", f"R6={NULLABLE}"),
        (NULLABLE, NULLABLE, f"R6={NULLABLE}", f"R6={NULLABLE}"),
        # a limit is one of every copy
        ("scalar(id=3)", "scalar(id=3,umax=9)", "R6=scalar(id=3) R7=scalar(id=4) R8=pkt(id=3,r=0)",
         "R6=scalar(id=3,umax=9) R7=scalar(id=4) R8=pkt(id=3,r=0)"),
        ("scalar(id=3)", "7", "R6=scalar(id=3)", "R6=7"),
        ("scalar(id=3)", "scalar(umax=9)", "R6=scalar(id=3)", "R6=scalar(id=3)"),
        ("scalar(id=3+8)", "scalar(id=3+8,umax=9)", "R6=scalar(id=3+8)", "R6=scalar(id=3+8)"),
        ("scalar()", "scalar(umax=9)", "R6=scalar()", "R6=scalar()"),
        # bytes that are proved are so for every pointer from the same place
        ("pkt(r=0)", "pkt(r=34)", "R6=pkt(off=14,r=0) R7=pkt(id=2,r=0) R8=pkt_meta(r=0) R9=pkt(r=40)",
         "R6=pkt(off=14,r=34) R7=pkt(id=2,r=0) R8=pkt_meta(r=0) R9=pkt(r=40)"),
        ("pkt(r=34)", "pkt(r=14)", "R6=pkt(r=0)", "R6=pkt(r=0)"),
        ("pkt(r=34)", "pkt(r=34)", "R6=pkt(r=0)", "R6=pkt(r=0)"),
        ("ctx()", "ctx()", "R6=ctx()", "R6=ctx()"),
    ],
)  # fmt: skip
def test_what_a_branch_teaches(old: str, new: str, before: str, after: str) -> None:
    was, now = reg(old), reg(new)
    assert same(learned(state(before, before), was, now), state(after, after))


def test_what_a_branch_teaches_is_true_of_a_spilled_copy() -> None:
    spilled = state("fp-8=pkt(r=0)")
    assert same(learned(spilled, reg("pkt(r=0)"), reg("pkt(r=34)")), state("fp-8=pkt(r=34)"))
