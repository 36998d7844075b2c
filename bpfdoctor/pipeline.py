"""Wires the stages: from a file or a text to reports. What one finding says is made in diagnosing.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, RawReport, SourceFile, Verdict
from bpfdoctor.reporting import bpf_object, diagnose, pasted

if TYPE_CHECKING:
    from pathlib import Path

    from bpfdoctor.experiments.tries import Compilers, Kernels

_MOST_OBJECT = 256 << 20  # bytes

__all__ = ["asked_otherwise", "blamed", "check", "diagnose", "diagnosed", "for_steps", "read_log"]


def check(path: Path, options: CaptureOptions) -> list[Report]:
    """Compiles and loads what is at `path` and explains every refusal. Raises Problem."""
    from bpfdoctor import capture

    raws = capture.check(path, options)
    return blamed(path, options, raws, diagnosed(raws))


def diagnosed(raws: Sequence[RawReport]) -> list[Report]:
    """What is said of all that was captured of a file."""
    return [report for raw in raws for report in diagnose(raw)]


def for_steps(raws: Sequence[RawReport], asked: CaptureOptions) -> list[RawReport]:
    """What was captured, with whether its answer is to be stepped through."""
    if not asked.stepped:
        return list(raws)
    return [replace(raw, stepped=asked.all_paths or raw.verdict is not Verdict.LOADS) for raw in raws]


def blamed(
    path: Path, options: CaptureOptions, raws: Sequence[RawReport], reports: Sequence[Report]
) -> list[Report]:
    """The reports with what the same programs get, compiled otherwise or on newer kernels."""
    wanted = options.experiments and options.load
    if not wanted or all(report.verdict is not Verdict.REFUSED for report in reports):
        return list(reports)
    raw = next((raw for raw in raws if raw.object), None)
    if raw is None or raw.kernel is None:
        return list(reports)
    from bpfdoctor.lab.ready import NewerKernels

    if raw.flavour.is_bcc:
        from bpfdoctor.capture.bcc_variants import BccVariants
        from bpfdoctor.lab.recording import for_guests

        loaded = [each for each in raws if each.recording]
        names = [each.program.name or "" for each in loaded if each.program]
        recording = for_guests(loaded[0].recording or b"") if loaded else None
        kernels = NewerKernels(raw.kernel.release, options, recording=recording, names=names)
        return asked_otherwise(
            reports, raws, BccVariants(path, options, raw.compiler or ""), kernels if recording else None
        )
    from bpfdoctor.capture.variants import Variants

    compilers = Variants(path, raw.compile_command, options) if raw.compile_command else None
    return asked_otherwise(reports, raws, compilers, NewerKernels(raw.kernel.release, options))


def asked_otherwise(
    reports: Sequence[Report],
    raws: Sequence[RawReport],
    compilers: Compilers | None,
    kernels: Kernels | None,
) -> list[Report]:
    """The reports of a file with what these compilers and kernels make of programs whose blame is open."""
    from bpfdoctor.experiments.blame import is_open, judged
    from bpfdoctor.experiments.tries import Subject, tried

    names = [report.program.name for report in reports if report.program is not None and is_open(report)]
    if not names:
        return list(reports)
    raw = next((raw for raw in raws if raw.object), raws[0])
    texts = tuple(file.text for file in raw.files)
    subject = Subject(raw.object or b"", texts, tuple(name for name in names if name))
    answers = tried(subject, compilers, kernels)
    return [judged(each, answers) if is_open(each) else each for each in reports]


def read_log(
    path: Path | str | None, sources: Sequence[str] = (), object: str | None = None, *, stepped: bool = False
) -> list[Report]:
    """Explains the logs in a text (None: standard input). Raises Problem, for a program too.

    `sources` are the programs that it is about, for labels and patches; nothing is compiled. `object` is
    the file that they were loaded from.
    `stepped`: with the refused path, for a format that steps through it.
    """
    from bpfdoctor.log.repair import paste

    raw = replace(paste.read(path), stepped=stepped)
    if sources:
        raw = replace(raw, files=tuple(_read(sources)))
    if object is not None:
        raw = replace(raw, object=bpf_object(_object(object)))
    return pasted(raw)


def _object(name: str) -> bytes:
    from bpfdoctor import regular_file

    try:
        return regular_file.read(name, _MOST_OBJECT)
    except (OSError, regular_file.NotRegular) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise Problem(f"{name} cannot be read: {why}.", "Name the .o that was loaded.") from None


def _read(sources: Sequence[str]) -> Iterator[SourceFile]:
    """The files, and the headers of the user's beside them."""
    from pathlib import Path

    from bpfdoctor.capture import own_texts
    from bpfdoctor.regular_file import NotRegular

    for name in sources:
        path = Path(name)
        try:
            found = own_texts.read_source(path, CaptureOptions())
        except (OSError, NotRegular) as error:
            why = (getattr(error, "strerror", None) or str(error)).lower()
            raise Problem(f"{path} cannot be read: {why}.", "Name the program's source.") from None
        yield found
        yield from own_texts.own_headers(found.text, [str(path.parent)])
