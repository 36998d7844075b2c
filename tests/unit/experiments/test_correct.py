"""Programs that are right and refused, and the same with a mistake: whom the answer blames.

In `correct/` only the compiler's code, or a limit of the verifier, is refused; in `wrong/` the author made
a mistake that looks alike.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor import capture, mending, pipeline
from bpfdoctor.model.diagnosis import Confidence, Diagnosis, FixStatus, Layer, Proof, Report
from bpfdoctor.model.report import CaptureOptions, Verdict
from tests.compilers import CLANG

HERE = Path(__file__).parent
CORRECT = sorted((HERE / "correct").glob("*.bpf.c"))
WRONG = sorted((HERE / "wrong").glob("*.bpf.c"))
PATCH_SECONDS = 3.0

pytestmark = pytest.mark.usefixtures("kernel")


def options(*flags: str, experiments: bool = False) -> CaptureOptions:
    return CaptureOptions(clang=CLANG, cflags=flags, experiments=experiments, environment=dict(os.environ))


@cache
def reports(path: Path, *flags: str) -> Sequence[Report]:
    return pipeline.check(path, options(*flags))


def refusals(path: Path) -> list[Diagnosis]:
    """What is said of it with old and with new instructions, from what the log and the source show."""
    return [
        report.diagnoses[-1]
        for flag in ("-mcpu=v2", "-mcpu=v3")
        for report in reports(path, flag)
        if report.verdict is Verdict.REFUSED
    ]


def mended(name: str, flag: str) -> Diagnosis:
    """The answer of `check`, with its tries."""
    path, wanted = HERE / name, options(flag, experiments=True)
    raws = capture.check(path, wanted)
    [report] = mending.tried(path, wanted, raws, pipeline.diagnosed(raws), PATCH_SECONDS)
    return report.diagnoses[-1]


def is_blamed(found: Diagnosis) -> bool:
    """Whether the author is blamed, and certainly."""
    return found.layer is Layer.SOURCE and found.confidence is Confidence.CERTAIN


def test_most_of_the_correct_programs_are_refused() -> None:
    """Else the next test says little: each clang compiles some of them to what the verifier follows."""
    assert len([path for path in CORRECT if refusals(path)]) >= 18


def test_at_most_one_correct_program_in_ten_is_blamed_on_its_author_with_certainty() -> None:
    told = [found for path in CORRECT for found in refusals(path)]
    assert len([found for found in told if is_blamed(found)]) <= len(told) // 10


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name)
def test_a_mistake_is_not_excused_for_certain(path: Path) -> None:
    told = refusals(path)
    assert told
    excused = (Layer.LOWERING, Layer.FALSE_POSITIVE)
    assert not [found for found in told if found.layer in excused and found.confidence is Confidence.CERTAIN]


@pytest.mark.parametrize(
    ("name", "flag", "outcome"),
    [
        ("correct/either-of-two.bpf.c", "-mcpu=v3", "COMPILER_OPERATOR"),
        ("correct/both-or-none.bpf.c", "-mcpu=v3", "COMPILER_OPERATOR"),
        ("correct/ipv6-halves.bpf.c", "-mcpu=v3", "COMPILER_WIDTH"),
        ("correct/mark-or-priority.bpf.c", "-mcpu=v3", "JOINED"),
        ("correct/priority-band.bpf.c", "-mcpu=v2", "COMPILER_COPY"),
    ],
)
def test_what_the_source_does_not_say_the_compiler_made(name: str, flag: str, outcome: str) -> None:
    """And the rewrite that is offered has loaded."""
    found = mended(name, flag)
    assert (found.outcome, found.layer, found.confidence) == (outcome, Layer.LOWERING, Confidence.CERTAIN)
    assert found.proof is Proof.PATH
    assert found.fixes[0].edits and found.fixes[0].outcome.status is FixStatus.LOADS


def test_the_flag_that_helps_is_named() -> None:
    found = mended("correct/read-result.bpf.c", "-mcpu=v2")
    assert (found.layer, found.proof) == (Layer.LOWERING, Proof.EXPERIMENT)
    assert found.fixes[0].compile == "-mcpu=v3"


def test_what_goes_wrong_on_an_input_is_nobody_elses_fault() -> None:
    found = mended("wrong/priority-band.bpf.c", "-mcpu=v3")
    assert found.witness and found.layer is Layer.SOURCE


def test_a_stack_that_is_read_is_no_larger_than_its_buffer() -> None:
    """No input is made up that no kernel gives: bpf_get_stack returns at most what it was asked for."""
    found = mended("correct/stack-twice.bpf.c", "-mcpu=v2")
    assert not found.witness
