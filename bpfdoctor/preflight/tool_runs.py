"""What a BCC tool attaches when it is run, for tools whose text does not tell it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bpfdoctor import capture, catalogue, regular_file
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, Program, RawReport, SourceFile, Stage, Verdict
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import tool_hooks
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.run import reported
from bpfdoctor.preflight.system import System
from bpfdoctor.preflight.wants import wants_of
from bpfdoctor.source import Source

_MOST_SOURCE = 16 << 20  # bytes
_HOW = "The tool was run, secluded and with stand-ins for BPF and USDT: nothing was loaded or attached."
_ARGUMENTS = 'Give it the arguments that it is used with: --args "-p 1234".'


def ran(path: Path, arguments: Sequence[str], options: CaptureOptions, system: System) -> list[Report]:
    """A report for each place to which the tool attaches a program. Raises Problem."""
    rules = catalogue.load()
    tool = SourceFile(str(path), regular_file.read(path, _MOST_SOURCE).decode("utf-8", "replace"))
    done = capture.run_tool(path, arguments, options)
    if not done.attaches:
        raise Problem(f"{path} attached nothing: {done.ended or 'it waits for events at once'}.", _ARGUMENTS)
    texts = [SourceFile(f"{path}: BPF(…)", text) for text in done.texts if text.strip()]
    ended = [f"After what is told here {done.ended}."] if done.ended else []
    raw = RawReport(
        b"",
        str(path),
        Flavour.PYTHON,
        Stage.LOADER,
        Verdict.NOT_ASKED,
        files=(*texts, tool),
        notes=(_HOW, *ended),
    )
    reports: list[Report] = []
    for call in done.attaches:
        named = replace(raw, program=Program(call.function))
        source = Source(named, Transcript(raw=named, text=b""))
        if (hook := tool_hooks.hook_of(call, named, source)) is not None:
            hook = replace(hook, wants=wants_of(named, hook))
            reports.append(reported(flight_of(hook, system, rules), named, source, system, rules))
    return reports
