"""SARIF 2.1.0 as plain dicts, with code flows and fixes; the schema is checked in the tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from bpfdoctor import __version__, catalogue
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Excused, Fix, Label, Place, Report, Severity, Standing
from bpfdoctor.model.edits import line_end
from bpfdoctor.model.record import replace
from bpfdoctor.render import Canvas, rule_page
from bpfdoctor.render.as_json import dump
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.fingerprint import fingerprints
from bpfdoctor.render.kernels import Told, told
from bpfdoctor.render.plain import hidden_dict, insn_of
from bpfdoctor.render.words import bare_failure, confidence, fix_head, plural

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
Json = dict[str, Any]
ROOT = "%SRCROOT%"  # GitHub's name for the top of the repository
MOST_RESULTS = 25_000  # GitHub takes no file with more


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """One run. Lines and columns count from 1, columns in Unicode code points."""
    found, left_out = _most([*told(reports), *_excused(reports)])
    rules = {each.diagnosis.id: each.diagnosis for each in found if each.diagnosis}
    excused = {id(each.diagnosis): each for report in reports for each in report.excused}
    results = [
        _result(each, each.diagnosis, list(rules), mark, canvas, excused.get(id(each.diagnosis)))
        if each.diagnosis
        else _silent(each, canvas)
        for each, mark in zip(found, fingerprints(found, canvas.path), strict=True)
    ]
    run: Json = {
        "tool": {
            "driver": {
                "name": "bpfdoctor",
                "version": __version__,
                "semanticVersion": __version__.replace(".dev", "-dev."),  # PEP 440's form is not SemVer's
                "rules": [_rule(diagnosis, canvas) for diagnosis in rules.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"hidden": hidden_dict(reports, canvas)},
        "invocations": [_invocation(reports, left_out, canvas)],
    }
    if canvas.base:
        run["originalUriBaseIds"] = {ROOT: {"uri": PurePath(canvas.base).as_uri().rstrip("/") + "/"}}
    return dump({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}, canvas, indent=2) + "\n"


def _excused(reports: Sequence[Report]) -> list[Told]:
    """What comments in the source ignore or expect: results, too, but suppressed ones."""
    as_found = [
        replace(report, diagnoses=tuple(each.diagnosis for each in report.excused)) for report in reports
    ]
    return [each for each in told(as_found) if each.diagnosis]


def _most(found: list[Told]) -> tuple[list[Told], int]:
    """What one file may hold, errors before warnings where that is not all; and how much is left out."""
    if len(found) <= MOST_RESULTS:
        return found, 0
    errors = [each for each in found if not each.diagnosis or each.diagnosis.severity is Severity.ERROR]
    others = [each for each in found if each.diagnosis and each.diagnosis.severity is not Severity.ERROR]
    first = [*errors, *others]
    return first[:MOST_RESULTS], len(found) - MOST_RESULTS


def _rule(diagnosis: Diagnosis, canvas: Canvas) -> Json:
    """What holds for every finding of a rule, with its page: GitHub shows it beside each alert."""
    rules = catalogue.load()
    try:
        rule = rules.rule(diagnosis.rule)
    except KeyError:  # an error of our own has no page
        return {
            "id": diagnosis.id,
            "name": diagnosis.rule,
            "shortDescription": _text(diagnosis.message),
            "help": _text(f"bpfdoctor explain {diagnosis.rule}"),
        }
    page, level = rule_page.rule_page(rules, rule), _LEVELS[rule.severity]
    linked = {"helpUri": uri} if (uri := rule_page.address(rule.name, canvas.site)) else {}
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": _text(rule.title),
        "fullDescription": _text(_first_paragraph(rules.page(rule)) or rule.title),
        **linked,
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level},
        "properties": {
            "category": rule.category.value,
            "layer": rule.layer.value,
            "tags": [
                "bpf",
                *(
                    each.lower().replace("_", "-").replace(" ", "-")
                    for each in (rule.category.value, rule.layer.value)
                ),
            ],
            "problem.severity": "recommendation" if level == "note" else level,
        },
    }


def _first_paragraph(page: str) -> str:
    return next((part.replace("\n", " ") for part in page.strip().split("\n\n") if part[:1] not in "#"), "")


def _invocation(reports: Sequence[Report], left_out: int, canvas: Canvas) -> Json:
    """What could not be examined, and who gave no answer: then the run as a whole has not succeeded."""
    said = [f"{each.source}: {each.problem.sentence}" for each in canvas.failures]
    unanswered = [report for report in reports if report.standing is Standing.UNANSWERED]
    said += [f"{each.source}: {bare_failure(each) or 'a finding is missing'}." for each in unanswered]
    notes = [{"level": "error", "message": _text(sentence)} for sentence in said]
    if left_out:
        sentence = f"{plural(left_out, 'result')} more than a file may hold: check fewer programs at once."
        notes.append({"level": "warning", "message": _text(sentence)})
    return {"executionSuccessful": not said, "toolExecutionNotifications": notes}


def _result(
    each: Told, diagnosis: Diagnosis, rules: Sequence[str], mark: str, canvas: Canvas, excused: Excused | None
) -> Json:
    report = each.report
    access = next((label for label in diagnosis.labels if label.role == "access"), None)
    place = diagnosis.location or (access.place if access else None)
    said = (diagnosis.means, diagnosis.next_step)
    met = f"Met on {', '.join(each.met_on)}" if each.met_on else ""
    parts = (diagnosis.message, diagnosis.headline, *said, confidence(diagnosis), met)
    result: Json = {
        "ruleId": diagnosis.id,
        "ruleIndex": rules.index(diagnosis.id),
        "level": _LEVELS[diagnosis.severity],
        "message": _text(". ".join(part.rstrip(".") for part in parts if part) + "."),
        "locations": [_location(report, place, insn_of(diagnosis), "", canvas)],
        "partialFingerprints": {"bpfdoctor/v2": mark},
        "properties": {
            "verdict": report.verdict.value,
            "confidence": diagnosis.confidence.value,
            "kernel": report.kernel.release if report.kernel else None,
            "kernels": list(each.met_on),
            "capabilities": report.kernel.capabilities if report.kernel else None,
            "raw": [one_line(line) for line in diagnosis.finding.block.lines],
            "facts": diagnosis.public,
        },
    }
    related = [label for label in diagnosis.labels if label is not access]
    if excused is not None:
        result["suppressions"] = [_suppression(excused, report, canvas)]
    if related:
        result["relatedLocations"] = [
            {"id": at} | _location(report, label.place, label.insn, label.text, canvas)
            for at, label in enumerate(related)
        ]
    if diagnosis.flow:
        result["codeFlows"] = [_flow(report, diagnosis.flow, canvas)]
    if fixes := [_fix(fix, report, canvas) for fix in diagnosis.fixes if fix.edits]:
        result["fixes"] = fixes
    return result


def _suppression(excused: Excused, report: Report, canvas: Canvas) -> Json:
    said = {
        "kind": "inSource",
        "status": "accepted",
        "location": _location(report, excused.place, None, "", canvas),
    }
    if not excused.why and not excused.expected:
        return said
    return said | {"justification": one_line(excused.why or "expected")}


def _silent(each: Told, canvas: Canvas) -> Json:
    """A failure that no finding tells of is a result, too."""
    message = _text(f"{each.report.source}: {each.failure}{each.on}.")
    where = _location(each.report, None, None, "", canvas)
    return {"level": "error", "message": message, "locations": [where]}


def _location(report: Report, where: Place | None, insn: int | None, text: str, canvas: Canvas) -> Json:
    """A place in the source; without one, the file the user named and the instruction."""
    out: Json = {}
    if where is not None:
        out["physicalLocation"] = {
            "artifactLocation": _artifact(where.file, canvas),
            "region": _region(where),
        }
    elif report.source != "-":
        out["physicalLocation"] = {"artifactLocation": _artifact(report.source, canvas)}
    function = (where.function if where else None) or (report.program.name if report.program else None)
    logical = [{"name": one_line(function), "kind": "function"}] if function else []
    if insn is not None:
        logical.append({"name": f"instruction {insn}", "kind": "instruction"})
    if logical:
        out["logicalLocations"] = logical
    return out | ({"message": _text(text)} if text else {})


def _region(where: Place) -> Json:
    region: Json = {"startLine": max(where.line, 1)}
    if where.column:
        region["startColumn"] = where.column
        if where.end_column and where.end_column > where.column:
            region["endColumn"] = where.end_column
    if where.text is not None:
        region["snippet"] = _raw(where.text)
    return region


def _artifact(file: str, canvas: Canvas) -> Json:
    path = canvas.path(file)
    if PurePath(path).is_absolute():
        return {"uri": "file://" + quote(path, errors="surrogatepass")}
    out = {"uri": quote(path, errors="surrogatepass")}
    return out | ({"uriBaseId": ROOT} if canvas.base else {})


def _flow(report: Report, steps: Iterable[Label], canvas: Canvas) -> Json:
    locations = [
        {
            "location": _location(report, step.place, step.insn, step.text, canvas),
            "importance": "essential" if step.role in ("access", "cause") else "important",
        }
        for step in steps
    ]
    return {"threadFlows": [{"locations": locations}]}


def _fix(fix: Fix, report: Report, canvas: Canvas) -> Json:
    files = dict.fromkeys(edit.file for edit in fix.edits)
    return {
        "description": _text(f"{fix.title} ({fix_head(fix, report)})"),
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file, canvas),
                "replacements": [
                    _replacement(edit, line_end(report.sources.get(file, "")))
                    for edit in fix.edits
                    if edit.file == file
                ],
            }
            for file in files
        ],
    }


def _replacement(edit: Edit, end: str) -> Json:
    """Whole lines: inserted before a line, replaced without their last newline, or deleted with it."""
    if edit.last < edit.first:
        start = {"startLine": edit.first, "startColumn": 1, "endLine": edit.first, "endColumn": 1}
        return {"deletedRegion": start, "insertedContent": _raw("".join(line + end for line in edit.lines))}
    if edit.lines:
        region = {"startLine": edit.first, "endLine": edit.last}
        return {"deletedRegion": region, "insertedContent": _raw(end.join(edit.lines))}
    return {
        "deletedRegion": {"startLine": edit.first, "startColumn": 1, "endLine": edit.last + 1, "endColumn": 1}
    }


def _text(text: str) -> Json:
    return {"text": one_line(text)}


def _raw(text: str) -> Json:
    return {"text": text}
