"""The failing path: from level 1, from level 2, from logs with holes."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.log.insn import parse_insn
from bpfdoctor.log.line import InsnLine, UnknownLine
from bpfdoctor.log.lines import parse
from bpfdoctor.model.trace import Comment, RegState
from bpfdoctor.trace import Trace
from bpfdoctor.trace.branches import goes_to
from bpfdoctor.trace.unshown import Unshown
from tests.unit.trace.random_programs import load, make_map, random_program
from tests.unit.trace.trace_logs import PAIRS, captured, path, read, step_at, trace

STATE_BEHIND = re.compile(r"(?:; ?| \d+: ?)(?:R\d|frame\d|fp-|refs=)")


def states(found: Trace) -> Iterator[dict[tuple[int, object], object]]:
    """What is known before each step, newest first.

    Precision marks (P) come later at level 2, and 7.3 drops ids that nothing shares before it prints there.
    """
    for step in found.steps():
        known: dict[tuple[int, object], object] = {}
        for frame in found.state_before(step):
            known |= {(frame.frame, name): comparable(reg) for name, reg in frame.regs.items()}
            known |= {
                (frame.frame, offset): replace(slot, reg=slot.reg and comparable(slot.reg))
                for offset, slot in frame.stack.items()
            }
        yield known


def comparable(reg: RegState) -> RegState:
    return replace(reg, id=None, precise=False)


@pytest.mark.parametrize(("kernel", "name"), PAIRS)
def test_the_path_from_level_2_is_that_of_level_1(kernel: str, name: str) -> None:
    assert path(captured(name, 2, kernel)) == path(captured(name, 1, kernel))


@pytest.mark.parametrize(("kernel", "name"), [pair for pair in PAIRS if not pair[0].startswith("5.10")])
def test_the_states_from_level_2_are_those_of_level_1(kernel: str, name: str) -> None:
    assert list(states(captured(name, 2, kernel))) == list(states(captured(name, 1, kernel)))


@pytest.mark.parametrize(("kernel", "name"), [pair for pair in PAIRS if pair[0].startswith("5.10")])
def test_what_level_1_of_5_10_shows_is_true(kernel: str, name: str) -> None:
    """It prints a state at memory accesses only: in between less is known, but nothing else."""
    short, whole = registers(captured(name, 1, kernel)), registers(captured(name, 2, kernel))
    for less, more in zip(short, whole, strict=True):
        for place, (kind, value, off) in less.items():
            assert place in more
            assert (kind, off) == (more[place][0], more[place][2])
            assert value in (None, more[place][1])


def registers(found: Trace) -> Iterator[dict[tuple[int, int, str], tuple[str, int | None, int]]]:
    """By step, frame and name: what kind of thing a register holds, its value, its offset."""
    for step in found.steps():
        yield {
            (step.number, frame.frame, name): (reg.kind, reg.value, reg.off or 0)
            for frame in found.state_before(step)
            for name, reg in frame.regs.items()
        }


@pytest.mark.parametrize(("kernel", "name"), PAIRS)
def test_a_whole_log_has_no_holes(kernel: str, name: str) -> None:
    for level in (1, 2):
        found = captured(name, level, kernel)
        list(found.steps())
        assert found.holes == ()


@pytest.mark.parametrize(("kernel", "name"), PAIRS)
def test_every_line_of_a_real_log_is_read(kernel: str, name: str) -> None:
    for level in (1, 2):
        for text in read(name, level, kernel).decode().splitlines():
            line = parse(text)
            assert not isinstance(line, UnknownLine), text
            if isinstance(line, InsnLine) and STATE_BEHIND.search(text):
                assert line.printed is not None or line.next_state is not None, text


@pytest.mark.skipif(sys.platform != "linux", reason="needs a Linux kernel")
def test_random_programs_have_one_path_at_both_levels() -> None:
    """Forty programs before the running kernel's verifier, those of them that it refuses quickly."""
    descriptor = make_map()
    if descriptor < 0:
        pytest.skip("this user may not make BPF maps")
    programs = [random_program(seed, descriptor) for seed in range(40)]
    logs = [(load(program, 1), load(program, 2)[1]) for program in programs]
    refused = [(log, long) for (error, log), long in logs if error and len(long) < 500_000]
    assert len(refused) > 20
    assert sum(long.count(b"\nfrom ") for _, long in refused) > 20
    for log, long in refused:
        assert path(trace(long)) == path(trace(log))
    if int(platform.release().partition(".")[0]) >= 6:  # older ones print little at level 1
        for log, long in refused:
            assert list(states(trace(long))) == list(states(trace(log)))


class Watched(bytes):
    """Remembers how far in front bytes were read."""

    lowest = sys.maxsize

    def __getitem__(self, key):  # type: ignore[no-untyped-def]
        Watched.lowest = min(Watched.lowest, key.start or 0)
        return super().__getitem__(key)


def test_ten_steps_of_a_large_log_read_its_tail_only() -> None:
    log = read("rounds", 1)
    text = Watched(log * 500)
    Watched.lowest = sys.maxsize
    assert len(list(islice(trace(text).steps(), 10))) == 10
    assert Watched.lowest > len(text) - (1 << 16)


def test_steps_are_numbered_from_the_newest() -> None:
    found = captured("chain", 1)
    newest, older = islice(found.steps(), 2)
    assert found.last == newest
    assert (newest.number, older.number) == (-1, -2)
    assert (found.older(newest), found.newer(older), found.newer(newest)) == (older, newest, None)
    assert [step.offset for step in found.steps()] == sorted((s.offset for s in found.steps()), reverse=True)


@pytest.mark.parametrize("level", [1, 2])
def test_frames_of_nested_calls(level: int) -> None:
    found = captured("chain", level)
    assert {step.frame for step in found.steps()} == {0, 1, 2, 3}
    assert found.last is not None
    assert found.last.frame == 3
    assert [step.frame for step in found.steps()][-1] == 0


def test_frames_without_any_state() -> None:
    log = "0: (b7) r1 = 1\n1: (85) call pc+2\n4: (bf) r0 = r1\n5: (95) exit\n2: (bf) r6 = r0\n3: (95) exit\n"
    assert [step.frame for step in trace(log).steps()] == [0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize("level", [1, 2])
def test_a_callback_runs_in_a_frame_of_its_own(level: int) -> None:
    found = captured("callbacks", level)
    indices = {frame: {s.insn.index for s in found.steps() if s.frame == frame} for frame in (0, 1)}
    assert indices[1] == set(range(48, 56))
    assert {19, 20} <= indices[0]
    first = step_at(found, 48)
    assert first.came_from == 19


@pytest.mark.parametrize("level", [1, 2])
def test_a_timer_callback_starts_from_nothing(level: int) -> None:
    found = captured("later", level)
    assert step_at(found, 33).frame == 0
    assert {frame.frame for frame in found.state_before(step_at(found, 33))} == {0}
    assert set(found.state_before(step_at(found, 33))[0].regs) == {"r1", "r2", "r3", "r10"}


@pytest.mark.parametrize("level", [1, 2])
def test_a_global_function_is_a_run_of_its_own(level: int) -> None:
    assert [step.insn.index for step in captured("global", level).steps()] == [37, 36, 35, 32]


def test_the_way_a_branch_went() -> None:
    found = trace(
        "1: (15) if r1 == 0x0 goto pc+3\n2: (55) if r2 != 0x7 goto pc+1 4: R1=1 R10=fp0\n"
        "4: (25) if r1 > 0x1 goto pc+2\n"
    )
    assert [step.taken for step in found.steps()] == [None, True, False]


def test_the_tables_in_front_are_no_steps() -> None:
    log = (
        "func#0 @0\nsubprog#0 entry:\n  0: (b7) r0 = 0\n100: (95) exit\nLive regs before insn:\n"
        "      0: .1........ (b7) r0 = 0\n100: 0......... (95) exit\n0: R1=ctx() R10=fp0\n0: (b7) r0 = 0\n"
        "1: (61) r0 = *(u32 *)(r9 +0)\nR9 !read_ok\nprocessed 2 insns (limit 1000000)\n"
    )
    assert [step.insn.index for step in trace(log).steps()] == [1, 0]


@pytest.mark.parametrize("level", [1, 2])
def test_a_loop_found_when_a_branch_is_taken_up(level: int) -> None:
    """At level 2 the way out was walked last, and the log says nothing of the branch that led back."""
    newest = captured("around", level).last
    assert newest is not None
    assert newest.insn.target in (8, None)
    assert newest.insn.index < 12


_LOOPS = (
    "0: R1=ctx() R10=fp0\n0: (85) call bpf_get_prandom_u32#7    ; R0=scalar()\n"
    "1: (15) if r0 == 0x1 goto pc-2        ; R0=scalar()\n"
    "2: (15) if r0 == 0x2 goto pc-3        ; R0=scalar()\n"
    "3: (15) if r0 == 0x3 goto pc+1        ; R0=scalar()\n4: (95) exit\n\n"
    "from 3 to 5: R0=3 R10=fp0\n5: (95) exit\n"
)


@pytest.mark.parametrize(("target", "newest"), [(0, 2), (9, 5)])
def test_the_branch_that_led_back_is_the_last_one_left(target: int, newest: int) -> None:
    """It is looked at before it is announced; without such a branch the log ends where it ends."""
    last = trace(f"{_LOOPS}infinite loop detected at insn {target}\n").last
    assert last is not None and last.insn.index == newest


@pytest.mark.parametrize(
    ("branch", "log"),
    [
        ("(15) if r1 == 0x0 goto pc+2", "4: R1_w=inv0 R10=fp0\n4: (95) exit\n2: R1_w=inv0 R10=fp0\n"),
        ("(55) if r1 != 0x0 goto pc+2", "2: R1_w=inv0 R10=fp0\n2: (95) exit\n4: R1_w=inv0 R10=fp0\n"),
    ],
)
def test_what_is_walked_speculatively_without_a_word(branch: str, log: str) -> None:
    """5.10 without CAP_PERFMON: the way that the verifier knows is not taken is walked all the same."""
    other = int(log.split("\n")[2].partition(":")[0])
    found = trace(
        f"0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n0: (b7) r1 = 0\n1: R1_w=inv0 R10=fp0\n1: {branch}\n{log}"
        f"{other}: (61) r0 = *(u32 *)(r1 +0)\nR1 invalid mem access 'inv'\n"
    )
    assert [step.insn.index for step in found.steps()] == [other, 1, 0]
    assert step_at(found, other).came_from == 1
    assert found.holes == ()


def test_branches_left_by_several_ends_are_counted_off() -> None:
    """5.10 at level 2: two ways were left, and each end of a path took up the newest."""
    found = trace(
        "0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n0: (85) call bpf_get_prandom_u32#7\n1: R0_w=inv(id=0) R10=fp0\n"
        "1: (15) if r0 == 0x1 goto pc+3\n R0_w=inv(id=0) R10=fp0\n2: R0_w=inv(id=0) R10=fp0\n"
        "2: (15) if r0 == 0x2 goto pc+3\n R0_w=inv(id=0) R10=fp0\n3: R0_w=inv(id=0) R10=fp0\n3: (95) exit\n"
        "6: R0=inv2 R10=fp0\n6: (95) exit\n5: R0=inv1 R10=fp0\n5: (61) r1 = *(u32 *)(r0 +0)\n"
        "R0 invalid mem access 'inv'\n"
    )
    assert [step.insn.index for step in found.steps()] == [5, 1, 0]


def test_from_lines_of_5_10_at_level_1() -> None:
    found = trace(
        "6: (85) call bpf_map_lookup_elem#1\n7: (55) if r0 != 0x0 goto pc+1\n\n"
        "from 7 to 9: R0=map_value(id=1,off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm????\n9: (bf) r6 = r0\n"
    )
    assert [step.insn.index for step in found.steps()] == [9, 7, 6]
    assert step_at(found, 9).came_from == 7
    assert step_at(found, 7).taken is True


# Source comments


def test_a_comment_stays_in_force() -> None:
    found = trace("; int a = 1; @ a.c:3\n0: (b7) r1 = 1\n1: (b7) r2 = 1\n; b(); @ a.c:4\n2: (85) call pc+1\n")
    assert [step.comment for step in found.steps()] == [
        Comment("b();", "a.c", 4),
        Comment("int a = 1;", "a.c", 3),
        Comment("int a = 1;", "a.c", 3),
    ]


def test_a_comment_may_say_safe() -> None:
    found = trace("0: (b7) r1 = 1\n; default: safe\n1: (b7) r2 = 1\n")
    assert [step.insn.index for step in found.steps()] == [1, 0]


def test_a_comment_that_may_have_been_cut_out_is_not_guessed() -> None:
    """Level 1 drops what was printed on the other way, also the comment of the line both ways lead to."""
    found = trace(
        "; if (x) @ a.c:3\n0: (15) if r1 == 0x0 goto pc+3 4: R1=0 R10=fp0\n4: (b7) r0 = 0\n"
        "; } @ a.c:9\n5: (95) exit\n"
    )
    assert [step.comment and step.comment.line for step in found.steps()] == [9, None, 3]


# Holes


def test_a_log_without_its_beginning() -> None:
    found = trace("7: (07) r1 += 8\n8: (61) r2 = *(u32 *)(r1 +0)\n")
    assert [step.insn.index for step in found.steps()] == [8, 7]
    assert found.holes == ("what came before instruction 7",)


def test_a_log_with_a_piece_left_out() -> None:
    found = trace("0: (b7) r6 = 1\n[...]\n12: (07) r6 += 8\n13: (61) r2 = *(u32 *)(r6 +0)\n")
    assert [step.insn.index for step in found.steps()] == [13, 12, 0]
    assert found.holes == ("how the verifier went from instruction 0 to 12",)
    assert "r6" not in found.state_before(step_at(found, 12))[0].regs


def test_a_branch_that_is_not_in_the_log() -> None:
    found = trace("9: (95) exit\n\nfrom 3 to 7: R0=0 R10=fp0\n7: (61) r1 = *(u32 *)(r0 +0)\n")
    assert [step.insn.index for step in found.steps()] == [7]
    assert found.holes == ("what came before the branch at instruction 3",)


@pytest.mark.parametrize(
    "log", ["", "\n", "R1 !read_ok\n", "processed 0 insns (limit 1000000)\n", "; x\n", "3: safe\n"]
)
def test_no_instruction_no_step(log: str) -> None:
    found = trace(log)
    assert found.last is None
    assert list(found.steps()) == []


_LINES = (read("callbacks", 2) + read("twice", 1) + read("leak", 2, "5.10.218")).decode().splitlines()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_LINES), max_size=60), st.integers(0, 40), st.integers(0, 40))
def test_a_mixed_up_log_does_no_harm(lines: list[str], head: int, tail: int) -> None:
    text = "\n".join(lines)
    found = trace(text[head : len(text) - tail])
    for step in islice(found.steps(), 80):
        found.state_before(step)
        found.state_after(step)


@pytest.mark.parametrize("name", ["spills", "iterate"])
def test_a_log_cut_anywhere_gives_a_piece_of_the_path(name: str) -> None:
    log = read(name, 1)
    whole = path(trace(log))
    for cut in range(0, len(log), 271):
        tail = path(trace(log[cut:]))
        assert [entry[:2] for entry in tail[:-1]] == [entry[:2] for entry in whole[: max(len(tail) - 1, 0)]]


_TWICE = (
    "0: R1=ctx() R6=scalar() R10=fp0\n0: (85) call bpf_get_prandom_u32#7    ; R0=scalar()\n"
    "1: (15) if r0 == 0x1 goto pc+5        ; R0=scalar()\n"
    "2: (15) if r6 == 0x0 goto pc+1        ; R6=scalar(umin=1)\n3: (95) exit\n\n"
    "from 2 to 4: R0=scalar() R6=0 R10=fp0\n4: {made}\n5: (b7) r6 = 1            ; R6=1\n6: (05) goto pc-6\n"
    "1: (15) if r0 == 0x1 goto pc+5        ; {known}\n"
    "2: (15) if r6 == 0x0 goto pc+1        ; R6=1\n3: (95) exit\n"
)
_TAKEN_UP = "\nfrom 1 to 7: R0=1 R6={r6} R10=fp0\n7: (95) exit\n"


def test_a_walk_that_knew_the_way_left_no_branch_behind() -> None:
    log = _TWICE.format(made="(b7) r0 = 3            ; R0=3", known="R0=3")
    found = trace(log + _TAKEN_UP.format(r6="scalar()"))
    assert [step.insn.index for step in found.steps()] == [7, 1, 0]
    assert found.holes == ()


def test_branches_of_one_instruction_are_taken_up_newest_first() -> None:
    log = _TWICE.format(made="(85) call bpf_get_prandom_u32#7    ; R0=scalar()", known="R0=scalar()")
    newest = log + _TAKEN_UP.format(r6=1)
    assert [s.insn.index for s in trace(newest).steps()] == [7, 1, 6, 5, 4, 2, 1, 0]
    older = newest + _TAKEN_UP.format(r6="scalar()")
    assert [step.insn.index for step in trace(older).steps()] == [7, 1, 0]


def test_a_branch_to_another_instruction_than_the_next_is_not_followed() -> None:
    found = trace(
        "3: (15) if r1 == 0x0 goto pc+5\n4: (95) exit\n\nfrom 3 to 9: R0=0 R10=fp0\n"
        "7: (61) r1 = *(u32 *)(r0 +0)\n"
    )
    assert [step.insn.index for step in found.steps()] == [7]
    assert found.holes[0] == "how the verifier came to instruction 7"


def test_it_is_known_whether_somebody_looked_past_what_the_log_shows() -> None:
    for log, unshown in (
        ("0: (b7) r1 = 8\n1: (95) exit\n", None),
        ("7: (b7) r1 = 8\n8: (95) exit\n", Unshown.STEPS),
        ("0: (b7) r1 = 8\n[...]\n8: (95) exit\n", Unshown.STEPS),
    ):
        found = trace(log)
        search = found.search()
        assert found.last is not None and search.unshown is None
        list(found.steps())
        assert search.unshown is unshown


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("(85) call bpf_loop#181", {8, 9, 12, 40}),  # a callback may be anywhere
        ("(85) call pc+4", {8, 12}),
        ("(95) exit", {8, 9, 12, 40}),
        ("(0d) gotox r1", {8, 9, 12, 40}),
        ("(05) goto pc+4", {12}),
        ("(e5) may_goto pc+4", {8, 12}),
        ("(15) if r1 == 0x0 goto pc+4", {8, 12}),
        ("(18) r1 = 0xffff8881", {9}),
        ("(bf) r1 = r2", {8}),
    ],
)
def test_where_the_verifier_may_go_on(text: str, places: set[int]) -> None:
    insn = parse_insn(7, text)
    assert insn is not None
    assert {index for index in (7, 8, 9, 12, 40) if goes_to(insn, index)} - {7} == places


@pytest.mark.parametrize(
    ("text", "after", "taken"),
    [
        ("(e5) may_goto pc+2", 10, True),
        ("(e5) may_goto pc+2", 8, False),
        ("(15) if r1 == 0x0 goto pc+2", 10, True),
        ("(15) if r1 == 0x0 goto pc+2", 40, None),  # a piece is missing
        ("(15) if r1 == 0x0 goto pc+0", 8, None),  # both ways are one
        ("(05) goto pc+2", 10, None),
    ],
)
def test_which_way_a_branch_went(text: str, after: int, taken: bool | None) -> None:
    found = trace(f"7: {text}\n{after}: (95) exit\n")
    assert step_at(found, 7).taken is taken
