"""Where a value came from, and which branches looked at it."""

from __future__ import annotations

import pytest

from bpfdoctor.trace import Trace
from bpfdoctor.trace.slice import How, Relation, Role, Slice, chain_in_words, checks, slice_of, slice_of_slot
from tests.unit.trace import slices
from tests.unit.trace.trace_logs import captured, frame_before, step_at, trace

LEVELS = pytest.mark.parametrize("level", [1, 2])


def traced(found: Trace, index: int, register: str) -> Slice:
    return slice_of(found, step_at(found, index), register)


def chain(found: Trace, index: int, register: str) -> list[tuple[How, int, str]]:
    """(what, instruction, place) of the value itself, without the branches."""
    value = traced(found, index, register).value
    return [
        (each.how, each.step.insn.index, str(each.place)) for each in value if each.how is not How.REFINED
    ]


@LEVELS
def test_a_copy_of_what_a_helper_returned(level: int) -> None:
    found = captured("spills", level)
    assert found.last is not None
    assert chain(found, found.last.insn.index, "r7") == [(How.COPY, 46, "r7"), (How.CALL, 31, "r0")]
    assert chain_in_words(slice_of(found, found.last, "r7")) == (
        "copied from r0 at 46, returned by bpf_map_lookup_elem at 31"
    )


@LEVELS
def test_a_value_returned_by_a_function(level: int) -> None:
    assert chain(captured("twice", level), 26, "r0") == [(How.RETURNED, 38, "r0"), (How.CALL, 37, "r0")]


@LEVELS
def test_a_pointer_through_three_frames(level: int) -> None:
    found = captured("chain", level)
    assert [(o.how, o.frame) for o in traced(found, 40, "r1").made] == [
        (How.ARITHMETIC, 3),
        (How.ARGUMENT, 3),
        (How.COPY, 2),
        (How.LOAD, 2),
    ]
    offset = [o for o in traced(found, 40, "r1").numbers if o.role is Role.OPERAND]
    assert {o.frame for o in offset} == {1, 2, 3}  # read through the context, which frame 0 has


def test_spills_and_fills_are_matched_by_their_slot() -> None:
    found = trace(
        "0: (bf) r6 = r1\n1: (7b) *(u64 *)(r10 -8) = r6\n2: (b7) r2 = 3\n3: (7b) *(u64 *)(r10 -16) = r2\n"
        "4: (bf) r3 = r10\n5: (07) r3 += -8\n6: (79) r1 = *(u64 *)(r3 +0)\n7: (61) r0 = *(u32 *)(r1 +0)\n"
    )
    assert chain(found, 7, "r1") == [
        (How.FILL, 6, "r1"),
        (How.SPILL, 1, "fp-8"),
        (How.COPY, 0, "r6"),
        (How.ENTRY, 0, "r1"),
    ]
    assert chain_in_words(traced(found, 7, "r1")).startswith("read back from fp-8 at 6, stored there from r6")


def test_each_entry_says_which_one_wanted_it() -> None:
    found = trace("0: (b7) r2 = 3\n1: (bf) r1 = r2\n2: (0f) r1 += r3\n3: (61) r0 = *(u32 *)(r1 +0)\n")
    assert [(o.how, o.role, o.wanted_by) for o in traced(found, 3, "r1").numbers] == [
        (How.ARITHMETIC, Role.VALUE, None),
        (How.COPY, Role.VALUE, 0),
        (How.CONSTANT, Role.VALUE, 1),
        (How.UNSET, Role.OPERAND, 0),
    ]


def test_a_load_leads_on_to_its_base() -> None:
    found = trace("0: (bf) r6 = r1\n1: (79) r2 = *(u64 *)(r6 +8)\n2: (61) r0 = *(u32 *)(r2 +0)\n")
    assert chain(found, 2, "r2") == [(How.LOAD, 1, "r2")]
    addresses = traced(found, 2, "r2").addresses
    assert [(each.how, each.place) for each in addresses] == [(How.COPY, "r6"), (How.ENTRY, "r1")]


def test_what_an_address_is_made_of_is_no_part_of_the_value() -> None:
    found = trace(
        "0: (b7) r3 = 8\n1: (0f) r1 += r3\n2: (61) r4 = *(u32 *)(r1 +8)\n3: (b7) r2 = 3\n4: (0f) r2 += r4\n"
        "5: (95) exit\n"
    )
    slice_ = traced(found, 5, "r2")
    assert [each.step.insn.index for each in slice_.value] == [4, 3]
    assert [each.step.insn.index for each in slice_.numbers] == [4, 3, 2]
    assert [each.step.insn.index for each in slice_.addresses] == [1, 0, 0]  # r1, what is added to it
    operand = slice_.numbers[-1]
    assert slice_.value_that_wanted(operand) == slice_.value[0]


def test_what_a_call_made_unreadable() -> None:
    found = trace("0: (b7) r2 = 3\n1: (85) call bpf_get_prandom_u32#7\n2: (bf) r0 = r2\n")
    (only,) = traced(found, 2, "r2").value
    assert (only.how, only.callee) == (How.CLOBBERED, "bpf_get_prandom_u32")


def test_a_register_that_nobody_set() -> None:
    (only,) = traced(trace("0: (b7) r1 = 3\n1: (bf) r0 = r6\n"), 1, "r6").value
    assert only.how is How.UNSET


def test_older_than_the_log() -> None:
    found = trace("7: (b7) r1 = 3\n8: (bf) r0 = r6\n")
    (only,) = traced(found, 8, "r6").value
    assert only.how is How.UNKNOWN


@LEVELS
def test_a_pointer_that_a_helper_made_unusable(level: int) -> None:
    found = captured("pull", level)
    assert found.last is not None
    how = {o.how: o for o in slice_of(found, found.last, "r6").numbers}
    assert how[How.INVALIDATED].callee == "bpf_skb_pull_data"
    assert list(how).index(How.INVALIDATED) < list(how).index(How.LOAD)


@LEVELS
def test_bytes_that_a_helper_wrote(level: int) -> None:
    found = captured("padded", level)
    read = next(s for s in found.steps() if s.insn.dst == "r2" and s.insn.size == 1)
    assert read.insn.off == -29
    (written,) = slice_of_slot(found, read, -29, 1).value
    assert (written.how, written.callee) == (How.WRITTEN, "bpf_skb_load_bytes")


@LEVELS
def test_an_argument_a_helper_hands_to_its_callback(level: int) -> None:
    found = captured("callbacks", level)
    kinds = chain(found, 51, "r4")
    assert kinds[:2] == [(How.CALLBACK, 19, "r4"), (How.COPY, 17, "r3")]


@LEVELS
@pytest.mark.parametrize("kernel", ["6.12.118", "6.18.44", "7.3.4"])
@pytest.mark.parametrize(
    ("name", "call", "callbacks", "callers"),
    [("handed_loop", 9, "r2", "r3"), ("handed_ring", 9, "r2", "r3"), ("handed_vma", 10, "r3", "r4")],
)
def test_what_a_callback_gets_is_what_its_caller_gave(
    name: str, call: int, callbacks: str, callers: str, kernel: str, level: int
) -> None:
    """Each callback goes past the end of the variable whose address it gets."""
    found = captured(name, level, kernel)
    assert found.last is not None and found.last.insn.base == callbacks
    assert chain(found, found.last.insn.index, callbacks) == [
        (How.CALLBACK, call, callbacks),
        (How.ARITHMETIC, chain(found, call, callers)[0][1], callers),
        (How.COPY, chain(found, call, callers)[1][1], callers),
    ]


def test_constants_written_to_the_stack_in_pieces() -> None:
    found = trace(
        "0: (62) *(u32 *)(r10 -8) = 1\n1: (62) *(u32 *)(r10 -4) = 2\n2: (79) r1 = *(u64 *)(r10 -8)\n"
        "3: (95) exit\n"
    )
    assert chain(found, 3, "r1") == [
        (How.FILL, 2, "r1"),
        (How.CONSTANT, 1, "fp-4"),
        (How.CONSTANT, 0, "fp-8"),
    ]


# Branches


def test_a_check_of_the_value_itself() -> None:
    found = trace(
        "0: (61) r2 = *(u32 *)(r1 +0)\n1: (25) if r2 > 0x9 goto pc+4\n2: (bf) r3 = r2\n3: (95) exit\n"
    )
    (check,) = checks(found, step_at(found, 3), "r3")
    assert (check.register, check.operator, check.other, check.held) == ("r2", ">", 9, False)
    assert check.relation is Relation.SAME


def test_a_check_of_a_copy_is_known_by_its_id() -> None:
    found = trace(
        "0: R1=ctx() R10=fp0\n0: (bf) r3 = r2       ; R2=scalar(id=4) R3=scalar(id=4)\n"
        "1: (7b) *(u64 *)(r10 -8) = r3     ; R3=scalar(id=4) R10=fp0 fp-8=scalar(id=4)\n"
        "2: (65) if r2 s> 0x9 goto pc+4    ; R2=scalar(id=4,smax=9)\n"
        "3: (79) r5 = *(u64 *)(r10 -8)     ; R5=scalar(id=4,smax=9) R10=fp0\n4: (95) exit\n"
    )
    (check,) = checks(found, step_at(found, 4), "r5")
    assert (check.register, check.relation, check.held) == ("r2", Relation.COPY, False)


def test_a_check_before_the_value_changed() -> None:
    found = trace("0: (a6) if w2 < 0x9 goto pc+1\n2: (67) r2 <<= 32\n3: (0f) r1 += r2\n")
    (check,) = checks(found, step_at(found, 3), "r2")
    assert (check.relation, check.held) == (Relation.ANCESTOR, True)


@LEVELS
def test_a_check_of_another_pointer_into_the_packet(level: int) -> None:
    found = captured("chain", level)
    (check,) = checks(found, step_at(found, 40), "r1")
    assert (check.step.insn.index, check.other, check.relation) == (38, "r3", Relation.BASE)


@LEVELS
def test_no_check_at_all(level: int) -> None:
    found = captured("callbacks", level)
    assert checks(found, step_at(found, 32), "r0") == ()


def test_a_search_that_is_given_up_says_so() -> None:
    found = trace("".join(f"{n}: (07) r1 += 1\n" for n in range(50)))
    last = found.last
    assert last is not None
    assert [o.how for o in slice_of(found, last, "r1", limit=10).value] == [How.ARITHMETIC] * 10 + [
        How.UNKNOWN
    ]


SLOT = "0: (b7) r1 = 7\n1: (7b) *(u64 *)(r10 -8) = r1\n2: (bf) r4 = r10\n3: (07) r4 += -8\n"


@pytest.mark.parametrize(
    ("call", "after", "how"),
    [
        ("bpf_strtol#105", "", How.WRITTEN),
        ("bpf_new#999", "", How.WRITTEN),  # nobody knows what it does
        ("bpf_map_lookup_elem#1", "", How.SPILL),
        (
            "bpf_task_release#60000",
            "    ; R0=scalar() R10=fp0 fp-8=7",
            How.SPILL,
        ),  # the state says: as before
        ("bpf_task_release#60000", "    ; R0=scalar() R10=fp0 fp-8=mmmmmmmm", How.WRITTEN),
        ("bpf_ktime_get_ns#5", "", How.SPILL),
    ],
)
def test_bytes_that_a_call_may_have_written(call: str, after: str, how: How) -> None:
    found = trace(f"{SLOT}4: (85) call {call}{after}\n5: (79) r2 = *(u64 *)(r10 -8)\n6: (95) exit\n")
    origins = traced(found, 6, "r2").value
    assert [each.how for each in origins[:2]] == [How.FILL, how]
    assert origins[1].callee == (call.partition("#")[0] if how is How.WRITTEN else None)


def test_bytes_below_what_a_call_gets_are_not_written() -> None:
    found = trace(
        "0: (b7) r1 = 7\n1: (7b) *(u64 *)(r10 -16) = r1\n2: (bf) r4 = r10\n3: (07) r4 += -8\n"
        "4: (85) call bpf_strtol#105\n5: (79) r2 = *(u64 *)(r10 -16)\n6: (95) exit\n"
    )
    assert [each.how for each in traced(found, 6, "r2").value] == [How.FILL, How.SPILL, How.CONSTANT]


def test_a_value_that_an_atomic_operation_fetched() -> None:
    found = trace(
        "0: (b7) r1 = 7\n1: (7b) *(u64 *)(r10 -8) = r1\n"
        "2: (db) r1 = atomic64_fetch_add((u64 *)(r10 -8), r1)\n3: (95) exit\n"
    )
    (only,) = traced(found, 3, "r1").value
    assert (only.how, only.sources) == (How.LOAD, ("r10",))


@LEVELS
@pytest.mark.parametrize("name", slices.PROGRAMS)
def test_the_slices_of_real_logs_are_those_that_were_looked_at(name: str, level: int) -> None:
    assert slices.written(name, level) == slices.stored()[name], "python -m tests.unit.trace.slices stores it"


@pytest.mark.parametrize("name", slices.PROGRAMS)
def test_no_check_of_a_value_is_older_than_the_load_that_made_it(name: str) -> None:
    """What is compared before a load is the pointer that it goes through, never what it gives."""
    found = captured(name, 1)
    last = found.last
    assert last is not None
    for register in frame_before(found, last).regs:
        loads = [each.step for each in slice_of(found, last, register).value if each.how is How.LOAD]
        for check in checks(found, last, register):
            assert all(load.number < check.step.number for load in loads), (register, check)
