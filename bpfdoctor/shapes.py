"""Loads an object with each value of its constants that its own branches test: `check --shapes`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bpfdoctor import pipeline
from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.btf_ext import BtfExt
from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, RawReport, Verdict
from bpfdoctor.model.trial import Shapes

_MOST_SHAPES = 32
_SECONDS = 60.0  # of CPU, after which no further shape is begun
_REFUSED = (Verdict.REFUSED, Verdict.NOT_LOADED)

Shape = tuple[str, ...]


def check(path: Path, options: CaptureOptions) -> list[Report]:
    """pipeline.check, and what becomes of the programs in other shapes. Raises Problem."""
    from bpfdoctor import capture

    options = replace(options, verified_lines=True)
    raws = capture.check(path, options)
    if any(raw.flavour.is_bcc for raw in raws):
        raise Problem(f"{path} is BCC's, which has no constants that a loader sets.", "Leave --shapes out.")
    reports = pipeline.blamed(path, options, raws, pipeline.diagnosed(raws))
    elf = next((raw.object for raw in raws if raw.object), None)
    if elf is None or not reports:
        return reports
    wanted = list(_shapes(elf, options.globals))
    tried: list[Shape] = [options.globals]
    refused: list[Shape] = [options.globals] if _refusals(raws) else []
    reached = {place for raw in raws for place in raw.verified}
    loads = {_name(raw) for raw in raws if raw.verdict is Verdict.LOADS}
    seen = {_cause(raw) for raw in raws}
    way_out: dict[str, Shape] = {}
    loader = _Loader(raws[0], elf, options, _cpu() + _SECONDS)
    for shape in wanted[:_MOST_SHAPES]:
        if not loader.has_time:
            break
        again = loader.load(shape)
        tried.append(shape)
        if _refusals(again):
            refused.append(shape)
        for raw in again:
            reached.update(raw.verified)
            if raw.verdict is Verdict.LOADS and _name(raw) not in loads:
                way_out.setdefault(_name(raw), shape)
            if raw.verdict in _REFUSED and _cause(raw) not in seen:
                seen.add(_cause(raw))
                reports += _explained(loader.least(raw, options.globals), _name(raw) in loads)
    loads |= set(way_out)
    names = {_name(raw) for raw in raws if raw.program}
    unverified = _unverified(elf, reached) if names <= loads else None
    shapes = Shapes(tuple(tried), tuple(refused), len(wanted) + 1 - len(tried), unverified)
    reports = [_with_way_out(report, way_out) for report in reports]
    return [replace(reports[0], shapes=shapes, notes=(*reports[0].notes, *_notes(shapes))), *reports[1:]]


def _shapes(elf: bytes, given: Shape) -> Iterator[Shape]:
    """Other shapes: each constant by itself, then all of them, then two at a time."""
    from bpfdoctor.capture.tested_constants import settings as tested

    fixed = {each.partition("=")[0] for each in given}
    settings = [each for each in tested(elf) if each.name not in fixed]
    single = [[f"{each.name}={value}" for value in each.values] for each in settings]
    yield from ((*given, one) for values in single for one in values)
    if len(single) > 1:
        yield (*given, *(values[0] for values in single))
    if len(single) > 2:
        pairs = ((first, second) for at, first in enumerate(single) for second in single[at + 1 :])
        yield from ((*given, one, other) for first, second in pairs for one in first for other in second)


def _refusals(raws: Sequence[RawReport]) -> bool:
    return any(raw.verdict in _REFUSED for raw in raws)


def _name(raw: RawReport) -> str:
    return (raw.program.name if raw.program else None) or ""


def _cause(raw: RawReport) -> tuple[str, bytes]:
    """By which two refusals of a program are the same: the last lines of what was said of it."""
    said = raw.data if raw.log is None else raw.log
    lines = [line for line in bytes(said[-4096:]).split(b"\n") if line and not line.startswith(b"processed ")]
    return _name(raw), b"\n".join(lines[-2:]) if raw.verdict in _REFUSED else b""


class _Loader:
    """Loads one object in one shape after the other."""

    def __init__(self, like: RawReport, elf: bytes, options: CaptureOptions, until: float) -> None:
        self._like, self._elf, self._options, self._until = like, elf, options, until

    @property
    def has_time(self) -> bool:
        return _cpu() < self._until

    def load(self, shape: Shape) -> list[RawReport]:
        from bpfdoctor import capture

        return capture.load_shape(self._like, self._elf, shape, self._options)

    def least(self, refused: RawReport, given: Shape) -> RawReport:
        """The refusal with as few constants set as it takes."""
        for one in refused.settings:
            shape = tuple(each for each in refused.settings if each != one)
            if one in given or len(shape) == len(given) or not self.has_time:
                continue
            again = (raw for raw in self.load(shape) if _cause(raw) == _cause(refused))
            refused = next(again, refused)
        return refused


def _cpu() -> float:
    """Seconds of CPU that this process and its children have used."""
    return sum(os.times()[:4])


def _explained(raw: RawReport, loads: bool) -> list[Report]:
    otherwise = "it loads" if loads else "it is refused in another way"
    note = f"Refused with {_words(raw.settings)}; with the constants as its source has them {otherwise}."
    return pipeline.diagnose(replace(raw, notes=(*raw.notes, note)))


def _with_way_out(report: Report, way_out: dict[str, Shape]) -> Report:
    name = (report.program.name if report.program else None) or ""
    if name not in way_out or report.settings or report.verdict not in _REFUSED:
        return report
    return replace(report, notes=(*report.notes, f"{name} loads with {_words(way_out[name])}."))


def _words(shape: Shape) -> str:
    return " ".join(f"--set {each}" for each in shape)


def _notes(shapes: Shapes) -> Iterator[str]:
    """What was tried, and what it left unseen."""
    others = shapes.tried[1:]
    if not others:
        yield "No branch of the programs tests a constant that a loader could set: there is one shape."
    else:
        values: dict[str, list[str]] = {}
        for name, _, value in (each.partition("=") for shape in others for each in shape):
            values.setdefault(name, []).append(value)
        named = "; ".join(f"{name}={', '.join(dict.fromkeys(found))}" for name, found in values.items())
        more = f"; {shapes.left_out} more were left out" if shapes.left_out else ""
        count = f"{len(others)} other shapes" if len(others) > 1 else "One other shape"
        yield f"{count} tried, constants alone and together: {named}{more}."
    if shapes.unverified:
        yield f"No shape that loads has these lines verified: {_ranges(shapes.unverified)}."
    elif shapes.unverified is not None:
        yield "Of every line that has code the kernel kept some in a shape that loads."


def _ranges(places: Sequence[tuple[str, int]]) -> str:
    """`prog.bpf.c 12-14, 20; util.h 3`."""
    files: dict[str, list[list[int]]] = {}
    for file, line in places:
        ranges = files.setdefault(file, [])
        if ranges and ranges[-1][1] + 1 >= line:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return "; ".join(
        f"{file} {', '.join(str(a) if a == b else f'{a}-{b}' for a, b in ranges)}"
        for file, ranges in files.items()
    )


def _unverified(elf: bytes, reached: set[tuple[int, int]]) -> tuple[tuple[str, int], ...]:
    """The lines with code of which the kernel kept none, in any shape: it removes what no path reaches."""
    found = Elf.read(elf)
    types = Btf.from_elf(found) if found else None
    lines = BtfExt.from_elf(found, types) if found and types else None
    if types is None or lines is None:
        return ()
    kept = {(types.string(file), line) for file, line in reached}
    every = {(info.file, info.line) for infos in lines.lines.values() for info in infos if info.line}
    missed = sorted(every - kept)
    return tuple((_short(file), line) for file, line in missed if not file.startswith("/usr/"))


def _short(file: str) -> str:
    """A path as seen from here, where it is below."""
    here = os.path.join(os.getcwd(), "")
    return file.removeprefix(here)
