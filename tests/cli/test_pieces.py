"""Pieces of messages as people paste them: what they are answered, and what they are not."""

import json
from typing import Any

import pytest

from tests.cli.command import bpfdoctor


def finding(text: str) -> dict[str, Any]:
    done = bpfdoctor("log", "--output-format", "json", stdin=text)
    assert done.status == 1, done.out + done.err
    (report,) = json.loads(done.out)["reports"]
    (found,) = report["findings"]
    return dict(found)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("invalid access to packet, off=36 size=2", "packet-bounds"),
        ("I get `Invalid access to packet, off=36 size=2.` since the update", "packet-bounds"),
        ("it says invalid access to\npacket, off=36 size=2 and nothing else", "packet-bounds"),
        ("min value is negative", "unbounded-access"),
        ("the loader only prints “R2 MIN VALUE IS NEGATIVE, either use uns” and stops", "unbounded-access"),
        ("> unbounded memory access, make sure to bounds check any such acc", "unbounded-access"),
    ],
)
def test_a_piece_has_its_rule_no_certainty_and_no_patch(text: str, rule: str) -> None:
    found = finding(text)
    assert (found["rule"], found["confidence"]) == (rule, "likely")
    assert found["fixes"] == []


def test_a_piece_of_several_messages_lists_their_rules_and_states_no_cause() -> None:
    found = finding("why is it `offset is outside of the packet`")
    assert (found["rule"], found["confidence"], found["fixes"]) == ("ambiguous-message", "guess", [])
    assert "packet-bounds (" in found["note"] and "in-front-of-packet (" in found["note"]


def test_english_is_no_message() -> None:
    text = "It is required to restart the service.\nThe options are mutually exclusive with each other.\n"
    assert "error[" not in bpfdoctor("log", stdin=text).out
