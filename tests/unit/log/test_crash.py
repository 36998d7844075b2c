"""What a kernel writes on its console when it crashes is no refusal, and gets a rule of its own."""

from pathlib import Path

import pytest

from bpfdoctor import catalogue
from tests.unit.log.texts import error

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("version", ["6.1", "7.3"])
def test_the_console_of_a_guest_that_panicked(version: str) -> None:
    """Guests of the lab that got an NMI nobody expected, as QEMU's serial console shows them."""
    rules = catalogue.load()
    block = error((DATA / f"panic-{version}.log").read_bytes(), rules.known)
    finding = rules.find(block)
    assert (finding.rule, finding.captures["why"]) == ("kernel-crash", "NMI: Not continuing")


def test_the_verifiers_own_bug_is_another_rule() -> None:
    found = catalogue.load().find_text("BUG backtracing func entry subprog 3 reg_mask 85 stack_mask 85")
    assert found.rule == "verifier-bug"
