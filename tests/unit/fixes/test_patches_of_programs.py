"""Patches of small programs, letter by letter; the kernel whose logs are stored accepted each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.fixes import capture


@pytest.mark.parametrize("program", capture.programs(), ids=lambda path: path.name)
def test_the_patch_is_the_one_that_a_kernel_accepted(program: Path) -> None:
    assert capture.patched(program) == capture.patched_of(program).read_text(), (
        "python -m tests.unit.fixes.capture NAME tries and stores it; look at what git says"
    )


def test_there_are_programs() -> None:
    assert len(capture.programs()) >= 36
