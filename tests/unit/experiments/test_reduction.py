"""A text is made small as long as somebody says that it is the same; no compiler is asked here."""

from __future__ import annotations

from bpfdoctor.experiments.reduction import Reduction

PROGRAM = """\
#include <linux/bpf.h>
#define LIMIT 16 /* of them */
#define TWICE(x) \\
\t((x) * 2)

// What we count.
struct stat { __u64 packets; __u64 bytes; };

struct {
\t__uint(type, BPF_MAP_TYPE_HASH);
\t__uint(max_entries, LIMIT);
} stats SEC(".maps");

static int helper(int a)
{
\treturn a + 1;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
\tint unused = 3, n = 0;

\tif (ctx->rx_queue_index > 3) {
\t\tfor (n = 0; n < LIMIT; n++) {
\t\t\tconst char *what = "// no comment";
\t\t\ttouch(what + n);
\t\t}
\t} else {
\t\tn = helper(2);
\t}
\treturn XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""


def reduced(*kept: str, tries: int = 1000) -> tuple[str, int]:
    """The smallest text with all of these in it, and balanced braces."""
    found = Reduction(
        lambda text: all(each in text for each in kept) and text.count("{") == text.count("}"),
        lambda: found.tries >= tries,
    )
    return found.smallest(PROGRAM), found.tries


def test_all_that_is_not_needed_goes() -> None:
    text, _ = reduced('SEC("xdp")', "touch(what")
    assert text.split() == ['SEC("xdp")', "int", "count(struct", "xdp_md", "*ctx)", "{", "touch(what);", "}"]


def test_a_map_goes_with_its_section_and_stays_with_it() -> None:
    assert "stats" not in reduced("touch")[0]
    text, _ = reduced("BPF_MAP_TYPE_HASH")
    assert " ".join(text.split()) == 'struct { __uint(type, BPF_MAP_TYPE_HASH); } stats SEC(".maps");'


def test_a_macro_of_two_lines_is_one_part() -> None:
    assert reduced("TWICE")[0] == "#define TWICE(x) \\\n\t((x) * 2)\n"


def test_no_string_is_taken_for_a_comment() -> None:
    assert '"// no comment"' in reduced("no comment")[0]
    assert "of them" not in reduced("LIMIT 16")[0]


def test_of_an_if_either_side_may_stay() -> None:
    text, _ = reduced("n = helper(2)")
    assert text.split() == [
        'SEC("xdp")',
        "int",
        "count(struct",
        "xdp_md",
        "*ctx)",
        "{",
        "n",
        "=",
        "helper(2);",
        "}",
    ]


def test_what_there_is_when_time_is_up_is_still_the_same() -> None:
    text, tries = reduced("touch(what", tries=5)
    assert "touch(what" in text and len(text) < len(PROGRAM) and tries <= 6


def test_what_nobody_says_is_the_same_is_left_alone() -> None:
    assert reduced("not in it")[0] == PROGRAM
