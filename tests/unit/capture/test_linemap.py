from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.capture import bcc_output
from bpfdoctor.capture.linemap import align

PRINTED = b"""clang -cc1 -triple x86_64 -o main.bc -x c /virtual/main.c
/virtual/main.c:3:5: warning: unused variable 'a' [-Wunused-variable]
1 warning generated.
#if defined(BPF_LICENSE)
#error BPF_LICENSE cannot be specified through cflags
#endif
int first;
__attribute__((section(".bpf.fn.f")))
int f(void *ctx) {

    int a;
    return 0; }

#include <bcc/footer.h>
error: /virtual/main.c:9:5: in function f: trouble
"""


def test_added_lines_belong_to_the_line_before() -> None:
    original = ["int f(struct pt_regs *ctx, int a)", "{", "    map.update(&a, &b);", "    return 0;", "}"]
    rewritten = [
        "#define PREAMBLE",
        "int f(struct pt_regs *ctx, int a)",
        "{",
        " int a = ctx->di;",
        "    bpf_map_update_elem_(bpf_pseudo_fd(1, -1), &a, &b, BPF_ANY);",
        "    return 0;",
        "}",
        "#include <footer.h>",
    ]
    assert align(rewritten, original) == {2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 5}


def test_a_call_that_was_split_over_lines_keeps_its_first() -> None:
    original = ["u64 *value = counts.lookup(", "    &key);", "*value += 1;"]
    rewritten = ["u64 *value = bpf_map_lookup_elem((void *)bpf_pseudo_fd(1, -1), &key);", "*value += 1;"]
    assert align(rewritten, original) == {1: 1, 2: 3}


def test_texts_with_nothing_in_common_have_no_map() -> None:
    assert align(["alpha beta"], ["gamma delta"]) == {}
    assert align([], ["x"]) == {}
    assert align(["x"], []) == {}


@given(
    st.lists(st.sampled_from(["a b", "b c", "", "{", "x = y"]), max_size=30),
    st.lists(st.sampled_from(["a b", "b c", "", "{", "x = z"]), max_size=30),
)
def test_maps_go_forward_and_stay_inside(rewritten: list[str], original: list[str]) -> None:
    found = align(rewritten, original)
    lines = [found[line] for line in sorted(found)]
    assert lines == sorted(lines)
    assert all(1 <= line <= len(original) for line in lines)
    assert all(1 <= line <= len(rewritten) for line in found)


def test_what_libbcc_prints_is_taken_apart() -> None:
    output = bcc_output.split(PRINTED)
    assert output.before.startswith(b"/virtual/main.c:3:5: warning")
    assert output.after == b"error: /virtual/main.c:9:5: in function f: trouble\n"
    assert output.rewritten
    assert output.rewritten.startswith("#if defined(BPF_LICENSE)")
    assert output.rewritten.endswith("#include <bcc/footer.h>\n")


def test_each_pass_of_bcc_counts_its_own_lines() -> None:
    source = bcc_output.BccSource("int first;\nint f(void *ctx) {\n    int a;\n    return 0; }\n", "user.c")
    output = bcc_output.split(PRINTED)
    front, second, back = bcc_output.line_maps(source, output)
    assert (front.file, second.file, back.file) == ("/virtual/main.c", "/virtual/main.c", "main.c")
    assert (front.since, second.since) == (0, len(output.before))
    assert front.lines == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
    assert (second.lines[8], back.lines[8], back.lines[9]) == (3, 3, 4)


def test_a_prelude_shifts_lines_and_a_tool_has_its_own() -> None:
    source = bcc_output.BccSource("int a;\nint b;", "tool.py", {1: 10, 2: 20}, prelude="#include <x>\n\n")
    [front] = bcc_output.line_maps(source, None)
    assert front.lines == {3: 10, 4: 20}
    assert source.handed_over == "#include <x>\n\nint a;\nint b;"


def test_output_without_a_rewritten_source_is_all_messages() -> None:
    assert bcc_output.split(b"error: no\n").messages == b"error: no\n"
    assert bcc_output.split(b"").messages == b""
