"""`check`: from a file of any kind to one RawReport per program."""

from __future__ import annotations

import shlex
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture import clang, detect, globals, libbpf, own_texts, statics, within
from bpfdoctor.capture.project import Project, surroundings
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage

_MOST_WORDS = 1 << 20  # bytes of what libbpf says


def check(path: Path, options: CaptureOptions) -> list[RawReport]:
    """See capture.check."""
    flavour = detect.flavour(path, options.flavour)
    if flavour is Flavour.LOG and regular_file.given(path) is not None:
        raise Problem("Standard input is a log, not a program.", "Explain it with: … | bpfdoctor log")
    if flavour is Flavour.LOG:
        name = shlex.quote(str(path))
        raise Problem(f"{path} is a log, not a program.", f"Explain it with: bpfdoctor log -- {name}")
    if options.globals and flavour.is_bcc:
        raise Problem(f"{path} is BCC's, which has no variables that a loader sets.", "Leave --set out.")
    template = RawReport(b"", str(path), flavour, Stage.LOADER)
    match flavour:
        case Flavour.OBJECT:
            return _loaded(template, within.read(path) or b"", options)
        case Flavour.LIBBPF:
            compiled = clang.compile_c(template, path, options)
            if compiled.object is None:
                return [compiled.report]
            reports = _loaded(compiled.report, compiled.object, options)
            return [_with_definers(path, report) for report in reports]
        case Flavour.BCC:
            from bpfdoctor.capture import bcc, bcc_python
            from bpfdoctor.capture.bcc_output import BccSource

            source = own_texts.read_source(path, options)
            prelude, notes = bcc_python.usdt_stand_ins(source.text)
            project = Project(path, with_flags=False)
            folders = project.folders_for(source.text, [str(path.parent), *options.include_dirs])
            options = replace(options, include_dirs=(*options.include_dirs, *folders))
            notes = [*notes, *project.note()]
            program = BccSource(source.text, str(path), folder=str(path.parent), prelude=prelude)
            return bcc.load(replace(template, files=(source,), notes=tuple(notes)), program, options)
        case _:
            from bpfdoctor.capture import bcc_python

            return bcc_python.load(template, path, options)


def _loaded(template: RawReport, elf: bytes, options: CaptureOptions) -> list[RawReport]:
    """The programs of an object, as a loader would set it up."""
    elf, notes = statics.made_global(globals.with_values(elf, options.globals, template.source))
    compiler = template.compiler or clang.version_in(elf)
    return libbpf.load(
        replace(template, object=elf, compiler=compiler, notes=(*template.notes, *notes)), options
    )


def _with_definers(path: Path, report: RawReport) -> RawReport:
    """The report, with the project's own source of a name that is only declared in this one."""
    if report.stage is not Stage.LOADER or len(report.data) > _MOST_WORDS:
        return report
    return replace(report, data=surroundings(path, anew=False).said_of_externs(bytes(report.data)))
