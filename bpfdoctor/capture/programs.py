"""`check`: from a file of any kind to one RawReport per program."""

from __future__ import annotations

import shlex
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture import clang, detect, globals, libbpf
from bpfdoctor.capture._limits import MOST_OBJECT
from bpfdoctor.capture.project import Project
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage


def check(path: Path, options: CaptureOptions) -> list[RawReport]:
    """See capture.check."""
    flavour = detect.flavour(path, options.flavour)
    if flavour is Flavour.LOG:
        name = shlex.quote(str(path))
        raise Problem(f"{path} is a log, not a program.", f"Explain it with: bpfdoctor log -- {name}")
    if options.globals and flavour.is_bcc:
        raise Problem(f"{path} is BCC's, which has no variables that a loader sets.", "Leave --set out.")
    template = RawReport(b"", str(path), flavour, Stage.LOADER)
    match flavour:
        case Flavour.OBJECT:
            elf = globals.with_values(regular_file.read(path, MOST_OBJECT), options.globals, str(path))
            return libbpf.load(replace(template, object=elf, compiler=clang.version_in(elf)), options)
        case Flavour.LIBBPF:
            compiled = clang.compile_c(template, path, options)
            if compiled.object is None:
                return [compiled.report]
            elf = globals.with_values(compiled.object, options.globals, str(path))
            return libbpf.load(replace(compiled.report, object=elf), options)
        case Flavour.BCC:
            from bpfdoctor.capture import bcc, bcc_python
            from bpfdoctor.capture.bcc_output import BccSource

            source = clang.read_source(path, options)
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
