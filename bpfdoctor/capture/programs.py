"""`check`: from a file of any kind to one RawReport per program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bpfdoctor.capture import clang, detect, libbpf, privileges
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage, Verdict


def check(path: Path, options: CaptureOptions, level: int = 1) -> list[RawReport]:
    """See capture.check; `level` is the log level of the traces."""
    flavour = detect.flavour(path, options.flavour)
    if flavour is Flavour.LOG:
        raise Problem(f"{path} is a log, not a program.", f"Explain it with: bpfdoctor log {path}")
    if options.load:
        privileges.require(options)
    template = RawReport(b"", str(path), flavour, Stage.LOADER)
    match flavour:
        case Flavour.OBJECT:
            elf = path.read_bytes()
            return libbpf.load(replace(template, object=elf, compiler=clang.version_in(elf)), options, level)
        case Flavour.LIBBPF:
            compiled = clang.compile_c(template, path, options)
            return libbpf.load(compiled.report, options, level) if compiled.object else [compiled.report]
        case Flavour.BCC:
            from bpfdoctor.capture import bcc
            from bpfdoctor.capture.bcc_output import BccSource

            source = clang.read_source(path)
            program = BccSource(source.text, str(path), folder=str(path.parent))
            return bcc.load(replace(template, files=(source,)), program, options, level)
        case _:
            from bpfdoctor.capture import bcc_python

            return bcc_python.load(template, path, options, level)


def recapture(raw: RawReport, options: CaptureOptions, level: int = 2) -> RawReport:
    """See capture.recapture."""
    if raw.verdict is not Verdict.REFUSED or not raw.program or not raw.program.name:
        return raw
    only = replace(options, programs=(raw.program.name,))
    try:
        if raw.object is not None:
            again = libbpf.load(replace(raw, notes=()), only, level)
        else:
            again = check(Path(raw.source), only, level)
    except (Problem, OSError):
        return raw
    same = [report for report in again if report.program and report.program.name == raw.program.name]
    if not same or same[0].verdict is not Verdict.REFUSED:
        return raw
    return replace(raw, level2=same[0].data)
