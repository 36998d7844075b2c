"""Reports as plain dicts and lists: the JSON contract, which the other machine formats draw on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpfdoctor.model.beside import OtherKernels
from bpfdoctor.model.diagnosis import (
    Diagnosis,
    Fix,
    Json,
    Label,
    Meaning,
    Place,
    Report,
)
from bpfdoctor.model.failure import Failure
from bpfdoctor.model.preflight import PreflightReport
from bpfdoctor.model.report import Stats
from bpfdoctor.model.trial import Shapes
from bpfdoctor.render import Canvas, Unexamined
from bpfdoctor.render.causes import in_programs
from bpfdoctor.render.kernels import met_on
from bpfdoctor.render.patch import unified
from bpfdoctor.render.words import lowered

SCHEMA = 1  # of docs/json.md and schema.json; grows when a field changes its meaning or goes


def document(reports: Sequence[Report], canvas: Canvas) -> dict[str, Any]:
    """The whole JSON document."""
    return {
        "schema": SCHEMA,
        "reports": report_dicts(reports),
        "hidden": hidden_dict(reports, canvas),
        "problems": [problem_dict(failure) for failure in canvas.failures],
    }


def hidden_dict(reports: Sequence[Report], canvas: Canvas) -> dict[str, int]:
    """How many findings are not told: program by program, and on each kernel."""
    expected = [each.expected for report in reports for each in report.excused]
    return {
        "by_options": canvas.left_out.by_options,
        "by_baseline": canvas.left_out.by_baseline,
        "ignored": len(expected) - sum(expected),
        "expected": sum(expected),
    }


def report_dicts(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Every program; a finding that another one has already says whose it is the same as."""
    _, again = in_programs(reports)
    on = met_on(reports)
    return [report_dict(report, again, on) for report in reports]


def report_dict(report: Report, again: Mapping[int, str], on: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """One program. `again`: see in_programs; `on`: see met_on."""
    return {
        "source": report.source,
        "flavour": report.flavour.value,
        "verdict": report.verdict.value,
        "program": _program(report),
        "kernel": {"release": report.kernel.release, "capabilities": report.kernel.capabilities}
        if report.kernel
        else None,
        "compiler": report.compiler,
        "insns": report.insns,
        "statistics": _statistics(report.stats),
        "not_possible": report.not_possible or None,
        "no_answer": report.no_answer or None,
        "programs": report.programs,
        "preflight": report.public() if isinstance(report, PreflightReport) else None,
        "settings": list(report.settings),
        "shapes": _shapes(report.shapes) if report.shapes else None,
        "notes": list(report.notes),
        "findings": [
            finding_dict(diagnosis, report)
            | {"same_as": again.get(id(diagnosis)), "kernels": list(on[id(diagnosis)])}
            for diagnosis in report.diagnoses
        ],
        "excused": [
            {
                "rule": each.diagnosis.rule,
                "id": each.diagnosis.id,
                "expected": each.expected,
                "why": each.why,
                "location": _place(each.diagnosis.location),
                "comment": _place(each.place),
            }
            for each in report.excused
        ],
    }


def _statistics(stats: Stats) -> dict[str, Any] | None:
    """What the verifier counted beside the instructions; None where it said nothing of it."""
    if stats.states is None and stats.stack is None:
        return None
    return {
        "states": stats.states,
        "peak_states": stats.peak_states,
        "max_states_per_insn": stats.max_states_per_insn,
        "stack": stats.stack,
        "stack_of_functions": list(stats.stack_depth),
        "usec": stats.usec,
    }


def _program(report: Report) -> dict[str, Any] | None:
    if report.program is None:
        return None
    name, kind = report.program.name, report.program.type
    return {"name": name, "type": kind, "section": report.program.section, "assumed": report.program.assumed}


def _shapes(shapes: Shapes) -> dict[str, Any]:
    places = shapes.unverified
    return {
        "tried": [list(shape) for shape in shapes.tried],
        "refused": [list(shape) for shape in shapes.refused],
        "left_out": shapes.left_out,
        "unverified": None if places is None else [{"file": file, "line": line} for file, line in places],
    }


def problem_dict(failure: Unexamined) -> dict[str, Any]:
    """A file that could not be examined."""
    problem = failure.problem
    return {"source": failure.source, "message": problem.sentence, "ways_out": list(problem.ways_out)}


def finding_dict(diagnosis: Diagnosis, report: Report) -> dict[str, Any]:
    """One finding."""
    block = diagnosis.finding.block
    return {
        "rule": diagnosis.rule,
        "id": diagnosis.id,
        "category": diagnosis.category.value,
        "layer": diagnosis.layer.value,
        "severity": diagnosis.severity.value,
        "confidence": diagnosis.confidence.value,
        "confidence_why": diagnosis.confidence_why,
        "proof": diagnosis.proof.value,
        "message": lowered(diagnosis.message),
        "outcome": diagnosis.outcome,
        "headline": diagnosis.headline,
        "wants": diagnosis.wants,
        "has": diagnosis.has,
        "lost": diagnosis.lost,
        "note": diagnosis.note,
        "witness": diagnosis.witness,
        "witness_input": diagnosis.witness_input,
        "other_kernels": _other_kernels(diagnosis.other_kernels),
        "raw": list(block.lines),
        "stage": block.stage.value,
        "insn": insn_of(diagnosis),
        "location": _place(diagnosis.location),
        "root_cause": {
            "insn": diagnosis.root_cause.insn,
            "location": _place(diagnosis.root_cause.place),
            "text": diagnosis.root_cause.text,
        }
        if diagnosis.root_cause
        else None,
        "labels": [_label(label) for label in diagnosis.labels],
        "flow": [_label(label) for label in diagnosis.flow],
        "facts": diagnosis.public,
        "tried": [
            {
                "what": each.way.changes.value,
                "with": each.way.name,
                "loads": each.loads,
                "insns": each.insns,
                "left_out": each.left_out,
            }
            for each in diagnosis.tried
        ],
        "last_steps": list(diagnosis.last_steps),
        "usual_causes": [{"cause": each.cause, "because": each.because} for each in diagnosis.usual],
        "ask_for": diagnosis.ask_for,
        "failure": _failure(block.failure),
        "means": diagnosis.means,
        "next_step": diagnosis.next_step,
        "fixes": [_fix(fix, report) for fix in diagnosis.fixes],
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    """The step that failed, as the loader told it."""
    if failure is None:
        return None
    return {
        "who": failure.who or None,
        "step": failure.step.value,
        "kind": failure.kind or None,
        "target": failure.target or None,
        "program": failure.program or None,
        "map": failure.map or None,
        "errno": failure.errno,
        "errno_name": failure.errno_name or None,
        "said": failure.said,
        "extack": failure.extack or None,
    }


def insn_of(diagnosis: Diagnosis) -> int | None:
    """The number the kernel printed with the refused instruction."""
    if diagnosis.insn is not None:
        return diagnosis.insn
    step = diagnosis.finding.step
    return step.insn.index if step else diagnosis.finding.block.insn


def _other_kernels(other: OtherKernels | None) -> dict[str, Any] | None:
    if other is None:
        return None
    return {
        "text": other.text,
        "since": other.since,
        "why": other.why,
        "loads": list(other.loads),
        "refused": list(other.refused),
    }


def _place(where: Place | None) -> Mapping[str, Json] | None:
    return where.as_json() if where is not None else None


def _label(label: Label) -> dict[str, Any]:
    return {"role": label.role, "insn": label.insn, "location": _place(label.place), "text": label.text}


def _meaning(meaning: Meaning | None) -> dict[str, Any] | None:
    return {"runs": meaning.runs, "differs": meaning.differs} if meaning is not None else None


def _fix(fix: Fix, report: Report) -> dict[str, Any]:
    outcome = fix.outcome
    return {
        "title": fix.title,
        "why": fix.why,
        "safety": fix.safety.value,
        "diff": unified(fix.edits, report.sources),
        "example": list(fix.example),
        "compile": fix.compile,
        "edits": [
            {"file": edit.file, "first": edit.first, "last": edit.last, "lines": list(edit.lines)}
            for edit in fix.edits
        ],
        "steps": list(fix.steps),
        "outcome": {
            "status": outcome.status.value,
            "kernel": outcome.kernel,
            "capabilities": outcome.capabilities,
            "insns": outcome.insns,
            "refused_by": outcome.refused_by,
            "meaning": _meaning(outcome.meaning),
        },
    }
