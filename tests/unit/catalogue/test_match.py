"""Which rule wins an error block, and what is left unexplained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor import catalogue as real
from bpfdoctor.catalogue import UNKNOWN, Catalogue
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from tests.unit.catalogue.books import catalogue, match


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return catalogue(
        tmp_path_factory.mktemp("rules"),
        (
            "memory/packet",
            "BD101",
            match("bad packet, off={off:int} {reg:arg}", "{reg:arg} is outside")
            + match("{reg:arg} is outside of it all"),
        ),
        ("memory/general", "BD102", match("{reg:arg} is outside")),
        ("memory/number", "BD103", match("size {n:int} is bad", when=["n >= 0"])),
        ("memory/negative", "BD104", match("size {n:int} is bad")),
        ("memory/preferred", "BD105", match("the same {what:word} text", priority=1)),
        ("memory/common", "BD106", match("the same {other:word} text")),
        ("calls/wrapper", "BD401", match("caller passes invalid args into func#{n:int}", summary=True)),
        ("toolchain/compiler", "BD801", match("{message:rest}", stage="compiler")),
        ("toolchain/loader", "BD802", match("map '{map:name}' refused", stage="loader")),
        ("toolchain/rights", "BD803", '[[match]]\nerrno = "EPERM"\n'),
        remarks=("func#{_:int} @{_:int}", "soft {_:rest}"),
    )


def find(book: Catalogue, *lines: str, stage: Stage = Stage.VERIFIER, errno: int | None = None) -> str:
    return book.find(ErrorBlock(lines, stage, errno=errno)).rule


def test_more_matched_lines_win_over_more_characters(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("bad packet, off=4 R1", "R1 is outside"), Stage.VERIFIER))
    assert finding.rule == "packet"
    assert finding.captures == {"off": 4, "reg": "r1"}
    assert finding.unmatched == ()


def test_values_bound_in_two_lines_must_agree(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("bad packet, off=4 R2", "R1 is outside"), Stage.VERIFIER))
    assert finding.rule == "general"
    assert finding.unmatched == ("bad packet, off=4 R2",)


def test_lines_must_stand_in_the_matchs_order(book: Catalogue) -> None:
    assert find(book, "R1 is outside", "bad packet, off=4 R1") == "general"


def test_a_single_message_matches_beside_another_and_says_what_it_leaves(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("never heard", "R1 is outside"), Stage.VERIFIER))
    assert (finding.rule, finding.unmatched) == ("general", ("never heard",))


def test_of_equal_messages_the_last_is_the_verdict(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("R1 is outside", "R2 is outside"), Stage.VERIFIER))
    assert finding.captures == {"reg": "r2"}
    assert finding.unmatched == ()


def test_conditions_decide_between_the_same_words(book: Catalogue) -> None:
    assert find(book, "size 4 is bad") == "number"
    assert find(book, "size -4 is bad") == "negative"


def test_priority_decides_last(book: Catalogue) -> None:
    assert find(book, "the same old text") == "preferred"


def test_a_summary_wins_only_alone_and_is_explained_beside_others(book: Catalogue) -> None:
    assert find(book, "caller passes invalid args into func#1") == "wrapper"
    finding = book.find(
        ErrorBlock(("R1 is outside", "caller passes invalid args into func#1"), Stage.VERIFIER)
    )
    assert (finding.rule, finding.unmatched) == ("general", ())


def test_remarks_are_neither_the_message_nor_unexplained(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("func#0 @0", "R1 is outside", "soft words"), Stage.VERIFIER))
    assert (finding.rule, finding.unmatched) == ("general", ())
    assert book.remark("func#0 @0")
    assert not book.known("func#0 @0")


def test_the_stage_restricts_but_verifier_and_loader_may_be_mistaken(book: Catalogue) -> None:
    assert find(book, "map 'm' refused", stage=Stage.LOADER) == "loader"
    assert find(book, "map 'm' refused", stage=Stage.VERIFIER) == "loader"
    assert find(book, "map 'm' refused", stage=Stage.PASTE) == "loader"
    assert find(book, "R1 is outside", stage=Stage.COMPILER) == "compiler"
    assert find(book, "whatever it says", stage=Stage.COMPILER) == "compiler"


def test_what_takes_any_words_is_only_for_its_own_stage(book: Catalogue) -> None:
    assert find(book, "whatever it says") == UNKNOWN
    assert find(book, "whatever it says", stage=Stage.PASTE) == UNKNOWN
    assert not book.known("whatever it says")


def test_an_errno_explains_a_block_without_a_message(book: Catalogue) -> None:
    assert find(book, errno=1) == "rights"
    assert find(book, "func#0 @0", errno=1) == "rights"
    assert find(book, "never heard", errno=1) == UNKNOWN
    assert find(book, errno=22) == UNKNOWN
    assert find(book) == UNKNOWN


def test_decoration_in_front_of_a_message_does_not_matter(book: Catalogue) -> None:
    assert find(book, "libbpf: map 'm' refused", stage=Stage.LOADER) == "loader"
    assert find(book, "R1  is\toutside ") == "general"


def test_the_nearest_rules_come_with_the_words_they_share(book: Catalogue) -> None:
    near = book.nearest(["this packet is bad"])
    assert near[0].rule == "packet"
    assert "packet" in near[0].words
    assert book.nearest(["nothing alike at all"]) == ()


_LINE = st.text(alphabet="R1 is outsdeba#0@,=-(){}<>'é\u2028\x00", max_size=80)


@given(st.lists(_LINE, max_size=6), st.sampled_from(list(Stage)), st.none() | st.integers(0, 200))
def test_no_block_raises(lines: list[str], stage: Stage, errno: int | None) -> None:
    rules = real.load()
    assert rules.find(ErrorBlock(tuple(lines), stage, errno=errno)).rule
    for line in lines:
        rules.known(line)
        rules.remark(line)
    assert len(rules.nearest(lines)) <= 3


def test_a_block_of_a_hundred_thousand_lines_costs_what_its_end_costs() -> None:
    lines = ("R1 !read_ok",) * 100_000
    assert find(real.load(), *lines[-200:]) == "uninitialized-register"
    finding = real.load().find(ErrorBlock(("x " * 2000,) * 50 + lines[-200:], Stage.VERIFIER))
    assert finding.rule == "uninitialized-register"


def test_a_summary_behind_a_remark_sums_up_the_remark() -> None:
    remark = "Global function counter_of() doesn't return scalar. Only those are supported."
    assert (
        find(real.load(), remark, "Caller passes invalid args into func#1 ('counter_of')")
        == "global-function-return"
    )
    assert find(real.load(), remark, "R6 !read_ok") == "uninitialized-register"
