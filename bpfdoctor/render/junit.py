"""JUnit XML: every program is a test case, a refusal a failure, a missing answer an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never
from xml.etree import ElementTree

from bpfdoctor.model.diagnosis import Report, Severity, Standing
from bpfdoctor.model.report import Verdict
from bpfdoctor.render import Canvas
from bpfdoctor.render.concise import sentence
from bpfdoctor.render.escape import one_line, visible
from bpfdoctor.render.kernels import column, several
from bpfdoctor.render.text.paint import paint
from bpfdoctor.render.words import bare_failure, became, program


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """One suite per file the user named. Control characters, which XML cannot hold, are written out."""
    root = ElementTree.Element("testsuites", name="bpfdoctor")
    many = several(reports)
    for source in dict.fromkeys([r.source for r in reports] + [f.source for f in canvas.failures]):
        suite = ElementTree.SubElement(root, "testsuite", name=one_line(source))
        for at, report in enumerate(report for report in reports if report.source == source):
            on = f" [{column(report)}]" if many and report.kernel else ""
            _case(suite, report, at, on, canvas)
        for failure in (failure for failure in canvas.failures if failure.source == source):
            case = ElementTree.SubElement(suite, "testcase", name="examined", classname=one_line(source))
            error = ElementTree.SubElement(case, "error", message=one_line(failure.problem.sentence))
            error.text = "\n".join(one_line(way) for way in failure.problem.ways_out)
        for counted, tag in (
            ("tests", "testcase"),
            ("failures", "testcase/failure"),
            ("errors", "testcase/error"),
            ("skipped", "testcase/skipped"),
        ):
            suite.set(counted, str(len(suite.findall(tag))))
    for counted in ("tests", "failures", "errors", "skipped"):
        root.set(counted, str(sum(int(suite.get(counted, "0")) for suite in root)))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(suite: ElementTree.Element, report: Report, at: int, on: str, canvas: Canvas) -> None:
    """`on` is the kernel, where several were asked: a program is a test on each."""
    name = program(report) or (f"program {at + 1}" if at else "program")
    case = ElementTree.SubElement(
        suite, "testcase", name=one_line(name), classname=one_line(report.source + on)
    )
    match report.standing:
        case Standing.FOUND:
            _told(ElementTree.SubElement(case, "failure"), report, canvas)
        case Standing.UNANSWERED:
            _told(ElementTree.SubElement(case, "error"), report, canvas)
        case Standing.EXCUSED if all(each.expected for each in report.excused):
            ElementTree.SubElement(case, "system-out").text = one_line(became(report))
        case Standing.EXCUSED | Standing.NOT_ASKED | Standing.NOTHING:
            ElementTree.SubElement(case, "skipped", message=one_line(became(report)))
        case Standing.WARNED:
            if report.verdict is Verdict.NOT_ASKED:
                ElementTree.SubElement(case, "skipped", message=one_line(became(report)))
            ElementTree.SubElement(case, "system-out").text = "\n" + _drawn(report, canvas)
        case Standing.FINE:
            pass
        case _:
            assert_never(report.standing)


def _told(into: ElementTree.Element, report: Report, canvas: Canvas) -> None:
    """One failure per case is all that many readers show; the text holds every finding."""
    failed = [diagnosis for diagnosis in report.diagnoses if diagnosis.severity is not Severity.NOTE]
    said = bare_failure(report)
    into.set("type", report.verdict.value if said or not failed else failed[0].rule)
    into.set("message", one_line(said or sentence(failed[0])))
    if failed:
        into.text = "\n" + _drawn(report, canvas)


def _drawn(report: Report, canvas: Canvas) -> str:
    from bpfdoctor.render.text import one

    return visible(paint(one(report, canvas), color=False), keep="\n")
