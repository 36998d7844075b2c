"""`bpfdoctor explain` and `bpfdoctor rules`."""

from __future__ import annotations

import json

import pytest

from bpfdoctor import catalogue
from tests.cli.command import bpfdoctor


@pytest.mark.parametrize("key", ["packet-bounds", "Packet-Bounds", "BD101", "bd101"])
def test_a_rule_is_found_by_name_and_id(key: str) -> None:
    rule = catalogue.load().rule("packet-bounds")
    done = bpfdoctor("explain", rule.id if key.lower().startswith("bd") else key)
    assert done.status == 0 and done.out.startswith(f"# packet-bounds: {rule.title}\n\n{rule.id} · ")


@pytest.mark.parametrize(
    ("message", "rule"),
    [("R3 !read_ok", "uninitialized-register"), ("R1 offset is outside of the packet", "packet-bounds")],
)
def test_a_message_is_enough(message: str, rule: str) -> None:
    done = bpfdoctor("explain", message)
    assert done.status == 0 and done.out.startswith(f"# {rule}: ")


def test_programs_of_the_corpus_stand_in_the_page() -> None:
    done = bpfdoctor("explain", "packet-bounds")
    assert "```c\n" in done.out and "SEC(" in done.out and "{{" not in done.out


def test_a_mistyped_rule_is_guessed() -> None:
    done = bpfdoctor("explain", "paket-bounds")
    assert done.status == 2 and "Did you mean packet-bounds" in done.err


def test_an_unknown_message_names_what_is_near() -> None:
    done = bpfdoctor("explain", "R7 frobnicated packet outside of its memory")
    assert done.status == 2 and "No rule knows this message." in done.err and "bpfdoctor explain " in done.err


def test_every_page_can_be_shown() -> None:
    rules = catalogue.load()
    for rule in rules.rules:
        assert rules.page(rule).strip(), rule.name


def test_rules_are_listed() -> None:
    done = bpfdoctor("rules")
    for rule in catalogue.load().rules:
        assert rule.id in done.out and rule.name in done.out and rule.title in done.out


def test_words_find_rules() -> None:
    done = bpfdoctor("rules", "PACKET", "bounds")
    assert done.status == 0 and "BD101  packet-bounds" in done.out and "BD201" not in done.out


def test_words_that_find_nothing_are_an_error() -> None:
    done = bpfdoctor("rules", "packet", "no-such-word")
    assert (done.status, done.out) == (2, "") and "No rule has 'packet' and 'no-such-word'" in done.err


def test_rules_are_listed_for_scripts() -> None:
    listed = json.loads(bpfdoctor("rules", "--output-format", "json").out)
    assert [rule["name"] for rule in listed] == [rule.name for rule in catalogue.load().rules]
