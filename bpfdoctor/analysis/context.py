"""What a collector may look at: the finding, the failing path, the user's text."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from bpfdoctor.machine.state import INCOMPLETE
from bpfdoctor.model.diagnosis import Finding
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import RawReport
from bpfdoctor.model.trace import FrameState, Op, RegState, Step
from bpfdoctor.model.transcript import KernelBlock, Transcript
from bpfdoctor.source import Source
from bpfdoctor.trace import Trace
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.unshown import Unshown


@dataclass(frozen=True, slots=True)
class Context:
    """Everything known about one finding. `step` is the refused instruction, None when the log shows none."""

    finding: Finding
    trace: Trace
    source: Source
    raw: RawReport
    transcript: Transcript

    @property
    def step(self) -> Step | None:
        return self.finding.step

    @property
    def captures(self) -> Mapping[str, Any]:
        return self.finding.captures

    @property
    def shows_checks(self) -> bool:
        """Whether a check on the path would show: in the states, or because nothing is compared at all.

        Up to 5.16 kernels print states after branches only.
        """
        steps = list(islice(self.trace.steps(), Budget.NEAR))
        compares = any(step.insn.op is Op.BRANCH for step in steps)
        return not compares or any(step.printed or step.before for step in steps)

    @property
    def reported(self) -> int | None:
        """The instruction that the kernel's own report (7.3) is about."""
        places = [report.at.insn for report in self.finding.block.reports if report.at]
        return places[-1] if places else None

    @property
    def invalidated(self) -> KernelBlock | None:
        """The newest `invalidated` event of the kernel's own report (7.3): what it holds for the loss."""
        events = [event for report in self.finding.block.reports for event in report.path]
        return next((each for each in reversed(events) if each.label == "invalidated"), None)

    def frame_before(self, step: Step) -> FrameState | None:
        """The frame that `step` runs in, as it was before the step."""
        return next((frame for frame in self.trace.state_before(step) if frame.frame == step.frame), None)

    def register(self, name: str | None) -> RegState | None:
        """The register's state before the refused instruction."""
        if name is None or self.step is None:
            return None
        frame = self.frame_before(self.step)
        state = frame.regs.get(name) if frame else None
        if state is None and (frame is None or INCOMPLETE in frame.flags) and self.trace.holes:
            self.trace.lacks(Unshown.STEPS)
        return state

    def called(self, name: str | None, step: Step | None = None) -> str | None:
        """What the user calls the value in register `name` at `step` (default: the refused one)."""
        at = step or self.step
        return self.source.variable(at, name) if at is not None and name is not None else None
