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
