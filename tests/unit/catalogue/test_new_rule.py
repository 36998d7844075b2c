"""A rule in five minutes: what CONTRIBUTING tells people to do, done."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bpfdoctor.analysis import contract
from bpfdoctor.catalogue import guard, new_rule
from bpfdoctor.model.problem import Problem
from bpfdoctor.resources import folder

ROOT = folder("rules").parent
LOG = ROOT / "corpus" / "cases" / "packet-bounds" / "udp-after-ip-check" / "logs"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The rules in a checkout of their own; programs are found in the real corpus."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "corpus" / "cases").mkdir(parents=True)
    return tmp_path


def test_the_sample_in_contributing_passes_the_check(checkout: Path) -> None:
    sample = re.search(r"```markdown\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert sample is not None
    (checkout / "rules" / "memory" / "lock-held.md").write_text(sample[1])
    id_ = re.search(r'"(BD\d+)"', sample[1])
    assert id_ is not None and id_[1] not in (ROOT / "rules" / "ids.txt").read_text(), "an id that is taken"
    with (checkout / "rules" / "ids.txt").open("a") as ids:
        ids.write(f"{id_[1]}  lock-held\n")
    wrong, rules = guard.check_one(checkout / "rules", "lock-held")
    assert wrong == []
    assert rules is not None and contract.check(rules) == []


def test_a_started_rule_knows_its_message_and_lacks_only_what_is_to_be_filled_in(checkout: Path) -> None:
    message = ("R7 nobody knows off=-8 size=0x10", "a {brace} (2)")
    written = new_rule.start(checkout, "memory/brand-new", message)
    assert "rules/memory/brand-new.md" in written and "rules/ids.txt" in written
    text = (checkout / "rules" / "memory" / "brand-new.md").read_text()
    assert '"{reg:reg} nobody knows off={n1:int} size={n2:hex}"' in text
    with pytest.raises(Problem, match="exists"):
        new_rule.start(checkout, "memory/brand-new", message)
    wrong, _ = guard.check_one(checkout / "rules", "brand-new")
    assert wrong and all("category" in sentence or "FILL IN" in sentence for sentence in wrong), wrong
    filled = text.replace("FILL IN: one of Linux 7.3's seven, or ours; see docs/json.md", "Memory Safety")
    (checkout / "rules" / "memory" / "brand-new.md").write_text(filled)
    wrong, rules = guard.check_one(checkout / "rules", "brand-new")
    assert all("there is no corpus/cases/brand-new/first" in sentence for sentence in wrong), wrong
    assert (
        rules is not None
        and rules.find_text("R3 nobody knows off=16 size=0xff\na {brace} (7)").rule == "brand-new"
    )


def test_a_wrong_name_is_told() -> None:
    with pytest.raises(Problem, match="not TOPIC/NAME"):
        new_rule.start(ROOT, "nowhere/my-rule", ("m",))
    with pytest.raises(Problem, match="not TOPIC/NAME"):
        new_rule.start(ROOT, "memory/My_Rule", ("m",))
    with pytest.raises(Problem, match="no message"):
        new_rule.start(ROOT, "memory/my-rule", ())


def test_one_rule_is_checked_by_the_command() -> None:
    command = [sys.executable, "-m", "bpfdoctor", "dev", "check"]
    assert (
        subprocess.run([*command, "packet-bounds"], capture_output=True, text=True, check=False).stdout == ""
    )
    gone = subprocess.run([*command, "no-such-rule"], capture_output=True, text=True, check=False)
    assert (gone.returncode, gone.stdout) == (1, "rules/: there is no rule no-such-rule\n")
