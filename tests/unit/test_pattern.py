"""A pattern that is compiled later does what one does that is compiled at once."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bpfdoctor.pattern import later


def test_it_finds_what_a_compiled_one_finds() -> None:
    ours, theirs = later(rb"(\d+): (\w)", re.IGNORECASE), re.compile(rb"(\d+): (\w)", re.IGNORECASE)
    text = b"7: r 12: x"
    for method in ("match", "search", "fullmatch"):
        found, expected = getattr(ours, method)(text), getattr(theirs, method)(text)
        assert (found and found.groups()) == (expected and expected.groups())
    assert ours.sub(rb"\2", text) == theirs.sub(rb"\2", text)
    assert ours.findall(text) == theirs.findall(text)
    assert (ours.pattern, ours.flags, ours.groups) == (theirs.pattern, theirs.flags, theirs.groups)


def test_a_pattern_that_is_none_fails_when_it_is_asked() -> None:
    pattern = later("(")
    with pytest.raises(re.error):
        pattern.match("x")


def test_a_start_compiles_few_patterns() -> None:
    """Each costs a hundredth of a bare Python, and more. The standard library's own are counted, too."""
    script = (
        "import re._compiler as c; count = []; real = c.compile\n"
        "c.compile = lambda *each: count.append(each) or real(*each)\n"
        "import bpfdoctor.pipeline, bpfdoctor.cli.answer, bpfdoctor.render.text; print(len(count))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 30
