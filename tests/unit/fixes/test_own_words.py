"""An example of a rule is shown of a BCC program only where its names are the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.resources import folder
from scripts import bcc_answers

CASES = folder("corpus") / "cases"


def examples(case: Path) -> set[tuple[str, ...]]:
    """The examples of a case's answers, with the program at hand."""
    return {fix.example for _, each in bcc_answers.answers(case) for fix in each.fixes if not fix.edits}


@pytest.mark.parametrize("name", ["stack-too-large/bcc-path-buffer", "missing-exit/bcc-strchr-in-a-function"])
def test_another_programs_names_are_not_shown(name: str) -> None:
    assert examples(CASES / name) == {()}


def test_an_example_without_names_is_shown() -> None:
    [example] = examples(CASES / "unsupported-builtin/bcc-copy-of-variable-length")
    assert any("bpf_probe_read_kernel" in line for line in example)
