"""Several kernels in every format: a cause is told once, with the kernels that it was met on."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.report import Kernel, Verdict
from bpfdoctor.render import FORMATS, render
from tests.unit.render import reports

KERNELS = ("5.10.262", "6.1.192", "7.3.4")


def on(*kernels: str) -> list[Report]:
    return [reports.report(kernel=Kernel(kernel)) for kernel in kernels]


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("json", "jsonl", "junit")])
def test_a_cause_is_told_once_with_its_kernels(name: str) -> None:
    text = render(on(*KERNELS), name)
    assert text.count("1 more byte") == render(on("6.1.192"), name).count("1 more byte")
    assert "5.10.262, 6.1.192, 7.3.4" in text


def test_a_kernel_that_loads_it_is_not_named() -> None:
    loads = replace(reports.loads(), program=reports.report().program, kernel=Kernel("7.3.4"))
    assert "(on 5.10.262, 6.1.192)" in render([*on(*KERNELS[:2]), loads], "concise")


def test_another_place_is_another_cause() -> None:
    moved = reports.diagnosis(location=reports.place(23, 2))
    both = [*on("5.10.262"), reports.report(moved, kernel=Kernel("6.1.192"))]
    assert [line.rpartition(" (on ")[2] for line in render(both, "concise").splitlines()] == [
        "5.10.262)",
        "6.1.192)",
    ]


def test_fewer_capabilities_are_told_apart() -> None:
    both = [reports.report(kernel=Kernel("6.1.192", held)) for held in ("full", "no-perfmon")]
    assert "(on 6.1.192, 6.1.192 no-perfmon)" in render(both, "concise")


def test_a_failure_without_a_finding_is_told_once() -> None:
    silent = [replace(each, diagnoses=(), verdict=Verdict.REFUSED) for each in on(*KERNELS)]
    assert len(render(silent, "concise").splitlines()) == 1
    assert len(json.loads(render(silent, "gitlab"))) == 1


def test_json_has_the_kernels_in_every_finding() -> None:
    told = json.loads(render(on(*KERNELS), "json"))["reports"]
    assert [report["findings"][0]["kernels"] for report in told] == [list(KERNELS)] * 3


def test_sarif_lists_the_kernels() -> None:
    [result] = json.loads(render(on(*KERNELS), "sarif"))["runs"][0]["results"]
    assert result["properties"]["kernels"] == list(KERNELS)


def test_junit_has_a_test_for_each_kernel() -> None:
    cases = ElementTree.fromstring(render(on(*KERNELS), "junit")).iter("testcase")
    assert [case.get("classname") for case in cases] == [f"pkt.bpf.c [{kernel}]" for kernel in KERNELS]


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_another_kernel_makes_no_new_finding(name: str) -> None:
    """Not even where it proves fewer bytes, and so says another number."""
    fewer = reports.report(reports.diagnosis(headline="7 more bytes are missing"), kernel=Kernel("7.3.4"))
    assert _mark(on("6.1.192"), name) == _mark([*on("6.1.192"), fewer], name)


def _mark(told: list[Report], name: str) -> object:
    document = json.loads(render(told, name))
    [found] = document["runs"][0]["results"] if name == "sarif" else document
    return found["partialFingerprints"] if name == "sarif" else found["fingerprint"]
