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
        ("memory/decider", "BD107", match("it is over", decides=True)),
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


def test_lines_must_stand_in_the_matchs_order(book: Catalogue) -> None:
    assert find(book, "R1 is outside", "bad packet, off=4 R1") == "general"


def test_a_single_message_matches_beside_another_and_says_what_it_leaves(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("never heard", "R1 is outside"), Stage.VERIFIER))
    assert (finding.rule, finding.unmatched) == ("general", ("never heard",))


def test_of_two_that_come_together_the_first_is_the_specific_one(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("the same old text", "R1 is outside of it all"), Stage.VERIFIER))
    assert (finding.rule, finding.unmatched) == ("preferred", ())


def test_what_decides_wins_over_what_was_said_before_it(book: Catalogue) -> None:
    finding = book.find(ErrorBlock(("size 4 is bad", "R1 is outside", "it is over"), Stage.VERIFIER))
    assert (finding.rule, finding.unmatched) == ("decider", ())


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


# What the function that finds the fault says, then what its caller adds (7.3's kernel/bpf/verifier.c).
_TOGETHER = (
    ("func 'vfs_read' doesn't have 5-th argument", "invalid bpf_context access off=32 size=8"),
    ("func 'vfs_read' offset 20 is not multiple of 8", "invalid bpf_context access off=20 size=4"),
    ("cannot pass in dynptr at an offset=-28", "Expected an initialized dynptr as arg #1"),
    ("dynptr has to be at a constant offset", "Expected an initialized dynptr as R2"),
    ("cannot pass in dynptr at an offset=-8", "Dynptr has to be an uninitialized dynptr"),
    ("cannot pass in iter at an offset=-28", "expected uninitialized iter_num as arg #0"),
    ("iter has to be at a constant offset", "expected an initialized iter_num as arg #1"),
    ("cannot pass in irq_flag at an offset=-28", "expected an initialized irq flag as arg#0"),
    ("no write support to tcp_sock at off 1776", "R1 cannot write into ptr_tcp_sock at off=1776 size=4"),
    ("The sequence of 8193 jumps is too complex.", "failed to push state for failed lock acquisition"),
    (
        "R3 unbounded memory access, use 'var &= const' or 'if (var < const)'",
        "arg#2 arg#3 memory, len pair leads to invalid memory access",
    ),
    (
        "R4 min value is negative, either use unsigned or 'var &= const'",
        "R3 and R4 memory, len pair leads to invalid memory access",
    ),
    (
        "R1 must have zero offset when passed to release func or trusted arg to kfunc",
        "Caller passes invalid args into func#1 ('f')",
    ),
    (
        "Unreleased reference id=3 alloc_insn=14",
        "BPF_EXIT instruction in main prog would lead to reference leak",
    ),
)


@pytest.mark.parametrize(("cause", "effect"), _TOGETHER)
def test_the_kernels_pairs_are_one_block_about_the_cause(cause: str, effect: str) -> None:
    rules = real.load()
    finding = rules.find(ErrorBlock((cause, effect), Stage.VERIFIER))
    assert finding.rule == rules.find(ErrorBlock((cause,), Stage.VERIFIER)).rule != UNKNOWN
    assert finding.unmatched == ()


@pytest.mark.parametrize(
    "before",
    [
        (
            "invalid access to map value, value_size=32 off=67 size=1",
            "R0 max value is outside of the allowed memory range",
        ),
        ("R0 unbounded memory access, make sure to bounds check any such access",),
        ("R0 min value is negative, either use unsigned index or do a if (index >=0) check.",),
    ],
)
def test_arithmetic_of_programs_without_perfmon_is_no_access(before: tuple[str, ...]) -> None:
    after = "R0 pointer arithmetic of map value goes out of range, prohibited for !root"
    finding = real.load().find(ErrorBlock((*before, after), Stage.VERIFIER))
    assert (finding.rule, finding.unmatched) == ("speculative-pointer-arithmetic", ())
