"""Comments and strings in pieces of C, as logs quote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.formats.c_text import bare, before_comment, code_only, without_comments


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  x = y; /* why */  ", "  x = y;"),
        ("x = y; // a /* b", "x = y;"),
        ("f(/* first */ a, b);", "f(/* first */ a, b);"),
        ('puts("/* no comment */");', 'puts("/* no comment */");'),
        ("x = '\"'; /* a quote */", "x = '\"';"),
        ("/* nothing else */", ""),
        ("x = 1; /* goes on in the next line", "x = 1;"),
    ],
)
def test_a_comment_ends_a_line_only_where_it_is_one(line: str, code: str) -> None:
    assert before_comment(line) == code


def test_without_comments_keeps_strings_and_bare_takes_them_out() -> None:
    line = "bpf_printk(\"%d // %s\", a /* first */, '/'); // done"
    assert without_comments(line) == "bpf_printk(\"%d // %s\", a  , '/');  "
    assert bare(line) == "bpf_printk( , a  ,  );  "


@given(st.text(alphabet="ab/*\"'\\\n ", max_size=60))
def test_every_position_stays(text: str) -> None:
    code = code_only(text)
    assert len(code) == len(text)
    assert [at for at, char in enumerate(code) if char == "\n"] == [
        at for at, char in enumerate(text) if char == "\n"
    ]
    assert "/*" not in code
    assert "//" not in code
