"""Compiles and loads real programs in child processes, and reads pasted text: everything becomes a RawReport.

Imports come late: the children import this package in a bare interpreter, and `log` needs none of it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it would cost the children a quarter of their start
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bpfdoctor.capture.tool_run import ToolRun
    from bpfdoctor.model.attach import Attach
    from bpfdoctor.model.report import CaptureOptions, RawReport


def check(path: Path, options: CaptureOptions) -> list[RawReport]:
    """Compile and load every program of `path`: a report for each, or one for what kept all from loading.

    Nothing is attached, pinned or written beside the file. Raises model.problem.Problem when the job cannot
    be done: no such file, no compiler, no right to load.
    """
    from bpfdoctor.capture import programs

    return programs.check(path, options)


def programs_in(path: Path) -> list[str]:
    """What a path stands for: programs below a folder, those that a Go or Rust file loads, the objects of a
    binary that has several inside; else itself."""
    if path.suffix in (".go", ".rs"):
        from bpfdoctor.capture import go_files, rust_files

        named = list(go_files.sources_of(path)) if path.suffix == ".go" else rust_files.programs_of(path)
        return list(dict.fromkeys(named)) or [str(path)]
    from bpfdoctor.capture import folders, within

    return folders.programs_in(path) if path.is_dir() else within.names(path)


def is_bcc(path: Path, options: CaptureOptions) -> bool:
    """Whether a file is BCC's: C without SEC(…), or a Python tool. Raises Problem as check does."""
    from bpfdoctor.capture import detect

    return detect.flavour(path, options.flavour).is_bcc


def attaches(path: Path, options: CaptureOptions) -> tuple[Attach, ...]:
    """The calls by which a BCC Python tool attaches its programs. Raises Problem as check does."""
    from bpfdoctor.capture import own_texts, python_tool

    return python_tool.follow(own_texts.read_source(path, options).text, path).attaches


def run_tool(path: Path, arguments: Sequence[str], options: CaptureOptions) -> ToolRun:
    """What a BCC Python tool attaches, as it is run in seclusion. Raises Problem as check does."""
    from bpfdoctor.capture import child, tool_run

    return tool_run.run(path, arguments, child.environment(options))


def load_shape(
    like: RawReport, elf: bytes, shape: tuple[str, ...], options: CaptureOptions
) -> list[RawReport]:
    """Load the programs of an object with its constants set to `shape`, each NAME=VALUE. Raises Problem."""
    from bpfdoctor.capture import globals, libbpf
    from bpfdoctor.model.record import replace
    from bpfdoctor.model.report import RawReport

    template = RawReport(
        b"", like.source, like.flavour, like.stage, compiler=like.compiler, files=like.files, settings=shape
    )
    return libbpf.load(replace(template, object=globals.with_values(elf, shape, like.source)), options)
