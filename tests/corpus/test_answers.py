"""The answers to the corpus's programs are those that were looked at, wording apart."""

from pathlib import Path

import pytest

from scripts import answers, causes


@pytest.mark.parametrize("case", causes.corpus(), ids=causes.name)
def test_the_answer_is_the_one_that_was_looked_at(case: Path) -> None:
    now = answers.answers(case)
    assert now == (answers.stored(case) or {}), "python -m scripts.answers stores it; look at what git says"


def test_nearly_every_program_has_an_answer() -> None:
    assert sum(answers.stored(case) is not None for case in causes.corpus()) >= 395
