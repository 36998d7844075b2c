"""Places when there is no object: from what the log prints, from the text, from BCC's rewritten text."""

from __future__ import annotations

import pytest

from bpfdoctor.model.report import CaptureOptions, Flavour, LineMap, RawReport, SourceFile, Stage, Verdict
from bpfdoctor.model.trace import Comment, Insn, Op, Step
from bpfdoctor.model.transcript import ErrorBlock, KernelBlock, KernelReport, Transcript
from bpfdoctor.source import Source

from .kernel import PROGRAMS, compiled, file, log, needs_kernel, source, steps, unnumbered

TWINS = "twins.bpf.c"


def said(file: str, line: int, column: int | None = None, function: str | None = None) -> ErrorBlock:
    """What a compiler says at a place."""
    return ErrorBlock((), Stage.COMPILER, file=file, line=line, column=column, function=function)


@needs_kernel
@pytest.mark.parametrize(
    "path", ["twins.bpf.c", "./twins.bpf.c", "src/twins.bpf.c", "/home/me/src/twins.bpf.c"]
)
def test_the_line_that_the_kernel_prints_is_one_of_the_users_file(path: str) -> None:
    text = log(compiled(TWINS), "unchecked")
    user = file(TWINS, path)
    made = source(text, "unchecked", files=(user,))
    line = None
    for step in steps(text):
        place = made.place(step)
        assert place and step.comment
        line = step.comment.line or line  # a line without a number belongs to the last one that has one
        assert (place.file, place.line, place.column) == (path, line, None)
        assert place.text == user.text.split("\n")[place.line - 1].strip()
        assert place.function == "unchecked"
    assert line == 31


@needs_kernel
def test_without_the_file_the_place_is_the_printed_one() -> None:
    text = log(compiled(TWINS), "unchecked")
    made = source(text)
    last = steps(text)[-1]
    place = made.place(last)
    assert place
    assert (place.file, place.line, place.text, place.function) == (TWINS, 31, "*hit += skb->len;", None)
    assert made.user_file is None and made.text(TWINS) is None and made.c(TWINS) is None


@needs_kernel
def test_of_two_files_with_one_name_the_one_that_reads_like_the_log_is_meant() -> None:
    text = log(compiled(TWINS), "unchecked")
    other = SourceFile("old/twins.bpf.c", "int other;\n" * 50)
    for files in ((other, file(TWINS, "new/twins.bpf.c")), (file(TWINS, "new/twins.bpf.c"), other)):
        place = source(text, "unchecked", files=files).place(steps(text)[-1])
        assert place and place.file == "new/twins.bpf.c"


def test_of_two_equal_files_the_longer_common_path_is_meant() -> None:
    files = (file(TWINS, "/a/x/twins.bpf.c"), file(TWINS, "/a/y/twins.bpf.c"))
    made = source("", files=files)
    place = made.block_place(said("src/y/twins.bpf.c", 30, 2))
    assert place and place.file == "/a/y/twins.bpf.c"
    unsure = made.block_place(said("z/twins.bpf.c", 30, 2))
    assert unsure and unsure.file == "/a/x/twins.bpf.c"  # what the user named


@needs_kernel
@pytest.mark.parametrize("name", ["checked", "unchecked", "twice"])
def test_lines_are_found_by_their_text_where_the_kernel_prints_no_numbers(name: str) -> None:
    numbered = log(compiled(TWINS), name)
    text = unnumbered(numbered)
    made = source(text, name, files=(file(TWINS),))
    wrong = []
    for one, other in zip(steps(text), steps(numbered), strict=True):
        assert one.comment and other.comment
        place = made.place(one)
        if one.insn.op in (Op.MOVE, Op.ALU):
            continue  # the compiler moves address arithmetic between lines
        if place is None or place.line != other.comment.line:
            wrong.append((one.insn.text, place, other.comment))
    assert not wrong


def test_a_text_that_stands_twice_in_one_function_is_not_guessed() -> None:
    user = SourceFile("a.c", "int f(void)\n{\n\tg();\n\tg();\n\tg();\n}\n")
    text = "; g();\n0: (85) call bpf_ktime_get_ns#5\n"
    made = source(text, "f", files=(user,))
    assert made.place(steps(text)[0]) is None
    assert made.comment(steps(text)[0]) == "g();"


def test_a_text_that_no_line_has_is_nowhere() -> None:
    text = "; h();\n0: (85) call bpf_ktime_get_ns#5\n1: (95) exit\n"
    made = source(text, "f", files=(SourceFile("a.c", "int f(void) { g(); }\n"),))
    assert made.place(steps(text)[0]) is None
    assert made.place(Step(0, Insn(7, "exit", Op.EXIT), 0)) is None


def test_an_instruction_without_a_line_belongs_to_the_one_before_it() -> None:
    text = (
        "; int x = 1; @ a.c:3\n0: (b7) r1 = 1\n;  @ a.c:0\n1: (b7) r2 = 1\n"
        "\nfrom 7 to 9: R0=0\n;  @ a.c:0\n9: (95) exit\n"
    )
    made = source(text, "f", files=(SourceFile("a.c", "int f(void)\n{\n\tint x = 1;\n}\n"),))
    first, second, other = steps(text)
    assert made.place(second) == made.place(first)
    assert made.place(other) is None  # on another path


def test_a_step_of_another_text_is_not_looked_up_in_this_one() -> None:
    made = source("; int x = 1; @ a.c:3\n0: (b7) r1 = 1\n", "f")
    assert made.place(Step(0, Insn(5, "exit", Op.EXIT), 40, comment=Comment("", "a.c", 0))) is None


def test_the_kernels_own_report_gives_columns_without_an_object() -> None:
    text = "; return p->x; @ a.c:3\n4: (61) r0 = *(u32 *)(r1 +0)\nR1 invalid mem access 'scalar'\n"
    at = KernelBlock("error", "", function="f", file="a.c", line=3, column=12, insn=4)
    block = ErrorBlock((), Stage.VERIFIER, reports=(KernelReport("Register Type Safety", "", "", at),))
    user = SourceFile("src/a.c", "int f(struct s *p)\n{\n\treturn  p->x;\n}\n")
    for files, expected in (((), ("a.c", 3, 12, None, "f")), ((user,), ("src/a.c", 3, 12, 14, "f"))):
        raw = RawReport(text.encode(), "log.txt", Flavour.LOG, Stage.PASTE, files=files)
        place = Source(raw, Transcript(raw, raw.data, blocks=(block,))).place(steps(text)[0])
        assert place
        assert (place.file, place.line, place.column, place.end_column, place.function) == expected


def test_columns_are_counted_in_characters() -> None:
    user = SourceFile("a.c", 'int f(struct a *ctx)\n{\n\tchar *s = "héé"; return ctx->data;\n}\n')
    line = user.text.split("\n")[2]
    column = len(line[: line.index("data")].encode()) + 1
    place = source("", files=(user,)).block_place(said("a.c", 3, column))
    assert place and place.column and place.end_column
    assert line[place.column - 1 : place.end_column - 1] == "data"


def test_a_compilers_message_in_a_file_we_do_not_have_keeps_its_place() -> None:
    place = source("").block_place(said("/usr/include/linux/types.h", 12, 7))
    assert place and (place.file, place.line, place.column) == ("/usr/include/linux/types.h", 12, 7)
    assert source("").block_place(said("a.c", 0)) is None


def test_a_message_without_a_line_is_about_the_function_it_names() -> None:
    user = SourceFile("a.c", "int f(void)\n{\n}\n\nint g(void)\n{\n}\n")
    made = source("", files=(user,))
    place = made.block_place(said("/virtual/main.c", 0, function="g"))
    assert place and (place.file, place.line, place.function) == ("a.c", 5, "g")
    assert made.block_place(said("/virtual/main.c", 0, function="h")) is None


def test_a_python_tools_text_is_read_as_c_where_it_stands() -> None:
    tool = (
        'from bcc import BPF\nimport sys  # int fake(void) { return 0; }\ntext = """\n'
        "int real(void *ctx)\n{\n"
        '\treturn 1;\n}\n"""\nprint("struct nothing {")\n'
    )
    lines = {at: at + 3 for at in range(1, 5)}
    raw = RawReport(
        b"", "tool.py", Flavour.PYTHON, Stage.VERIFIER,
        files=(SourceFile("tool.py", tool),),
        line_maps=(LineMap("/virtual/main.c", "tool.py", lines),),
    )  # fmt: skip
    made = Source(raw, Transcript(raw, raw.data))
    c = made.c("tool.py")
    assert c
    assert [(f.name, f.start, f.end) for f in c.functions] == [("real", 4, 7)]
    place = made.block_place(said("/virtual/main.c", 3, 2))
    assert place and (place.file, place.line, place.column, place.text) == ("tool.py", 6, 2, "return 1;")


@needs_kernel
def test_bcc_s_rewritten_lines_are_the_users_lines() -> None:
    from bpfdoctor import capture

    (raw,) = capture.check(PROGRAMS / "opens.bcc.c", CaptureOptions(flavour=Flavour.BCC))
    assert raw.verdict is Verdict.REFUSED
    assert raw.log
    text = bytes(raw.log[:]).decode()
    for printed in (text, unnumbered(text)):
        made = Source(raw, Transcript(raw, printed.encode()))
        last = steps(printed)[-1]
        place = made.place(last)
        assert place
        assert place.file == made.user_file
        assert (place.text, place.function) == ("(*count)++;", "kprobe__do_sys_open")
        assert made.variable(last, "r0") == "count"
        lookup = next(s for s in reversed(steps(printed)) if s.insn.op is Op.CALL)
        assert [made.variable(lookup, r) for r in ("r1", "r2")] == ["counts", "&key"]
        assert made.layout("struct key_t") is not None
        first = made.place(steps(printed)[0])
        assert first and first.function == "kprobe__do_sys_open"
