"""Makes traces from texts and from the captured logs in data/."""

from __future__ import annotations

import re
from pathlib import Path

from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.model.trace import FrameState, RegState, Step
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.trace import Trace

DATA = Path(__file__).parent / "data"
HOST = "6.18.44"
PAIRS = sorted((p.parent.name, p.name.removesuffix("-l1.log")) for p in DATA.glob("*/*-l1.log"))
# Maps are made anew for each load, and with them the addresses in "r1 = 0xffff88810439b400".
_ADDRESS = re.compile(r"0x[0-9a-f]{9,16}")


def trace(log: str | bytes) -> Trace:
    data = log.encode() if isinstance(log, str) else log
    raw = RawReport(data, "a.log", Flavour.LOG, Stage.VERIFIER)
    return Trace(Transcript(raw, data, log_start=0, log_end=len(data)))


def read(name: str, level: int, kernel: str = HOST) -> bytes:
    return (DATA / kernel / f"{name}-l{level}.log").read_bytes()


def captured(name: str, level: int, kernel: str = HOST) -> Trace:
    return trace(read(name, level, kernel))


def path(found: Trace) -> list[tuple[int, str, int, bool | None]]:
    """Newest first: index, text, frame, way taken."""
    return [(s.insn.index, _ADDRESS.sub("0x…", s.insn.text), s.frame, s.taken) for s in found.steps()]


def step_at(found: Trace, index: int, nth: int = 0) -> Step:
    """The nth newest step of the instruction."""
    return [step for step in found.steps() if step.insn.index == index][nth]


def frame_before(found: Trace, step: Step, number: int | None = None) -> FrameState:
    wanted = step.frame if number is None else number
    return next(frame for frame in found.state_before(step) if frame.frame == wanted)


def reg_before(found: Trace, index: int, name: str) -> RegState | None:
    """The register before the newest step of the instruction."""
    return frame_before(found, step_at(found, index)).regs.get(name)
