"""The guard: each thing that must be true of the rules is missed when it is not."""

from pathlib import Path

from bpfdoctor.catalogue import guard
from tests.unit.catalogue.books import match, write

FIRST = ("memory/first", "BD101", match("{reg:arg} is wrong", examples=["R1 is wrong"]))
UNKNOWN = ("silent/unknown-message", "BD901", "")


def told(folder: Path, *rules: tuple[str, str, str]) -> str:
    return "\n".join(guard.check(write(folder, *rules)))


def test_a_good_folder_has_nothing_to_tell(tmp_path: Path) -> None:
    assert told(tmp_path, FIRST, UNKNOWN) == ""


def test_two_rules_for_one_message_are_proved_by_such_a_message(tmp_path: Path) -> None:
    other = ("memory/other", "BD102", match("{what:arg} is wrong", examples=["arg#1 is wrong"]))
    assert "first and other both match at the same rank: 'R1 is wrong'" in told(
        tmp_path, FIRST, UNKNOWN, other
    )


def test_equality_is_found_without_an_example(tmp_path: Path) -> None:
    one = ("memory/one", "BD102", match("type {kind:one(a|b)} here", examples=["type a here"]))
    two = ("memory/two", "BD103", match("type {kind:word} here", examples=["type c here"], priority=0))
    text = told(tmp_path, one, two, UNKNOWN)
    assert text == ""  # one(a|b) has a literal character more
    three = ("memory/three", "BD104", match("type {k:one(b|c)} here", examples=["type c here"]))
    assert "one and three both match at the same rank: 'type b here'" in told(tmp_path, one, three, UNKNOWN)


def test_an_example_that_reaches_another_rule_is_told(tmp_path: Path) -> None:
    other = ("memory/other", "BD102", match("{reg:arg} is {how:word}", examples=["R1 is wrong"]))
    assert "the example 'R1 is wrong' reaches first" in told(tmp_path, FIRST, other, UNKNOWN)


def test_a_match_needs_an_example_and_a_rule_a_match(tmp_path: Path) -> None:
    bare = ("memory/bare", "BD102", match("{reg:arg} is odd"))
    empty = ("memory/empty", "BD103", "")
    text = told(tmp_path, bare, empty, UNKNOWN)
    assert "rules/memory/bare.md: [[match]] 1: examples is missing" in text
    assert "rules/memory/empty.md: no [[match]] and no `becomes`" in text


def test_ids_are_kept_for_ever(tmp_path: Path) -> None:
    write(tmp_path, FIRST, UNKNOWN)
    ids = tmp_path / "ids.txt"
    ids.write_text(
        "BD101  first\nBD101  twice\nBD105  gone\nBD106  old  retired: merged into first\nnonsense\n"
    )
    text = "\n".join(guard.check(tmp_path))
    assert "rules/ids.txt:2: BD101 was already given to first" in text
    assert "rules/ids.txt: BD105 gone has no page; write `retired: why` after it" in text
    assert "BD106" not in text
    assert "rules/ids.txt:5: not `BD123  rule-name`" in text
    assert "rules/silent/unknown-message.md: rules/ids.txt does not give it this id" in text


def test_an_ids_first_digit_says_the_folder(tmp_path: Path) -> None:
    text = told(tmp_path, ("calls/first", "BD101", FIRST[2]), UNKNOWN)
    assert "rules/calls/first.md: ids of rules/calls/ begin otherwise than BD1" in text


def test_titles_sections_programs_and_fixes_are_looked_at(tmp_path: Path) -> None:
    write(tmp_path, FIRST, ("memory/second", "BD102", match("{x:int} more", examples=["1 more"])), UNKNOWN)
    second = tmp_path / "memory" / "second.md"
    text = second.read_text().replace("second is what", "FIRST is what")
    text = text.replace("## More\n", "").replace("udp-after-ip-check", "not-there")
    second.write_text(text.replace('[[fix]]\ntitle = "t"\nexample = "+x"\n', ""))
    told = "\n".join(guard.check(tmp_path))
    assert "first and second have the same title" in told
    assert "rules/memory/second.md: there is no [[fix]]" in told
    assert "rules/memory/second.md: the page has no section '## More' in its place" in told


def test_a_program_that_is_not_in_the_corpus_is_told(tmp_path: Path) -> None:
    write(tmp_path, FIRST, UNKNOWN)
    first = tmp_path / "memory" / "first.md"
    first.write_text(first.read_text().replace("udp-after-ip-check", "not-there"))
    assert guard.check(tmp_path) == [
        "rules/memory/first.md: there is no corpus/cases/packet-bounds/not-there/prog.bpf.c"
    ]


def test_a_folder_without_the_rule_for_unknown_messages_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, FIRST) == "there is no rule unknown-message"
