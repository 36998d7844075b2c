"""Odd forms of logs, each rewritten by name, and messages told from words by shape."""

from __future__ import annotations

import pytest

from bpfdoctor.log import messages
from bpfdoctor.log.repair import odd_forms
from bpfdoctor.log.repair.odd_forms import QUIRKS, Quirk
from bpfdoctor.model.report import Stage
from tests.unit.log.texts import OLD, REPORTED, STATS, error, log


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_a_quirk_does_what_it_shows(quirk: Quirk) -> None:
    assert quirk.rewrite(quirk.seen) == quirk.told


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_a_quirk_has_nothing_to_do_twice(quirk: Quirk) -> None:
    assert quirk.rewrite(quirk.told) == quirk.told


@pytest.mark.parametrize("text", [log("packet"), log("null-in-callee-l2"), log("bcc-null"), OLD, REPORTED])
def test_an_ordinary_log_is_left_alone(text: str) -> None:
    data = text.encode()
    assert odd_forms.rewrite(data, data) is data


def test_one_line_of_go_becomes_instruction_and_message() -> None:
    text = "program drop: load program: permission denied: 0: (bf) r6 = r3: R3 !read_ok (3 line(s) omitted)\n"
    block = error(text)
    assert (block.lines, block.insn) == (("R3 !read_ok",), 0)


def test_gos_two_lines_of_one_message() -> None:
    text = (
        "program drop: load program: permission denied: invalid access to packet, off=0 size=4,"
        " R4(id=0,off=0,r=0): R4 offset is outside of the packet (200 line(s) omitted)\n"
    )
    assert len(error(text).lines) == 2


def test_one_line_of_go_that_the_width_of_a_window_broke() -> None:
    text = (
        'starting operator "ebpf": program drop: load program: invalid argument: Unreleased \n'
        "reference id=3 alloc_insn=10 (28 line(s) omitted)\n"
    )
    assert error(text).lines == ("Unreleased reference id=3 alloc_insn=10",)


def test_a_path_with_its_first_instruction_on_the_same_line() -> None:
    text = (
        "from 12 to 92: R0=inv(id=0) R10=fp0 fp-248=map_value 92: (79) r7 = *(u64 *)(r10 -248)\n"
        "93: (71) r4 = *(u8 *)(r8 +59)\nR8 invalid mem access 'inv'\n"
    )
    block = error(text)
    assert (block.lines, block.insn) == (("R8 invalid mem access 'inv'",), 93)


def test_a_message_without_a_newline() -> None:
    text = f"0: (85) call bpf_csum_diff#28\nR1 type=scalar expected=fp, pkt, map_value {STATS}"
    assert error(text).lines == ("R1 type=scalar expected=fp, pkt, map_value",)


def test_wrapped_states_are_no_messages() -> None:
    wrapped = "R1_w=inv(id=0,umax_value=255,var_off=(0x0;\n 0xff))"
    state = f"R0=map_value(id=0,off=0,ks=4,vs=16,imm=0) {wrapped} R10=fp0"
    slots = "\nfp-16=mmmmmmmm fp-24=mmmmmmmm fp-32=mmmmmmmm"
    branch, load = "9: (15) if r0 == 0x0 goto pc+4", "10: (79) r1 = *(u64 *)(r0 +0)"
    text = f"{branch}\n {state} fp-8=mmmmmmmm{slots}\n{load}\nR0 !read_ok\n"
    assert error(text + STATS).lines == ("R0 !read_ok",)


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("R1 type=scalar expected=fp", Stage.VERIFIER),
        ("invalid indirect read from stack R4 off -16+14 size 16", Stage.VERIFIER),
        ("math between fp pointer and register with unbounded min value is not allowed", Stage.VERIFIER),
        ("map 'timers' has no valid bpf_timer", Stage.VERIFIER),
        ("Looks like the BPF stack limit is exceeded. Please move large on stack variables", Stage.COMPILER),
        ("A call to built-in function 'memset' is not supported.", Stage.COMPILER),
        ("failed to find BTF for extern 'strlen': -2", Stage.LOADER),
        ("map 'flows': failed to create: Invalid argument(-22)", Stage.LOADER),
        ("I have tried everything.", None),
        ("Regards", None),
    ],
)
def test_the_shape_of_a_message_tells_who_prints_it(text: str, stage: Stage | None) -> None:
    assert messages.stage_of(text) is stage


@pytest.mark.parametrize(
    "text", ["I tried that.", "What is R1?", "This is the whole log I have got.", "Can you help me?"]
)
def test_people_are_recognised(text: str) -> None:
    assert messages.is_prose(text)
    assert messages.spoken(text, None) is None


def test_a_sentence_that_begins_like_a_message_is_a_sentence() -> None:
    assert messages.spoken("R1 is not what I expected here", None) is None
