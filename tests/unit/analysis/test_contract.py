"""The contract between rules and collectors: what is missing in a rule is missed, and named."""

from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.analysis import contract, spoken
from bpfdoctor.catalogue import Catalogue, store
from bpfdoctor.resources import folder

PACKET = folder("rules") / "memory" / "packet-bounds.md"


def told(where: Path, *changes: tuple[str, str]) -> str:
    """What is said of the real rule about packet bounds after these changes."""
    text = PACKET.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (where / "memory").mkdir()
    (where / "memory" / PACKET.name).write_text(text)
    return "\n".join(contract.check(Catalogue(store.compile_folder(where), where)))


def test_the_real_rule_has_nothing_to_tell(tmp_path: Path) -> None:
    assert told(tmp_path) == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{touched}", "{touchd}", "access: nothing is called 'touchd' here; did you mean 'touched'?"),
        ("{touched}", "{touched:bytes}", "{touched:bytes}: touched is str, and that is written otherwise"),
        ("{touched}", "{pointer}", "{pointer:}: pointer is str | None"),
        ("{touched}", "{program:bytes}", "{program:bytes}: program is Program, and that is written"),
        ("{touched}", "{touched:loud}", "there is no kind 'loud'"),
        ("[outcome.TOO_FAR]", "[outcome.TOO_NEAR]", "[outcome.TOO_NEAR]: no collector gives it"),
        ('check = "this check proves', 'chek = "this check proves', "chek: a label's name is `access`"),
        (
            'fixes    = ["limit_offset", "count_loop"]',
            'fixes    = []\nbecomes = "other"',
            "no rule is called 'other'",
        ),
        (
            'from byte {off} on"\nheadline',
            'from byte {end} on"\nheadline',
            "MESSAGE alone: access: nothing is called 'end'",
        ),
        ('headline = "the access must', 'note = "the access must', "headline: nothing is called 'missing'"),
        ('"proved > 0"', '"proven > 0"', "[[usual]] 2: when: nothing is called 'proven' here; did you mean"),
        (
            'title = "Check the',
            'title = "{chek} the',
            "[[fix]] check_packet: title: nothing is called 'chek'",
        ),
        ("data + {{ m.off + m.size }}", "data + {{ m.end }}", "[[fix]] check_packet: example: "),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert said in told(tmp_path, (old, new))


def test_a_slot_that_an_outcome_lacks_is_named(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        ('wants    = "a comparison with data_end that covers {end_of_access', 'note    = "{end_of_access'),
    )
    missing = next(line for line in text.splitlines() if line.endswith(": wants is missing"))
    assert "TOO_SHORT" in missing and "TOO_FAR" in missing
    assert "alone" not in missing  # both kinds of messages have their own


@pytest.mark.parametrize("name", [name for name, kind in spoken.KINDS.items() if kind.example])
def test_a_kind_writes_its_example(name: str) -> None:
    kind = spoken.KINDS[name]
    assert kind.write(kind.given, None) == kind.example  # type: ignore[arg-type]  # no kind here asks the log
    assert type(kind.given).__name__ in kind.takes


@pytest.mark.parametrize("kind", ["programs", "a_program", "this_kernel", "capabilities"])
def test_what_nobody_knows_is_not_claimed(kind: str) -> None:
    written = spoken.KINDS[kind].write(None, None)  # type: ignore[arg-type]  # no kind here asks the log
    assert written and "None" not in written


def test_a_map_type_that_has_no_name_keeps_its_number() -> None:
    assert "4711" in spoken.KINDS["map_type"].write(4711, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "evidence", sorted({rule.evidence for rule in catalogue.load().rules if rule.evidence})
)
def test_no_outcome_is_another_one_s_alias(evidence: str) -> None:
    outcomes = contract.outcome_type(evidence)
    assert [*outcomes.__members__] == [each.name for each in outcomes]  # two with the same words are one
