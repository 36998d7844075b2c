"""Formats that other programs read: SARIF, GitHub, GitLab, JUnit, and one line per finding."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.model.diagnosis import Edit, Fix, Place, Report, Safety, Severity
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour, Verdict
from bpfdoctor.render import FORMATS, Unexamined, render
from tests.unit.render import reports

# From the npm package @microsoft/sarif-multitool-linux 5.7.0 (MIT), the validator of SARIF's own authors.
SARIF_SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text())
EVERYTHING = [make() for make in reports.ALL]
FAILURE = Unexamined("x.c", Problem("there is no clang", "apt-get install clang"))


def sarif(*made: Report, **options: Any) -> Any:
    document = json.loads(render(list(made), "sarif", **options))
    jsonschema.Draft202012Validator(SARIF_SCHEMA).validate(document)
    return document["runs"][0]


def moved() -> Report:
    """The same program, with lines added above the finding."""
    found = reports.diagnosis(location=replace(reports.place(24, 11), line=29))
    return reports.report(found, sources={"pkt.bpf.c": "\n" * 5 + reports.PKT})


# ---- concise


def test_concise_is_one_line_per_finding() -> None:
    assert render([reports.report(), reports.loads()], "concise") == (
        "pkt.bpf.c:24:11: error[BD101] packet-bounds: this access can run past the end of the packet: "
        "4 more bytes must be checked first\n"
    )


def test_concise_names_the_program_where_there_is_no_place() -> None:
    assert render([reports.instruction_only()], "concise").startswith("ci.log (drop_dns): error[BD101] ")


def test_concise_says_that_a_program_was_refused_without_a_word() -> None:
    text = render([replace(reports.report(), diagnoses=())], "concise")
    assert text == "pkt.bpf.c: error: drop_dns (xdp) was refused, and nothing says why\n"


# ---- SARIF


def test_sarif_is_valid_for_every_report() -> None:
    run = sarif(*EVERYTHING, base="/work", failures=[FAILURE])
    assert len(run["results"]) == 7  # one of them suppressed
    assert run["invocations"][0]["executionSuccessful"] is False


def test_sarif_has_the_steps_that_led_there() -> None:
    (result,) = sarif(reports.report())["results"]
    (thread,) = result["codeFlows"][0]["threadFlows"]
    said = [step["location"]["message"]["text"] for step in thread["locations"]]
    assert said == ["this check proves bytes 0..33", "reads bytes 36..37 of the packet"]
    region = thread["locations"][0]["location"]["physicalLocation"]["region"]
    assert region == {"startLine": 18, "startColumn": 6, "endColumn": 43}


def test_sarif_inserts_lines_in_front_of_a_line() -> None:
    (result,) = sarif(reports.report())["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 24, "startColumn": 1, "endLine": 24, "endColumn": 1},
            "insertedContent": {"text": "\tif ((void *)(udp + 1) > data_end)\n\t\treturn XDP_PASS;\n"},
        }
    ]


@pytest.mark.parametrize(
    ("edit", "region", "text"),
    [
        (Edit("a.c", 3, 4, ("x;",)), {"startLine": 3, "endLine": 4}, "x;"),
        (Edit("a.c", 3, 4, ()), {"startLine": 3, "startColumn": 1, "endLine": 5, "endColumn": 1}, None),
    ],
)
def test_sarif_replaces_and_deletes_lines(edit: Edit, region: dict[str, int], text: str | None) -> None:
    found = reports.diagnosis(fixes=(replace(reports.FIX, edits=(edit,)),))
    (result,) = sarif(reports.report(found))["results"]
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["deletedRegion"] == region
    assert replacement.get("insertedContent", {}).get("text") == text


def test_sarif_paths_are_relative_to_the_base_and_encoded() -> None:
    found = reports.diagnosis(location=Place("/repo/src/my prog.c", 3))
    run = sarif(reports.report(found), base="/repo")
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "src/my%20prog.c", "uriBaseId": "%SRCROOT%"}
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///repo/"


def test_sarif_fingerprints_survive_moved_lines() -> None:
    [first], [second] = (sarif(report)["results"] for report in (reports.report(), moved()))
    assert first["partialFingerprints"] == second["partialFingerprints"]


def test_sarif_tells_of_a_rule_what_github_shows() -> None:
    (rule,) = sarif(reports.report(), site="https://example.org/bpf/")["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "This access can run past the end of the packet"
    assert rule["fullDescription"]["text"].startswith("The verifier lets a program touch a byte")
    assert rule["helpUri"] == "https://example.org/bpf/rules/packet-bounds.html"
    assert "## Fails\n" in rule["help"]["markdown"] and rule["help"]["text"]
    assert rule["properties"]["tags"] == ["bpf", "memory-safety", "source-bug"]
    assert "helpUri" not in sarif(reports.report())["tool"]["driver"]["rules"][0]  # nowhere is no address


def test_sarif_is_what_github_takes_of_more_findings_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpfdoctor.render.sarif.MOST_RESULTS", 2)
    warning = reports.report(reports.diagnosis(severity=Severity.WARNING))
    run = sarif(warning, reports.report(), reports.report())
    assert [result["level"] for result in run["results"]] == ["error", "error"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("1 result more")


def test_paths_are_the_repositorys_also_in_a_folder_of_it() -> None:
    found = reports.report(
        reports.diagnosis(location=replace(reports.place(24, 11), file="../src/my prog.c"))
    )
    (result,) = sarif(found, base="/repo", below="bpf/tools")["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "bpf/src/my%20prog.c", "uriBaseId": "%SRCROOT%"}
    assert "file=bpf/src/my prog.c," in render([found], "github", base="/repo", below="bpf/tools")
    (issue,) = json.loads(render([found], "gitlab", base="/repo", below="bpf/tools"))
    assert issue["location"]["path"] == "bpf/src/my prog.c"


# ---- GitHub


def test_github_annotates_the_line() -> None:
    line = render([reports.report()], "github")
    assert line.startswith(
        "::error title=packet-bounds (BD101),file=pkt.bpf.c,line=24,col=11::this access can run"
    )
    assert line.count("\n") == 1


def test_github_escapes_what_would_end_a_command() -> None:
    found = reports.diagnosis(
        message="100% wrong\n::error::forged", headline="", location=Place("a,b:c%.c\r\n", 1), rule="r"
    )
    (line,) = render([reports.report(found)], "github").splitlines()
    assert "file=a%2Cb%3Ac%25.c,line=1::100%25 wrong ::error::forged%0A" in line


@pytest.mark.parametrize(
    ("severity", "command"), [("error", "error"), ("warning", "warning"), ("note", "notice")]
)
def test_github_severities(severity: str, command: str) -> None:
    found = reports.diagnosis(severity=Severity(severity))
    assert render([reports.report(found)], "github").startswith(f"::{command} ")


def test_github_has_no_file_for_a_log_that_is_not_in_the_repository() -> None:
    assert "file=" not in render([reports.instruction_only()], "github")


def test_github_also_hears_of_files_that_could_not_be_examined() -> None:
    assert render([], "github", failures=[FAILURE]) == "::error title=bpfdoctor,file=x.c::there is no clang\n"


# ---- GitLab


def test_gitlab_has_what_gitlab_asks_for() -> None:
    issues = json.loads(render(EVERYTHING, "gitlab"))
    assert issues
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1 and issue["location"]["path"]


def test_gitlab_fingerprints_are_unique_and_do_not_depend_on_the_line() -> None:
    both = json.loads(render([reports.report(), reports.report()], "gitlab"))
    assert both[0]["fingerprint"] != both[1]["fingerprint"]
    assert json.loads(render([moved()], "gitlab"))[0]["fingerprint"] == both[0]["fingerprint"]


# ---- JUnit


def test_junit_counts_programs_failures_and_errors() -> None:
    root = ElementTree.fromstring(render([reports.report(), reports.loads()], "junit", failures=[FAILURE]))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    names = [case.get("name") for case in root.iter("testcase")]
    assert names == ["drop_dns (xdp)", "pass_all (xdp)", "examined"]
    failure = root.find(".//failure")
    assert failure is not None and "18 │   if (data + sizeof(*eth)" in (failure.text or "")


# ---- HTML


def test_html_escapes_markup_from_the_input() -> None:
    bad = "<script>alert(1)</script>"
    found = reports.diagnosis(message=bad, wants=bad, headline=bad, rule=bad, note=bad, ask_for=bad)
    text = render(
        [reports.report(found, source=bad, sources={"pkt.bpf.c": bad + "\n" + reports.PKT})], "html"
    )
    assert "<script" not in text and "&lt;script&gt;" in text


def test_html_fetches_nothing() -> None:
    text = render(EVERYTHING, "html")
    assert not re.search(r"""(src|href)\s*=|url\(|@import""", text)
    assert "default-src 'none'" in text


def test_html_shows_everything_the_terminal_shows() -> None:
    text = re.sub(r"<[^>]*>", "", render([reports.report()], "html"))
    for part in (
        "this check proves bytes 0..33",
        "34 bytes (R1 = packet start, r=34)",
        "fix, loaded on this kernel",
    ):
        assert part in text


def test_rdjson_suggests_whole_lines_with_the_line_that_they_go_before() -> None:
    finding, patch = json.loads(render([reports.report()], "rdjson"))["diagnostics"]
    assert finding["location"]["range"]["start"] == {"line": 24}
    assert patch["location"]["range"] == patch["suggestions"][0]["range"]  # or reviewdog posts none
    assert patch["location"]["range"] == {"start": {"line": 24}, "end": {"line": 24}}
    added, leave, line = patch["suggestions"][0]["text"].splitlines()
    assert (added, leave) == ("\tif ((void *)(udp + 1) > data_end)", "\t\treturn XDP_PASS;")
    assert line == reports.report().sources["pkt.bpf.c"].splitlines()[23]


def test_rdjson_makes_one_suggestion_of_changes_that_are_near() -> None:
    text = "".join(f"line {number}\n" for number in range(1, 41))
    edits = (Edit("a.c", 3, 2, ("new",)), Edit("a.c", 9, 9, ()), Edit("a.c", 38, 38, ("last",)))
    found = reports.diagnosis(fixes=(Fix("t", "w", Safety.SAFE, edits),))
    told = json.loads(render([reports.report(found, source="a.c", sources={"a.c": text})], "rdjson"))
    near, far = (each["suggestions"][0] for each in told["diagnostics"][1:])
    assert near["range"] == {"start": {"line": 3}, "end": {"line": 9}}
    assert near["text"].splitlines() == ["new", *(f"line {n}" for n in range(3, 9))]
    assert (far["range"]["start"], far["text"]) == ({"line": 38}, "last")


# ---- all of them


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([name for name in FORMATS if name != "full"]), st.text(max_size=40), st.booleans())
def test_hostile_text_breaks_no_format(name: str, text: str, unicode: bool) -> None:
    found = reports.diagnosis(message=text, headline=text, location=Place(text or "x", 1, 1, 2, text, text))
    drawn = render([reports.report(found, source=text, sources={text: text})], name, unicode=unicode)
    assert "\x1b" not in drawn
    drawn.encode("utf-8")
    if name in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(drawn)
    elif name == "junit":
        ElementTree.fromstring(drawn)


@pytest.mark.parametrize("name", FORMATS)
def test_no_reports_are_no_error(name: str) -> None:
    render([], name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_without_findings_is_no_error(name: str) -> None:
    render([Report("x.log", Flavour.LOG, Verdict.UNKNOWN)], name)
