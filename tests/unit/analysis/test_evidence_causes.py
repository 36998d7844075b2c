"""Where the needed fact was lost, what has to change, and which steps led there: on logs of real kernels.

Each log in data/ is that of the program beside it, `NAME-KERNEL.log`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor.log.kernel_report import read as read_reports
from bpfdoctor.model.diagnosis import Diagnosis, Layer, Loss
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose

DATA = Path(__file__).parent / "data"
REPORT = re.compile(r"^Verification failed: .*?^Suggestion:\n(?:  .*\n|\n(?=  ))*", re.M | re.S)


def diagnosed(text: str) -> Diagnosis:
    reports = diagnose(RawReport(text.encode(), "log", Flavour.LOG, Stage.PASTE))
    return reports[-1].diagnoses[0]


def logs(name: str) -> list[str]:
    found = [path.read_text() for path in sorted(DATA.glob(f"{name}-*.log"))]
    assert found, name
    return found


@pytest.mark.parametrize(
    ("name", "insn", "why", "layer"),
    [
        ("merged_pointer", 6, Loss.OVERWRITTEN, Layer.LOWERING),
        ("folded_address", 7, Loss.NEVER, Layer.SOURCE),
        ("truncated_pointer", 9, Loss.TRUNCATED, Layer.SOURCE),
        ("moved_packet", 7, Loss.INVALIDATED, Layer.SOURCE),
        ("number_for_a_map", 5, Loss.NEVER, Layer.ENVIRONMENT),
        ("twin_sum", 10, Loss.RECOMPUTED, Layer.LOWERING),
        ("checked_sum", 17, Loss.TOO_SMALL, Layer.FALSE_POSITIVE),
        ("other_copy", 15, Loss.OTHER_COPY, Layer.LOWERING),
        ("call_under_lock", 11, Loss.NEVER, Layer.SOURCE),
        ("lock_early_return", 15, Loss.NEVER, Layer.SOURCE),
        ("irq_early_return", 12, Loss.NEVER, Layer.SOURCE),
        ("reference_early_return", 4, Loss.NEVER, Layer.SOURCE),
        ("unlock_twice", 16, Loss.RELEASED, Layer.SOURCE),
        ("submit_of_memory", 14, Loss.WRONG_VALUE, Layer.SOURCE),
    ],
)
def test_where_the_proof_was_lost(name: str, insn: int, why: Loss, layer: Layer) -> None:
    for log in logs(name):
        found = diagnosed(log)
        assert found.root_cause is not None and found.facts is not None
        assert (found.root_cause.insn, found.facts.why, found.layer) == (insn, why, layer)


def test_a_number_is_not_called_by_the_pointer_beside_it() -> None:
    source = SourceFile("folded_address.bpf.c", (DATA / "folded_address.bpf.c").read_text())
    for log in logs("folded_address"):
        [report] = diagnose(RawReport(log.encode(), "log", Flavour.LOG, Stage.PASTE, files=(source,)))
        assert report.diagnoses[0].headline == "R2 is the number 5, not a pointer"


@pytest.mark.parametrize("path", sorted(DATA.glob("*-7.3.4.log")), ids=lambda path: path.stem)
def test_the_flow_holds_every_event_that_the_kernel_lists(path: Path) -> None:
    text = path.read_text()
    printed = REPORT.search(text)
    assert printed is not None
    report = read_reports(printed[0].splitlines())[-1]
    found = diagnosed(REPORT.sub("\n", text))
    assert report.at is not None and found.insn == report.at.insn
    assert found.category == report.category
    assert {event.insn for event in report.path} <= {label.insn for label in found.flow}


def test_the_flow_ends_with_the_refused_instruction_and_is_in_order() -> None:
    paths = [*DATA.glob("*.log")]
    assert len(paths) >= 20
    for path in paths:
        found = diagnosed(path.read_text())
        assert found.flow and found.flow[-1].insn == found.insn
        walked: Iterator[int | None] = (
            int(number) for number in re.findall(r"^(\d+): \(", path.read_text(), re.M)
        )
        assert all(label.insn in walked for label in found.flow), path.name  # one after the other
        assert found.root_cause is not None
        assert found.root_cause.insn in {label.insn for label in (*found.flow, *found.labels)}
