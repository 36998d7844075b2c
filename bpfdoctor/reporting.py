"""From a text to reports: one for each program or compilation. Nothing here opens a file or starts a process.

What one finding says is made in diagnosing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bpfdoctor.kernel.versions import series
from bpfdoctor.model.diagnosis import Diagnosis, Finding, Report
from bpfdoctor.model.problem import Problem, bug
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, Program, RawReport, Stage, Verdict
from bpfdoctor.model.transcript import ErrorBlock, Level, Transcript, Truncated

if TYPE_CHECKING:
    from bpfdoctor.catalogue import Catalogue, Rule
    from bpfdoctor.source import Source
    from bpfdoctor.trace import Trace
    from bpfdoctor.walks import Walks

_PROGRAM = 1 << 20  # bytes that show whether a text is a program


Kept = dict[int, "Walks"]  # the paths of a report, by id() of the walk in it


def bpf_object(data: bytes) -> bytes:
    """The bytes of a compiled BPF program. Raises Problem for another file."""
    from bpfdoctor.formats import elf

    if not elf.is_bpf(data):
        raise Problem("The object is not a compiled BPF program.", "Give the .o that clang -target bpf made.")
    return data


def pasted(raw: RawReport, kept: Kept | None = None) -> list[Report]:
    """What is said of a text that somebody gave. Raises Problem where it is a program, not a log.

    A program's comments may quote a message: what is called like a source file is one in any case. `kept`
    gets the paths of each report that is stepped through.
    """
    reports = diagnose(raw, kept)
    if all(_says_nothing(report) for report in reports) or raw.source.endswith((".c", ".h", ".py")):
        from bpfdoctor.formats.program_text import refuse_program

        refuse_program(bytes(raw.data[:_PROGRAM]), raw.source)
    return reports


def _says_nothing(report: Report) -> bool:
    """Whether a report knows of nobody who speaks of a program."""
    if not report.diagnoses:
        return report.verdict is Verdict.UNKNOWN
    said = [each.finding.block.failure for each in report.diagnoses]
    return all(failure is not None and not failure.who for failure in said)


def diagnose(raw: RawReport, kept: Kept | None = None) -> list[Report]:
    """One Report per program or compilation in `raw`, in the order of the text."""
    if _has_nothing_against(raw):  # most programs: reading, rules and all they import are for the others
        return [_bare(raw, Transcript(raw=raw, text=raw.log or b"", succeeded=True))]
    from bpfdoctor import catalogue, log
    from bpfdoctor.log.repair import paste

    rules = catalogue.load()
    text = paste.clean(raw.data) if raw.stage is Stage.PASTE else raw.data
    return [
        _report(raw, part, rules, kept) for part in log.read(raw, text, known=rules.known, piece=rules.piece)
    ]


def _has_nothing_against(raw: RawReport) -> bool:
    """Whether the kernel took a program, and what else is looked at has nothing to find: see unnoticed.py."""
    is_fine = raw.log is not None and raw.verdict is Verdict.LOADS and raw.insns is not None
    return is_fine and not raw.compiler_said and not raw.flavour.is_bcc and not raw.stepped


def _report(raw: RawReport, part: Transcript, rules: Catalogue, kept: Kept | None) -> Report:
    """What is said of one program. A failure of ours costs one finding, or this report: never the run."""
    from bpfdoctor.source import Source
    from bpfdoctor.trace import Trace

    bare = _bare(raw, part)
    try:
        source, trace = Source(raw, part), Trace(part)
        found = [_with_step(_asked_for(rules.find(block), raw), trace) for block in part.blocks]
        if raw.files and bare.verdict in (Verdict.LOADS, Verdict.NOT_ASKED):
            from bpfdoctor.analysis import unnoticed

            found += unnoticed.findings(raw, source, rules)
        elif raw.compiler_said and bare.verdict is Verdict.NOT_LOADED:
            from bpfdoctor.analysis import unnoticed

            found = unnoticed.not_declared(raw, found, rules)
        told = [_finding(raw, part, each, source, trace, rules) for each in found]
        bare = replace(bare, notes=(*bare.notes, *_about_object(raw, found, source)))
        report = _put_together(bare, told, source, rules)
        return _with_walk(report, source, trace, kept) if raw.stepped else report
    except Exception as error:
        from bpfdoctor.internal_error import internal_error

        block = part.blocks[-1] if part.blocks else ErrorBlock((), Stage.VERIFIER)
        return replace(bare, diagnoses=(internal_error(error, block),))


def _with_walk(report: Report, source: Source, trace: Trace, kept: Kept | None) -> Report:
    """The report with the path that was walked last; without it where we fail on that, which is said."""
    from bpfdoctor.walks import Walks

    try:
        refused = report.verdict not in (Verdict.LOADS, Verdict.NO_COMPLAINT)
        walks = Walks(trace, source, report.diagnoses, refused=refused)
        found = walks.shown()
        if found and kept is not None:
            kept[id(found[0])] = walks
        return replace(report, walk=found[0] if found else None, more_walks=tuple(found[1:]))
    except Exception as error:
        fault = f"the path's steps are missing: a mistake in bpfdoctor, please report it ({bug(error)})"
        return replace(report, notes=(*report.notes, fault))


def _about_object(raw: RawReport, found: Iterable[Finding], source: Source) -> Iterator[str]:
    """Says so where somebody gave an object that the log is not of."""
    step = next((each.step for each in found if each.step is not None), None)
    if raw.stage is Stage.PASTE and step is not None and source.object_is_other(step):
        yield f"the object is of another build: instruction {step.insn.index} is a different one there"


def _asked_for(finding: Finding, raw: RawReport) -> Finding:
    """Where we asked the kernel ourselves, no message is missing: what the loader said is all there is."""
    from bpfdoctor.catalogue import UNKNOWN, WITHOUT_MESSAGE

    if finding.rule == WITHOUT_MESSAGE and raw.flavour is not Flavour.LOG:
        return replace(finding, rule=UNKNOWN)
    return finding


def _finding(
    raw: RawReport, part: Transcript, finding: Finding, source: Source, trace: Trace, rules: Catalogue
) -> Diagnosis:
    from bpfdoctor.diagnosing import diagnosis_of

    try:
        return diagnosis_of(raw, part, finding, source, trace, rules)
    except Exception as error:
        from bpfdoctor.internal_error import internal_error

        return internal_error(error, finding.block)


def _put_together(bare: Report, told: list[Diagnosis], source: Source, rules: Catalogue) -> Report:
    """The report with its findings."""
    if bare.kernel and len(told) > 1:
        told = [each for each in told if not _is_outdated(rules.rule(each.rule), bare.kernel.release)]
    # The loader repeats in its own words what the kernel's errno said already.
    diagnoses = tuple({(each.rule, each.location, each.insn): each for each in reversed(told)}.values())[::-1]
    files = dict.fromkeys(file for diagnosis in diagnoses for file in _files(diagnosis))
    sources = {file: text for file in files if (text := source.text(file)) is not None}
    notes = (*bare.notes, *_faults(diagnoses))
    return replace(bare, diagnoses=diagnoses, notes=notes, sources=sources)


def _bare(raw: RawReport, part: Transcript) -> Report:
    """The report without its findings."""
    verdict, no_answer = _verdict(raw, part)
    return Report(
        source=raw.source,
        flavour=raw.flavour,
        verdict=verdict,
        program=raw.program or (Program(part.program, part.program_type) if part.program else None),
        kernel=raw.kernel,
        compiler=raw.compiler,
        stats=raw.stats if raw.insns is not None else part.stats,
        notes=(*raw.notes, f"that it loads is what this line says: {part.loaded}")
        if part.loaded
        else raw.notes,
        no_answer=no_answer,
        settings=raw.settings,
        programs=part.programs,
    )


def _faults(diagnoses: tuple[Diagnosis, ...]) -> Iterator[str]:
    """A part of an answer that could not be written is missing, so that is said."""
    for diagnosis in diagnoses:
        for fault in diagnosis.faults:
            yield f"a part of this answer is missing: a mistake in bpfdoctor, please report it ({fault})"


def _is_outdated(rule: Rule, release: str) -> bool:
    return rule.before is not None and series(release) >= series(rule.before)


def _verdict(raw: RawReport, part: Transcript) -> tuple[Verdict, str]:
    """What became of the program, and why nobody knows where that is so."""
    if raw.verdict is not Verdict.UNKNOWN:
        return raw.verdict, raw.no_answer
    errors = [block for block in part.blocks if block.severity in (Level.ERROR, Level.FATAL)]
    if errors:
        stage = errors[-1].stage
        if stage is Stage.COMPILER:
            return Verdict.NOT_COMPILED, ""
        return (Verdict.NOT_LOADED if stage is Stage.LOADER else Verdict.REFUSED), ""
    if part.incomplete:
        return Verdict.NO_ANSWER, part.incomplete
    if part.loaded:
        return Verdict.LOADS, ""
    if part.succeeded:
        return Verdict.NO_COMPLAINT, ""
    if part.truncated is Truncated.TAIL:
        return Verdict.NO_ANSWER, "the log stops before the verifier's verdict"
    if raw.flavour is not Flavour.LOG:
        return Verdict.NO_ANSWER, "nothing says what happened to it"
    return Verdict.UNKNOWN, ""


def _with_step(finding: Finding, trace: Trace) -> Finding:
    """The finding with the step it is about: the last one in the log."""
    if finding.block.stage is not Stage.VERIFIER or finding.block.detached:
        return finding
    return replace(finding, step=trace.last)


def _files(diagnosis: Diagnosis) -> Iterator[str]:
    """The files that an output may quote or patch."""
    if diagnosis.location:
        yield diagnosis.location.file
    if diagnosis.root_cause and diagnosis.root_cause.place:
        yield diagnosis.root_cause.place.file
    for label in (*diagnosis.labels, *diagnosis.flow):
        if label.place:
            yield label.place.file
    yield from (edit.file for fix in diagnosis.fixes for edit in fix.edits)
