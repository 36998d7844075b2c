"""`check --witness DIR`: the inputs with which refused programs go wrong, as files to run them with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor import rights
from bpfdoctor.cli import output_file, terminal
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem


def write(folder: Path, source: str, reports: Sequence[Report]) -> None:
    """SOURCE.PROGRAM.json in `folder`, and SOURCE.PROGRAM.packet where it gets one. Raises Problem."""
    for report in reports:
        last = report.diagnoses[-1] if report.diagnoses else None
        if last is None or last.witness_input is None:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Problem(f"{folder} cannot be made: {why}{rights.as_whom()}.") from None
        program = (report.program.name if report.program else None) or "program"
        name = f"{Path(source).name.split('.')[0]}.{program}"
        told = {"source": source, "program": program, "goes_wrong": last.witness, **last.witness_input}
        output_file.write(json.dumps(told, indent=2).encode() + b"\n", folder / f"{name}.json")
        packet = last.witness_input["packet"]
        if isinstance(packet, str):
            output_file.write(bytes.fromhex(packet), folder / f"{name}.packet")
        terminal.say(f"{source}: an input for {program} is in {folder / name}.json.")
