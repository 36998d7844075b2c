"""A stored run as a table for a CI job's summary page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from bpfdoctor.model.diagnosis import Report, Severity
from bpfdoctor.model.report import Kernel, Program, Stats, Verdict
from bpfdoctor.render import Canvas, render
from bpfdoctor.render.summary import counts, markdown
from tests.unit.render import reports

FILES = "https://git.example/you/it/blob/1f2e"


def on(release: str, report: Report) -> Report:
    return replace(report, kernel=Kernel(release, "full"))


def stored(*made: Report) -> Any:
    return json.loads(render(made, "json"))["reports"]


def test_programs_and_kernels_are_a_table_and_each_finding_is_told_once() -> None:
    loads = replace(reports.report(), diagnoses=(), verdict=Verdict.LOADS, stats=Stats(processed=1234))
    run = stored(on("5.10.262", reports.report()), on("5.4.1", reports.report()), on("6.12.117", loads))
    assert markdown(run, [], Canvas(base="/repo", below="src dir", site="https://x.example"), FILES) == (
        "### ❌ bpfdoctor: 1 of 1 program refused\n\n"
        "| program | 5.4.1 | 5.10.262 | 6.12.117 |\n"
        "|---|---|---|---|\n"
        f"| [pkt.bpf.c]({FILES}/src%20dir/pkt.bpf.c) drop\\_dns "
        "| ❌ [packet-bounds](https://x.example/rules/packet-bounds.html) "
        "| ❌ [packet-bounds](https://x.example/rules/packet-bounds.html) | ✅ 1,234 |\n\n"
        f"- [pkt.bpf.c:24]({FILES}/src%20dir/pkt.bpf.c#L24): "
        "**[packet-bounds](https://x.example/rules/packet-bounds.html)**: this access can run past the end "
        "of the packet: 4 more bytes must be checked first (on 5.10.262, 5.4.1)\n"
    )


def test_what_a_job_decides_by() -> None:
    warned = replace(
        reports.report(reports.diagnosis(severity=Severity.WARNING)), verdict=Verdict.LOADS, source="b.bpf.c"
    )
    silent = replace(reports.report(), source="c.bpf.c", diagnoses=(), verdict=Verdict.NO_ANSWER)
    run = stored(on("5.10.262", reports.report()), on("6.12.117", reports.report()), warned, silent)
    counted = counts(run, [{"message": "there is no clang"}])
    assert counted.lines == "programs=3\nrefused=1\nwarnings=1\nunanswered=2\n"
    assert counted.sentence == "1 of 3 programs refused, 1 warning, 2 without an answer"


def test_what_a_comment_excuses_is_fine() -> None:
    (report,) = stored(replace(reports.report(), diagnoses=()))
    report["excused"] = [{"rule": "packet-bounds", "expected": True}]
    assert "| ✅ expected: packet-bounds |" in markdown([report], [], Canvas(), "")
    assert counts([report], []).refused == 0


def test_names_of_a_stranger_are_text_in_it() -> None:
    """A file of a pull request may be called anything; the page is the project's."""
    name = "a|b](https://evil.example)<img src=x>\n# `x`.bpf.c"
    evil = replace(reports.report(), source=name, program=Program("p|q", "xdp"))
    page = markdown(stored(evil), [], Canvas(base="/repo"), FILES)
    (row,) = [line for line in page.splitlines() if "evil" in line]
    live = re.sub(r"\\.", "", row)  # without what a backslash makes text
    assert not set("<#`").intersection(live) and live.count("|") == 3 and live.count("](") == 1


def test_a_page_is_no_longer_than_what_is_shown() -> None:
    many = stored(*(replace(reports.report(), source=f"{number}.bpf.c") for number in range(40)))
    for number, report in enumerate(many):
        report["findings"][0]["message"] = f"{number} " + "x" * 20_000
        report["findings"][0]["location"] = None
    page = markdown(many, [], Canvas(), "")
    assert len(page) < 510_000 and page.endswith(" more.\n")
