"""What a mutant has lost, and what of it is told by the rest of the text."""

from __future__ import annotations

import pytest

from scripts.lost import is_lost

PROGRAM = b"""int f(struct __sk_buff *skb)
{
	struct key key = {};
	int seven = 7;

	if (!p)
		return 0;
	if (!q) {
		q = first(p);
	}
	bpf_spin_lock(&p->lock);
	p->count = seven;
	bpf_spin_unlock(&p->lock);
	return XDP_PASS;
}
"""


@pytest.mark.parametrize(
    ("what", "taken", "left", "lost"),
    [
        ("del-stmt", b"p->count = seven;", b";", True),
        ("del-stmt", b"bpf_spin_unlock(&p->lock);", b";", False),
        ("del-if", b"if (!p)\n\t\treturn 0;", b"", False),
        ("del-if", b"if (!q) {\n\t\tq = first(p);\n\t}", b"", True),
        ("del-init", b"key = {}", b"key", False),
        ("del-init", b"seven = 7", b"seven", True),
        ("del-return", b"return XDP_PASS;", b";", True),
        ("del-return", b"return 0;", b";", False),
        ("if-not", b"(!p)", b"(!(!p))", False),
    ],
)
def test_what_is_lost(what: str, taken: bytes, left: bytes, lost: bool) -> None:
    assert taken in PROGRAM
    assert is_lost(what, PROGRAM, PROGRAM.replace(taken, left)) is lost


def test_a_value_that_others_return_is_told() -> None:
    twice = PROGRAM.replace(b"return 0;", b"return XDP_PASS;")
    last = twice.rindex(b"return XDP_PASS;")
    assert not is_lost("del-return", twice, twice[:last] + b";" + twice[last + 16 :])


def test_what_is_read_again_as_it_was_read_first_is_told() -> None:
    again = PROGRAM.replace(b"seven = 7;", b"seven = 7, *end = ctx->end;").replace(
        b"\tp->count", b"\tend = ctx->end;\n\tp->count"
    )
    assert not is_lost("del-stmt", again, again.replace(b"\tend = ctx->end;", b"\t;"))
    other = again.replace(b"\tend = ctx->end;", b"\tend = ctx->other;")
    assert is_lost("del-stmt", other, other.replace(b"\tend = ctx->other;", b"\t;"))


@pytest.mark.parametrize(("number", "lost"), [(b"10", True), (b"7", False)])
def test_a_number_that_an_argument_was_is_told_only_by_another_one(number: bytes, lost: bool) -> None:
    text = PROGRAM.replace(b"first(p)", b"first(%s, p)" % number)
    assert is_lost("arg-0", text, text.replace(b"first(%s" % number, b"first(0")) is lost
    assert not is_lost("arg-0", text, text.replace(b", p)", b", 0)"))
