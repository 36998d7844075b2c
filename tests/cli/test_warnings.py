"""Programs of libbpf that load and are wrong: a warning at the line, in every format, and exit status 0."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.pipeline import check
from bpfdoctor.render import FORMATS, render
from tests.cli.command import bpfdoctor

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

LIBBPF = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int first_queue_only(struct xdp_md *ctx)
{
	int verdict;

	if (ctx->rx_queue_index)
		verdict = XDP_DROP;
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
"""


def found(path: Path) -> list[Diagnosis]:
    reports = check(path, CaptureOptions())
    assert {report.verdict for report in reports} == {Verdict.LOADS}
    return [each for report in reports for each in report.diagnoses]


@pytest.fixture
def libbpf(tmp_path: Path) -> Path:
    path = tmp_path / "prog.bpf.c"
    path.write_text(LIBBPF)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_warning(name: str, libbpf: Path) -> None:
    said = render(check(libbpf, CaptureOptions()), name)
    assert "unset-variable" in said or "BD904" in said
    assert "whenever" in said


def test_a_program_of_libbpf_is_warned_about_and_mended(libbpf: Path) -> None:
    [warning] = found(libbpf)
    assert (warning.rule, warning.location and warning.location.line) == ("unset-variable", 9)
    libbpf.write_text(apply(LIBBPF, warning.fixes[0].edits))
    assert found(libbpf) == []


def test_the_status_says_so_to_who_selects_the_rule(libbpf: Path) -> None:
    path = libbpf
    assert bpfdoctor("check", path).status == 0
    assert bpfdoctor("check", path, "--select", "unset-variable").status == 1
    assert bpfdoctor("check", path, "--select", "unset-variable", "--exit-zero").status == 0
    assert bpfdoctor("check", path, "--ignore", "unset-variable").status == 0


def test_without_loading_the_compilers_warnings_are_told(libbpf: Path) -> None:
    [report] = json.loads(bpfdoctor("check", "--no-load", libbpf, "--output-format", "json").out)["reports"]
    assert report["verdict"] == "not-asked"
    assert [each["severity"] for each in report["findings"]] == ["warning"]


def test_werror_is_not_made_to_fail(libbpf: Path) -> None:
    assert bpfdoctor("check", libbpf, "--cflags=-Werror").status == 0
