"""Comments that speak to bpfdoctor: found by a lexer, and the lines for which each holds."""

from __future__ import annotations

import pytest

from bpfdoctor.model.remark import Remark
from bpfdoctor.source.remarks import in_c, in_python

C = """\
#include <linux/bpf.h>
/* bpfdoctor: expect[packet-bounds, BD203] shows
 * how it is refused */

SEC("xdp")
__attribute__((noinline))
int first(struct xdp_md *ctx)
{
	// bpfdoctor: ignore[loops] bounded
	if (ctx->data &&
		ctx->data_end) {
		return call(1, /* bpfdoctor: ignore[stack] */
				2);
	}
	char *text = "/* bpfdoctor: ignore[loops] */";

	return 0; // bpfdoctor: ignore[BD101]
}

static int between;

/* bpfdoctor: ignore[memory] */
int second(void *ctx) { return 0; }
"""


def held(remarks: list[Remark]) -> list[tuple[int, int, int, str]]:
    return [(each.place.line, each.first, each.last, each.function) for each in remarks]


def test_a_comment_holds_for_its_statement_the_next_one_or_a_function() -> None:
    assert held(in_c("x.c", C)) == [
        (2, 5, 18, "first"),  # above the section
        (9, 10, 11, ""),  # the head of an if, not what is in it
        (12, 12, 13, ""),
        (17, 17, 17, ""),
        (22, 23, 23, "second"),
    ]


def test_what_a_comment_says() -> None:
    first = in_c("x.c", C)[0]
    assert (first.expects, first.names, first.why) == (
        True,
        ("packet-bounds", "BD203"),
        "shows how it is refused",
    )
    assert [each.inside for each in in_c("x.c", C)] == ["first"] * 4 + ["second"]


@pytest.mark.parametrize(
    ("comment", "wrong"),
    [
        ("ignore", "ignore without a rule would hide whatever comes"),
        ("ignore[]", "ignore without a rule would hide whatever comes"),
        ("ignore[ , ] because", "ignore without a rule would hide whatever comes"),
        ("expect[]", "it names no rule"),
        ("expect[packet-bounds", "the bracket behind expect is not closed"),
        ("ingore[packet-bounds]", "'ingore' is not ignore and not expect"),
        ("[packet-bounds]", "it says neither ignore nor expect"),
    ],
)
def test_what_is_not_understood(comment: str, wrong: str) -> None:
    for text in (f"/* bpfdoctor: {comment} */", f"int x; //bpfdoctor:{comment}\n"):
        (found,) = in_c("x.c", text)
        assert found.wrong == wrong and found.instead


def test_other_comments_are_none() -> None:
    assert in_c("x.c", '/* see bpfdoctor: ignore[x] */ char *s = "// bpfdoctor: ignore[x]";\n') == []


TOOL = '''\
#!/usr/bin/python3
from bcc import BPF

# bpfdoctor: ignore[unset-variable] BCC sets it
text = """
/* bpfdoctor: expect[map-value-or-null] */
int probe(void *ctx)
{
	return 0; // bpfdoctor: ignore[loops]
}
"""
said = "# bpfdoctor: ignore[loops]"
b = BPF(text=text)
b.attach_kprobe(event="old_name",  # bpfdoctor: ignore[kernel-function-missing] one of both is there
                fn_name="probe")
'''


def test_a_tools_own_comments_and_those_of_its_c() -> None:
    found = in_python("tool.py", TOOL)
    assert held(found) == [(4, 5, 11, ""), (6, 7, 10, "probe"), (9, 9, 9, ""), (14, 14, 15, "")]
    assert found[1].place.column == 1 and found[3].why == "one of both is there"


def test_a_text_that_is_no_python_has_none() -> None:
    assert in_python("tool.py", TOOL + "'''") == []
