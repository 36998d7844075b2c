"""Kfuncs on the concrete machine: what is taken must be given back, and can be, once."""

from __future__ import annotations

import struct

import pytest

from bpfdoctor.machine.concrete.calls import registry
from bpfdoctor.machine.concrete.interpreter import Ran, run
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.machine.concrete.world import World

_SCHED_CLS, _SYSCALL = 3, 31
_INSN = struct.Struct("<BBhi")
EXIT = _INSN.pack(0x95, 0, 0, 0)
TO_R1 = _INSN.pack(0xBF, 0x01, 0, 0)  # r1 = r0
STACK_TO_R1 = _INSN.pack(0xBF, 0xA1, 0, 0) + _INSN.pack(0x07, 0x01, 0, -16)
KEEP, KEPT = _INSN.pack(0xBF, 0x16, 0, 0), _INSN.pack(0xBF, 0x61, 0, 0)  # r6 = r1, r1 = r6
NONE_LEAVES = _INSN.pack(0x55, 0x00, 1, 0) + EXIT  # if r0 != 0 goto +1


def number(register: int, value: int) -> bytes:
    return _INSN.pack(0xB7, register, 0, value)


def ran(*steps: bytes | str, luck: int = 8) -> Ran:
    """A text is a call of the kfunc of that name."""
    names = list(registry.KFUNCS)
    code = b"".join(
        _INSN.pack(0x85, 0x20, 0, names.index(step)) if isinstance(step, str) else step for step in steps
    )
    program = Runnable("p", _SYSCALL, code, {}, kfuncs={(n, 0): name for n, name in enumerate(names)})
    return run(program, World(1, luck=luck))


PAIRS = {
    "object": ("bpf_obj_new_impl", NONE_LEAVES, TO_R1, "bpf_obj_drop_impl"),
    "task": (number(1, 7), "bpf_task_from_pid", NONE_LEAVES, TO_R1, "bpf_task_release"),
    "shared object": ("bpf_obj_new_impl", NONE_LEAVES, TO_R1, KEEP, "bpf_refcount_acquire_impl", TO_R1,
                      "bpf_obj_drop_impl", KEPT, "bpf_obj_drop_impl"),
    "interrupts": (STACK_TO_R1, "bpf_local_irq_save", STACK_TO_R1, "bpf_local_irq_restore"),
    "iterator": (STACK_TO_R1, "bpf_iter_task_new", STACK_TO_R1, "bpf_iter_task_destroy"),
}  # fmt: skip


@pytest.mark.parametrize("luck", [0, 8])
@pytest.mark.parametrize("name", PAIRS)
def test_what_is_taken_can_be_given_back(name: str, luck: int) -> None:
    assert ran(*PAIRS[name], number(0, 0), EXIT, luck=luck).fault is None


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_not_given_back_is_missed(name: str) -> None:
    fault = ran(*PAIRS[name][:-1], number(0, 0), EXIT).fault
    assert fault and "never given back" in fault.what


@pytest.mark.parametrize("name", PAIRS)
def test_nothing_is_given_back_twice(name: str) -> None:
    *before, last = PAIRS[name]
    assert ran(*before, KEEP, last, KEPT, last, number(0, 0), EXIT).fault


def test_throwing_ends_the_program_with_the_cookie() -> None:
    done = ran(number(1, 7), "bpf_throw", number(0, 0), EXIT)
    assert (done.returned, done.fault) == (7, None)


def test_a_list_gives_what_was_put_into_it() -> None:
    """Where nobody else has put something there: with luck 8 an element would be there already."""
    root = number(1, 4096)
    node = _INSN.pack(0xBF, 0x02, 0, 0)  # r2 = r0
    keep = _INSN.pack(0xBF, 0x06, 0, 0)  # r6 = r0
    same = _INSN.pack(0x1F, 0x60, 0, 0)  # r0 -= r6
    to_r7, back = _INSN.pack(0xBF, 0x07, 0, 0), _INSN.pack(0xBF, 0x70, 0, 0)
    steps = ("bpf_obj_new_impl", NONE_LEAVES, keep, root, node, "bpf_list_push_back_impl")
    done = ran(*steps, root, "bpf_list_pop_front", TO_R1, to_r7, "bpf_obj_drop_impl", back, same, EXIT)
    assert (done.returned, done.fault) == (0, None)
    assert [effect.name for effect in done.effects] == ["put"]


def test_a_function_without_a_result_leaves_nothing() -> None:
    call = _INSN.pack(0x85, 0x10, 0, 2)  # the function behind the next two instructions
    assert ran(call, number(0, 3), EXIT, number(1, 1), EXIT).returned == 3
    fault = ran(call, EXIT, EXIT, number(1, 1), EXIT).fault
    assert fault and fault.what == "r0"


@pytest.mark.parametrize("luck", [0, 8])
def test_memory_at_a_number_is_there_or_not(luck: int) -> None:
    """`probe_read` of an address that came as a number: the world says whether something lies there."""
    call = _INSN.pack(0x85, 0, 0, 112)  # bpf_probe_read_user
    wide = _INSN.pack(0x18, 3, 0, 0x1000_0000) + _INSN.pack(0, 0, 0, 1)
    done = ran(STACK_TO_R1, number(2, 8), wide, call, EXIT, luck=luck)
    assert done.fault is None and done.returned is not None
    assert (done.returned == 0) is bool(luck)
