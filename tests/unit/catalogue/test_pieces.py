"""A piece of a message finds the rules it can be about; plain English finds none."""

import time

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import AMBIGUOUS, UNKNOWN
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock

RULES = catalogue.load()


def rule(*lines: str) -> str:
    return RULES.find(ErrorBlock(lines, Stage.VERIFIER)).rule


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("invalid access to packet, off=36 size=2", "packet-bounds"),
        ("Invalid access to packet, off=36 size=2.", "packet-bounds"),
        ("invalid access to packet, off=-8 size=2", "in-front-of-packet"),
        ("valid access to packet, off=36 si", "packet-bounds"),
        ("min value is negative", "unbounded-access"),
        ("MIN VALUE IS NEGATIVE.", "unbounded-access"),
        ("unbounded memory access", "unbounded-access"),
        ("unbounded memory access, make sure to bo", "unbounded-access"),
        ("register with unbounded min value is not allowed", "unbounded-access"),
        ("arithmetic on map_value_or_null prohibited, null-check it", "map-value-or-null"),
        ("function calls are not allowed while holding", "call-in-critical-section"),
        ("last insn is not an exit", "missing-exit"),
        ("bpf_spin_unlock is missing", "lock-still-held"),
        ("must be referenced or trusted", "trusted-pointer-required"),
        ("THE SEQUENCE OF 8193 JUMPS IS TOO COMPLEX", "program-too-large"),
        ("combined stack size of 3 calls is", "stack-too-large"),
        ("program of this type cannot use helper", "helper-not-allowed"),
    ],
)
def test_a_piece_that_only_one_rule_has_is_that_rules(piece: str, expected: str) -> None:
    assert rule(piece) == expected


@pytest.mark.parametrize(
    ("piece", "first"),
    [
        ("offset is outside of the packet", {"packet-bounds", "in-front-of-packet"}),
        ("is outside of the allowed memory range", {"packet-bounds", "map-value-bounds", "memory-bounds"}),
        ("invalid bpf_context access", {"context-access", "tracing-argument-slot"}),
    ],
)
def test_a_piece_of_several_messages_names_the_rules_it_can_be(piece: str, first: set[str]) -> None:
    found = RULES.find(ErrorBlock((piece,), Stage.VERIFIER))
    assert found.rule == AMBIGUOUS
    assert first <= set(found.could_be)


@pytest.mark.parametrize(
    ("line", "piece"),
    [
        ("I get min value is negative when I read the header", "min value is negative"),
        ("I still get unbounded memory access, although I check it.", "unbounded memory access"),
        ("then R7 min value is negative, either use and so on", "R7 min value is negative, either use"),
    ],
)
def test_the_piece_in_a_sentence_is_cut_out(line: str, piece: str) -> None:
    assert RULES.piece(line) == piece


def test_words_that_nobody_printed_are_no_piece() -> None:
    prose = [
        "It is required to restart the service after changing the value.",
        "These options are mutually exclusive with each other.",
        "The map could not be created because the size is not allowed.",
        "Everything is allowed to be outside of the house.",
        "This library is not covered by the license of the program.",
        "The function must be called with a pointer to the structure as its first argument.",
        "the return value is not used, and the memory is not freed before the call",
        "can only be used in a function that takes a context",
        "",
    ]
    assert [line for line in prose if RULES.piece(line)] == []
    assert [line for line in prose if rule(line) != UNKNOWN] == []


def test_a_message_with_other_words_in_it_is_unknown() -> None:
    assert rule("min value is negative zebra crossing") == UNKNOWN


def test_a_piece_is_found_in_microseconds_whatever_the_line() -> None:
    RULES.piece("warm up: min value is negative")
    worst = [
        "min value is negative " * 90,
        "invalid access to " * 100,
        "a" * 2000,
        "the the the " * 160,
        "is not allowed to be is not allowed to " * 50,
    ]
    start = time.process_time()
    for line in worst * 4:
        RULES.piece(line)
    assert (time.process_time() - start) / (4 * len(worst)) < 0.02
