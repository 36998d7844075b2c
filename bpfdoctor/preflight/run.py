"""From a file to what is said of each of its programs: compiled, not loaded, and never attached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bpfdoctor import capture, catalogue, diagnosing, pipeline
from bpfdoctor.catalogue import Catalogue
from bpfdoctor.model.attach import Attach
from bpfdoctor.model.diagnosis import Diagnosis, Finding, Report
from bpfdoctor.model.edits import renamed
from bpfdoctor.model.preflight import Cause, Flight, Hook, PreflightReport
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Verdict
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.own_finding import block_at
from bpfdoctor.preflight import folded, layouts, lints, loader_text, seldom_calls, tool_hooks, unset_options
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.hooks import hook_of, placed
from bpfdoctor.preflight.loader_text import CALLED, text_of
from bpfdoctor.preflight.system import System
from bpfdoctor.preflight.wants import wants_of
from bpfdoctor.source import Source
from bpfdoctor.trace import Trace


def preflight(
    path: Path, options: CaptureOptions, system: System, chosen: Mapping[str, str] | None = None
) -> list[Report]:
    """A report for each program of a file; of what does not compile, that of `check`. Raises Problem.

    `chosen`: the device (`interface`) and the `cgroup` that their loader would name.
    """
    rules = catalogue.load()
    raws = capture.check(path, replace(options, load=False, experiments=False))
    is_tool = any(raw.flavour is Flavour.PYTHON for raw in raws)
    calls = capture.attaches(path, options) if is_tool else ()
    return [report for raw in raws for report in _of_program(raw, calls, system, rules, chosen or {})]


def _of_program(
    raw: RawReport, calls: Sequence[Attach], system: System, rules: Catalogue, chosen: Mapping[str, str]
) -> Iterator[Report]:
    """A report for each place to which the program is attached."""
    part = Transcript(raw=raw, text=b"")
    source = Source(raw, part)
    hooks = hooks_of(raw, calls, source) if raw.verdict is Verdict.NOT_ASKED else []
    if not hooks:
        yield from pipeline.diagnose(raw)
    for hook in hooks:
        options, members = {**chosen, **hook.options}, layouts.reads_of(raw, hook, source)
        wanted = replace(hook, options=options, wants=wants_of(raw, hook), members=members)
        shown = (
            *lints.look(hook, raw, source, system),
            *unset_options.look(raw, source, system),
            *folded.look(hook, raw, source),
            *seldom_calls.look(hook, raw, system),
        )
        yield reported(flight_of(wanted, system, rules, shown), raw, source, system, rules)


def hooks_of(raw: RawReport, calls: Sequence[Attach], source: Source) -> list[Hook]:
    """What a tool's calls say of the program; else what its section or its name does."""
    if called := tool_hooks.hooks_of(raw, calls, source):
        return called
    hook = hook_of(raw)
    if hook is None:
        return []
    found = placed(hook, raw, source)
    return [found if raw.flavour.is_bcc else loader_text.as_called(found, raw.source)]


def reported(
    flight: Flight, raw: RawReport, source: Source, system: System, rules: Catalogue
) -> PreflightReport:
    """What every output format shows of a flight."""
    causes = causes_of(flight, raw, source, rules)
    places = [each.location for each in causes if each.location]
    sources = {place.file: text for place in places if (text := source.text(place.file)) is not None}
    if CALLED in flight.hook.options:
        sources |= {file: text_of(Path(file)) for place in places if (file := place.file) not in sources}
    return PreflightReport(
        source=raw.source,
        flavour=raw.flavour,
        verdict=Verdict.NOT_ASKED,
        program=raw.program,
        kernel=system.kernel,
        compiler=raw.compiler,
        diagnoses=causes,
        notes=(*raw.notes, *flight.remarks),
        sources=sources,
        hook=flight.hook,
        answer=flight.answer,
        unknown=flight.unknown,
    )


def causes_of(flight: Flight, raw: RawReport, source: Source, rules: Catalogue) -> tuple[Diagnosis, ...]:
    """Each cause, in its rule's words."""
    part = Transcript(raw=raw, text=b"")
    return tuple(
        _with_own_words(
            diagnosing.diagnosis_of(raw, part, _finding(flight.hook, cause), source, Trace(part), rules),
            flight.hook,
            cause,
            source,
        )
        for cause in flight.causes
    )


def _with_own_words(diagnosis: Diagnosis, hook: Hook, cause: Cause, source: Source) -> Diagnosis:
    """The diagnosis with patches in the user's own line; a rule's example is for its page."""
    wrong, right = hook.target.rpartition(":")[2], str(cause.values.get("best", ""))
    at = diagnosis.location
    text = source.text(at.file) if at is not None and wrong and right else None
    edits = renamed(text, at, wrong, right) if text is not None and at is not None else ()
    if cause.rule == "copied-structure" and hook.wants is not None and not hook.wants.compiled_here:
        edits = layouts.marked(diagnosis.location, str(cause.values["declared"]), source)
    fixes = tuple(replace(fix, edits=edits, example=()) for fix in diagnosis.fixes)
    return replace(diagnosis, fixes=fixes)


def _finding(hook: Hook, cause: Cause) -> Finding:
    at = cause.location or (None if cause.of_machine else hook.location)
    block = block_at(at, hook.program)
    return Finding(cause.rule, {"hook": str(hook.kind), "target": hook.target, **cause.values}, block)
