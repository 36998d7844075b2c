"""Walks the failing path again with what newer verifiers have learnt, one skill at a time.

What the kernel printed stays true; a skill adds what follows from the instructions besides. Which kernels
have which skill was found out by loading the same programs on all kernels of the lab
(rules/verifier_history.toml).
"""

from __future__ import annotations

from collections.abc import Collection

from bpfdoctor.analysis.context import Context
from bpfdoctor.machine.capabilities_since import Skill
from bpfdoctor.machine.distance import number
from bpfdoctor.machine.number import Impossible, Number
from bpfdoctor.machine.state import State, entered, left
from bpfdoctor.machine.verifier import Verifier
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.budget import Budget


class Astray(Exception):
    """The walk contradicts what the kernel printed: the log is not what it seems to be."""


class Replay:
    """The path up to the refused step. Raises Impossible where it can't be walked at all."""

    def __init__(self, context: Context, skills: Collection[Skill]) -> None:
        self.used: dict[Skill, Step] = {}  # where each skill told something last
        self._context = context
        self._verifier = Verifier(skills)
        self._state: State = {}

    def run(self) -> None:
        steps: list[Step] = []
        for step in self._context.trace.steps():
            if len(steps) > Budget.WALK:
                break
            steps.append(step)
            if self._context.trace.is_hidden(-step.number):
                break  # what ran before it is not shown
        for step, newer in zip(steps[:0:-1], steps[-2::-1], strict=True):
            if step is self._context.step:
                break
            try:
                self._walk(step, newer)
            finally:
                self.used.update(dict.fromkeys(self._verifier.used, step))
                self._verifier.used.clear()

    def number(self, step: Step, register: str) -> Number:
        """What is known of a number; or of a pointer's distance from the start of its object."""
        return number(self._told(step, register))

    def never_null(self, step: Step, register: str) -> bool:
        return not self._told(step, register).nullable

    def _told(self, step: Step, register: str, kind: str = "?") -> RegState:
        """The register before the step, with what the kernel printed of it."""
        frame = self._context.frame_before(step)
        printed = frame.regs.get(register) if frame else None
        try:
            self._state = self._verifier.told(self._state, step.frame, register, printed, kind)
        except Impossible:
            raise Astray from None
        return self._state[step.frame].regs[register]

    def _walk(self, step: Step, newer: Step) -> None:
        insn = step.insn
        for name in filter(None, (insn.dst, insn.src)):
            self._told(step, name, self._kind(name, newer) if insn.op is Op.BRANCH else "?")
        if newer.frame > step.frame:
            self._state = entered(self._state, newer.frame, insn)
        elif newer.frame < step.frame:
            self._state = left(self._state, newer.frame)
        elif insn.op is not Op.BRANCH:
            self._state = self._verifier.executed(self._state, step.frame, insn)
        elif step.taken is not None:
            self._state = self._verifier.branched(self._state, step.frame, insn, step.taken)

    def _kind(self, register: str, newer: Step) -> str:
        """What a register that is compared is: up to 5.15 only the state after the branch says so."""
        frame = self._context.frame_before(newer)
        state = frame.regs.get(register) if frame else None
        return "scalar" if state is not None and state.kind == "scalar" else "?"
