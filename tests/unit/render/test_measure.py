"""Prose is broken at blanks, and never within what a reader copies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.render.text.measure import wrap

WORDS = st.lists(
    st.one_of(
        st.from_regex(r"[a-c][a-c.,']{0,8}", fullmatch=True),
        st.sampled_from(["`mount -t tracefs`", "\"FUNC 'f'\"", "'a b'", "(`id -u`),"]),
    ),
    min_size=1,
    max_size=30,
)


@given(words=WORDS, width=st.integers(24, 80))
def test_a_quoted_command_keeps_its_line(words: list[str], width: int) -> None:
    lines = wrap(" ".join(words), width)
    assert " ".join(lines) == " ".join(words)
    assert all(len(line) <= width for line in lines)
    assert all(line.count("`") % 2 == 0 for line in lines)


def test_one_that_is_wider_than_the_line_is_broken_like_any_text() -> None:
    assert wrap("see `bpftool btf dump file vmlinux` now", 20) == [
        "see `bpftool btf",
        "dump file vmlinux`",
        "now",
    ]
