"""The drawing of a diagnosis in the user's source."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from bpfdoctor.model.diagnosis import (
    Confidence,
    Edit,
    Fix,
    FixOutcome,
    FixStatus,
    Label,
    Place,
    Report,
    Safety,
    Severity,
)
from bpfdoctor.model.report import Flavour, Kernel, Program, Verdict
from bpfdoctor.render import render
from bpfdoctor.render.text.measure import draw
from bpfdoctor.render.words import lowered
from tests.unit.render import reports

DESIGN = """\
error[BD101] packet-bounds: this access can run past the end of the packet

   ╭─ pkt.bpf.c:24:11 in drop_dns (xdp)
18 │   if (data + sizeof(*eth) + sizeof(*ip) > data_end)
   │       ───────────────────────────────────── this check proves bytes 0..33
   ┆
24 │   if (udp->dest == bpf_htons(53))
   │            ^^^^ reads bytes 36..37 of the packet
   ╰─ 4 more bytes must be checked first

  the verifier wants   a check that covers 38 bytes, on every way to line 24
  it has               34 bytes (R1 = packet start, r=34)
  why it fails         nowhere: no check after line 18 mentions udp

  fix, loaded on this kernel (6.18.44, 26 insns):
     23    udp = (void *)ip + sizeof(*ip);
     24 +  if ((void *)(udp + 1) > data_end)
     25 +          return XDP_PASS;
     26    if (udp->dest == bpf_htons(53))
  every kernel with XDP (4.8 on) · bpfdoctor explain packet-bounds

1 program refused (kernel 6.18.44)
"""


def drawn(*diagnoses: object, width: int = 100, **changes: object) -> str:
    return render([reports.report(*diagnoses, **changes)], "full", width=width)  # type: ignore[arg-type]


def with_labels(text: str, *labels: Label, width: int = 100, unicode: bool = True) -> list[str]:
    """The box of a diagnosis about the first line of a one-line file."""
    found = reports.diagnosis(labels=labels, location=None, fixes=())
    report = reports.report(found, sources={"a.c": text})
    lines = render([report], "full", width=width, unicode=unicode).splitlines()
    start = lines.index("") + 1
    box = lines[start : lines.index("", start)]
    assert all(line == line.rstrip() for line in box)
    return [line[5:] for line in box[1:-1]]


def label(
    text: str, column: int | None, end: int | None = None, role: str = "access", line: int = 1
) -> Label:
    return Label(role, text, place=Place("a.c", line, column, end))


def test_the_design_is_what_users_see() -> None:
    assert drawn() == DESIGN


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("make", reports.ALL)
def test_no_line_is_wider_than_the_terminal(make: object, width: int) -> None:
    text = render([make()], "full", width=width)  # type: ignore[operator]
    assert max(map(cell_len, text.splitlines())) <= width


def test_colour_changes_nothing_but_colour() -> None:
    plain = drawn()
    coloured = render([reports.report()], "full", color=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_without_unicode_only_ascii_is_drawn() -> None:
    text = render([make() for make in reports.ALL], "full", unicode=False)
    assert text.isascii()
    assert "+- pkt.bpf.c:24:11" in text


def test_a_suggestion_is_not_called_a_fix() -> None:
    text = drawn(reports.diagnosis(fixes=(reports.SUGGESTION,)))
    assert "suggestion, not tried on a kernel yet: check the whole header" in text
    assert "fix, loaded" not in text


def test_a_fix_that_another_kernel_loaded_names_that_kernel() -> None:
    fix = replace(reports.FIX, outcome=FixOutcome(FixStatus.LOADS, "6.1.176", "no-perfmon", 40))
    assert "fix, loaded on 6.1.176 (40 insns, capabilities no-perfmon):" in drawn(
        reports.diagnosis(fixes=(fix,))
    )


def test_a_patch_that_is_not_enough_says_so() -> None:
    fix = replace(
        reports.FIX, outcome=FixOutcome(FixStatus.STILL_REFUSED, "6.18.44", refused_by="map-value-bounds")
    )
    text = drawn(reports.diagnosis(fixes=(fix,)))
    assert "with it alone 6.18.44 still refuses the program (map-value-bounds)" in text


def test_an_unsafe_fix_says_what_it_may_change() -> None:
    text = drawn(reports.diagnosis(fixes=(replace(reports.FIX, safety=Safety.UNSAFE),)))
    assert "it may change what the program does" in text


def patched(text: str, *edits: Edit) -> str:
    """The answer with one fix that carries out `edits` on x.c."""
    found = reports.diagnosis(fixes=(Fix("t", "", edits=edits),), note="")
    return render([reports.report(found, sources={"x.c": text, "pkt.bpf.c": reports.PKT})], "full")


def test_changes_far_apart_are_hunks_of_their_own() -> None:
    rows = [f"int x{number};\n" for number in range(1, 31)]
    text = patched("".join(rows), Edit("x.c", 3, 3, ("int y;",)), Edit("x.c", 20, 19, ("int z;",)))
    assert "      3 -  int x3;\n      3 +  int y;\n      4    int x4;\n" in text
    assert "     19    int x19;\n     20 +  int z;\n     21    int x20;\n" in text
    assert "x10" not in text


def test_removed_lines_keep_their_old_numbers() -> None:
    text = patched("\n" * 7 + "\tint a;\n\tint b;\n\tint c;\n", Edit("x.c", 9, 9, ("\tint b = 0;",)))
    assert "      8    int a;\n      9 -  int b;\n      9 +  int b = 0;\n     10    int c;\n" in text


def test_removed_and_added_lines_that_look_like_file_names_stay_lines() -> None:
    text = patched("\n" * 7 + "int a;\n-- b;\n", Edit("x.c", 9, 9, ("++ b;",)))
    assert "9 -  -- b;\n     9 +  ++ b;" in text


def test_certainty_is_not_mentioned_but_a_guess_is() -> None:
    assert "certain" not in drawn()
    guess = reports.diagnosis(confidence=Confidence.GUESS, confidence_why="the log ends too early.")
    assert "  a guess: the log ends too early.\n" in drawn(guess)


def test_the_compiler_is_not_called_a_verifier() -> None:
    text = render([reports.compiler_error()], "full")
    assert "the compiler wants" in text and "the verifier" not in text


def test_an_unknown_message_is_printed_as_it_is_with_the_last_steps() -> None:
    text = render([reports.unknown()], "full")
    assert "  the verifier said:\n    R9 frobnicated the quux\n" in text
    assert "  the last steps\n    15: r1 = r6, a packet pointer\n" in text


def test_without_line_numbers_the_quoted_lines_are_drawn_by_instruction() -> None:
    text = render([reports.instruction_only()], "full")
    assert "╭─ instruction 17 of drop_dns (xdp)\n 9 │   if (ip + 1 > data_end)\n" in text
    assert "17 │   if (udp->dest == bpf_htons(53))\n" in text


def test_without_any_source_the_instruction_is_drawn() -> None:
    bare = reports.instruction_only()
    labels = tuple(replace(each, code="r2 = *(u16 *)(r1 +2)") for each in bare.diagnoses[0].labels[:1])
    text = render([replace(bare, diagnoses=(replace(bare.diagnoses[0], labels=labels),))], "full")
    assert "17 │   r2 = *(u16 *)(r1 +2)\n" in text


def test_a_single_line_without_any_place_has_no_box() -> None:
    text = render([reports.one_line_paste()], "full")
    assert "╭─" not in text
    assert "  R3 was never given a value on this path\n" in text
    assert "send the whole log" in text


def test_labels_in_another_file_get_a_part_of_the_box() -> None:
    text = render([reports.two_files()], "full")
    assert "   ├─ parse.h:7:9 in parse_ip\n 7 │   return ip_start(ctx);\n" in text


def test_a_line_whose_text_nobody_has_still_says_what_is_there() -> None:
    text = drawn(sources={})
    assert "24 │   reads bytes 36..37 of the packet\n" in text


def test_one_line_between_two_labels_is_shown_instead_of_a_gap() -> None:
    labels = (label("first", 1, 2, "check", 1), label("third", 1, 2, "access", 3))
    assert with_labels("a;\nb;\nc;", *labels) == ["  a;", "  ─ first", "  b;", "  c;", "  ^ third"]


def test_labels_on_one_line_share_a_row_of_marks() -> None:
    rows = with_labels("x = foo(bar, baz);", label("not checked", 9, 12, "origin"), label("too long", 14, 17))
    assert rows == [
        "  x = foo(bar, baz);",
        "          ───  ^^^ too long",
        "          not checked",
    ]


def test_three_labels_on_one_line_are_led_down_by_bars() -> None:
    labels = (label("one", 1, 2, "a"), label("two", 5, 8, "b"), label("three", 9, 12))
    assert with_labels("x = foo(bar);", *labels) == [
        "  x = foo(bar);",
        "  ─   ─── ^^^ three",
        "  │   two",
        "  one",
    ]


def test_a_short_sentence_stays_below_its_mark() -> None:
    text = f"{'x' * 50} = f(a, b);"
    rows = with_labels(text, label("first", 56, 57, "a"), label("second", 59, 60), width=77)
    assert rows[1:] == [" " * 57 + "─  ^ second", " " * 57 + "first"]


def test_labels_of_the_same_place_are_merged() -> None:
    labels = (label("may be NULL", 1, 4), label("comes from a map", 1, 4, "origin"))
    assert with_labels("val->n++;", *labels) == ["  val->n++;", "  ^^^ may be NULL; comes from a map"]


def test_the_same_sentence_twice_is_said_once() -> None:
    assert with_labels("val->n++;", label("x", 1, 4), label("x", 1, 4, "cause")) == ["  val->n++;", "  ^^^ x"]


def test_a_label_without_column_marks_the_whole_statement() -> None:
    assert with_labels("\tval->n++;  ", label("x", None)) == ["  val->n++;", "  ^^^^^^^^^ x"]


@pytest.mark.parametrize("comment", ["/* why */", "// why"])
def test_a_comment_behind_the_statement_is_not_marked(comment: str) -> None:
    assert with_labels(f"\tval->n++; {comment}", label("x", None))[1] == "  ^^^^^^^^^ x"


def test_a_label_without_end_marks_the_word() -> None:
    assert with_labels("val->count++;", label("x", 6)) == ["  val->count++;", "       ^^^^^ x"]


def test_a_check_without_end_marks_its_expression() -> None:
    rows = with_labels("if (p + len(a, b) > end) return;", label("x", 5, role="check"))
    assert rows == ["  if (p + len(a, b) > end) return;", "      ─────────────────── x"]


def test_carets_stand_under_wide_letters_and_tabs() -> None:
    rows = with_labels('\tdo_it("日本",\tcount);', label("x", 14, 19))
    code, marks = rows
    assert cell_len(code[: code.index("count")]) == marks.index("^")
    assert marks.count("^") == 5


def test_terminal_controls_in_a_source_line_are_written_out_and_carets_follow() -> None:
    code, marks = with_labels("a\x1b[31mb\u202ec;", label("here", 9, 10))
    assert code == "  a\\x1b[31mb\\u202ec;"
    assert marks.index("^") == code.index("c;")


def test_a_long_line_is_cut_around_its_label() -> None:
    text = "int x = " + "a + " * 100 + "bad" + " + a" * 100 + ";"
    rows = with_labels(text, label("this one", text.index("bad") + 1), width=80)
    assert "bad" in rows[0] and rows[0].startswith("  …") and rows[0].endswith("…")
    assert rows[0].index("bad") == rows[1].index("^^^")


def test_a_sentence_too_long_for_the_line_goes_below() -> None:
    long = "this is said at such length that it cannot stand beside the mark on a narrow terminal"
    rows = with_labels("    " * 10 + "f(" + "x" * 40 + ");", label(long, 43, 83), width=80)
    assert " ".join(row.strip() for row in rows[2:]) == long


def test_crlf_sources_draw_like_others() -> None:
    assert with_labels("a;\r\nb;\r\n", label("x", 1, 2, line=2)) == ["  b;", "  ^ x"]


def test_the_text_in_the_log_wins_over_a_file_that_has_changed() -> None:
    changed = Label("access", "x", place=Place("a.c", 1, None, None, text="old = 1;"))
    assert with_labels("new_text();", changed)[0] == "  old = 1;"


def test_programs_that_load_have_a_line_and_are_counted() -> None:
    text = render([reports.report(), reports.loads(), reports.loads()], "full")
    assert "ok pkt.bpf.c: pass_all (xdp) loads, 26 insns\n" in text
    assert text.endswith("\n3 programs: 2 load, 1 refused (kernel 6.18.44)\n")


def test_notes_are_printed() -> None:
    text = drawn(notes=("loaded as kprobe, from the name",))
    assert "note loaded as kprobe, from the name\n" in text


def test_a_note_about_several_programs_is_printed_once() -> None:
    text = render([reports.report(notes=("x y",)), reports.report(notes=("x y", "z"))], "full")
    assert text.count("note x y\n") == 1 and "note z\n" in text


def test_a_blank_line_between_two_labels_stays_blank() -> None:
    labels = (label("first", 2, 3, "check", 1), label("third", 2, 3, "access", 3))
    assert with_labels("\ta;\n\n\tc;", *labels)[2] == ""


@pytest.mark.parametrize("name", ["<linux/nope.h>", '"nope.h"'])
def test_the_whole_name_of_a_header_is_marked(name: str) -> None:
    assert with_labels(f"#include {name}", label("x", 10)) == [
        f"  #include {name}",
        f"           {'^' * len(name)} x",
    ]


def test_blank_lines_around_a_change_are_left_out() -> None:
    text = patched("\n" * 8 + "int b;\n\n", Edit("x.c", 9, 9, ("int b = 0;",)))
    assert "yet: t\n     9 -  int b;\n     9 +  int b = 0;\n  b" in text


def test_a_refusal_without_a_word_is_still_an_error() -> None:
    text = render([replace(reports.report(), diagnoses=())], "full")
    assert text.startswith("error pkt.bpf.c: drop_dns (xdp) was refused, and nothing says why\n")


def test_several_logs_are_told_apart() -> None:
    first = reports.instruction_only()
    text = render([first, replace(first, source="other.log")], "full")
    assert text.index("in ci.log") < text.index("in other.log")


def test_nothing_to_report_is_said() -> None:
    report = Report("x.log", Flavour.LOG, Verdict.UNKNOWN)
    assert (
        render([report], "full")
        == "error x.log: nothing could be read in this text: no verifier log, no compiler error, "
        "no loader's failure\n"
    )


def test_capabilities_are_part_of_the_count() -> None:
    text = drawn(kernel=Kernel("6.1.0", "no-perfmon"))
    assert text.endswith("1 program refused (kernel 6.1.0, no-perfmon)\n")


texts = st.text(max_size=60)
places = st.builds(
    Place,
    st.sampled_from(["a.c", "b.h", "\x1b[2J"]),
    st.integers(-1, 12),
    st.none() | st.integers(0, 90),
    st.none() | st.integers(0, 90),
    st.none() | texts,
    st.none() | texts,
)
labels = st.builds(
    Label, st.sampled_from(["access", "check"]), texts, st.none() | st.integers(0, 99), st.none() | places
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(labels, max_size=6),
    st.none() | places,
    st.dictionaries(st.sampled_from(["a.c", "b.h"]), texts),
    texts,
    st.booleans(),
    st.sampled_from([40, 80]),
)
def test_no_input_breaks_the_drawing_or_reaches_the_terminal(
    marks: list[Label], where: Place | None, sources: dict[str, str], said: str, unicode: bool, width: int
) -> None:
    found = reports.diagnosis(
        labels=tuple(marks),
        location=where,
        headline=said,
        wants=said,
        note=said,
        fixes=(Fix(said, said, example=(said,)),),
    )
    text = render([reports.report(found, sources=sources)], "full", width=width, unicode=unicode)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    assert unicode or text.isascii()


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("This access can leave the map value", "this access can leave the map value"),
        ("A call", "a call"),
        ("BTF is missing", "BTF is missing"),
        ("R1 is unset", "R1 is unset"),
        ("Linux refuses this", "Linux refuses this"),
        ("", ""),
    ],
)
def test_titles_inside_a_line_start_small(title: str, inside: str) -> None:
    assert lowered(title) == inside


PIECES = st.text(alphabet=st.sampled_from("ab \t(->[日é\u0301\u202e"), max_size=300)


@settings(max_examples=300, deadline=None)
@given(
    PIECES,
    PIECES,
    st.lists(st.tuples(st.integers(1, 700), st.integers(1, 60)), max_size=3),
    st.sampled_from([40, 80, 120]),
    st.booleans(),
    st.sampled_from([1, 1, 40]),
)
def test_what_is_refused_is_never_cut_away(
    before: str, behind: str, others: list[tuple[int, int]], width: int, unicode: bool, times: int
) -> None:
    """However long the line is, and whatever else is labelled: the caret stands under the access."""
    text = f"{before * times}@@{behind * times}"
    column = len(before) * times + 1
    checks = [label("is checked here", first, first + long, "check") for first, long in others]
    lines = with_labels(text, label("", column, column + 2), *checks, width=width, unicode=unicode)
    shown, carets = lines[0], lines[1]
    assert "@@" in shown
    # What is wide takes two cells of the terminal: the marks below are counted in those.
    cell = cell_len(shown[: shown.index("@@")])
    assert carets[cell : cell + 2] == "^^" and carets.count("^") == 2
    assert all(cell_len(line) + 5 <= width for line in lines)


@settings(max_examples=100, deadline=None)
@given(PIECES, st.sampled_from(["+", "-", " "]), st.sampled_from([40, 80]), st.booleans())
def test_no_row_of_a_patch_is_wider_than_the_terminal(
    text: str, sign: str, width: int, unicode: bool
) -> None:
    """A terminal would go on in column 1. Of what changes, nothing is left out."""
    found = reports.diagnosis(fixes=(Fix("Do", "it", example=(f"{sign}int {text};",)),))
    rows = render([reports.report(found)], "full", width=width, unicode=unicode).splitlines()
    first = next(at for at, row in enumerate(rows) if row.startswith(f"     {sign}  int"))
    patch = rows[first : rows.index("  it", first)]
    assert all(cell_len(row) <= width for row in patch)
    assert all(row.startswith("     ") for row in patch)
    if sign != " " and len(patch) < 4:
        whole = draw(f"int {text};", unicode=unicode).text
        assert "".join("".join(patch)[5:].split()).removeprefix(sign) == "".join(whole.split())


def will_not_fire(name: str, line: int, has: str = "CONFIG_KPROBES is not set") -> Report:
    warned = reports.diagnosis(
        rule="no-kprobes",
        severity=Severity.WARNING,
        location=reports.place(line, 1),
        headline=f"{name} (kprobe vfs_read) will not fire here",
        wants="a kernel with CONFIG_KPROBES",
        has=has,
        brief=True,
        of_hook=True,
    )
    return reports.report(warned, verdict=Verdict.LOADS, program=Program(name, "kprobe", "kprobe/vfs_read"))


def test_what_keeps_several_programs_from_firing_is_said_once() -> None:
    several = [will_not_fire("one", 5), will_not_fire("two", 8), will_not_fire("three", 11, "nothing")]
    several += [will_not_fire("four", 14), replace(will_not_fire("five", 5), source="other.bpf.c")]
    lines = render(several, "full", width=120).splitlines()
    assert [line for line in lines if line.startswith(("warning", " "))] == [
        "warning pkt.bpf.c:5: one (kprobe vfs_read) will not fire here (bpfdoctor explain no-kprobes)",
        "        the same: two, four",
        "warning pkt.bpf.c:11: three (kprobe vfs_read) will not fire here (bpfdoctor explain no-kprobes)",
        "warning pkt.bpf.c:5: five (kprobe vfs_read) will not fire here (bpfdoctor explain no-kprobes)",
    ]
    assert len([line for line in lines if line.startswith("ok ")]) == 5
    # Who reads places gets each.
    assert len(render(several, "concise").splitlines()) == 5
    assert len(json.loads(render(several, "sarif"))["runs"][0]["results"]) == 5
    assert [len(each["findings"]) for each in json.loads(render(several, "json"))["reports"]] == [1] * 5
