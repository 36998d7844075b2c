"""--set gives a constant the value that its loader would, before the kernel is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor import capture
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Verdict
from tests.unit.capture.running import Write

SOURCE = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
const volatile unsigned short port = 0;
const volatile char name[8] = "abc";
const volatile int offset = 0;
int counter = 1;
SEC("xdp") int f(struct xdp_md *ctx)
{
	if (port == 443 && name[0] == 'x' && offset == -2)
		return *(char *)(long)ctx->data; /* no check of the packet's end */
	return counter;
}
char LICENSE[] SEC("license") = "GPL";
"""


def checked(path: Path, *settings: str) -> RawReport:
    [report] = capture.check(path, CaptureOptions(globals=settings))
    return report


@pytest.mark.usefixtures("kernel")
def test_a_program_that_loads_at_its_defaults_can_be_refused_as_it_is_set_up(write: Write) -> None:
    path = write("a.bpf.c", SOURCE)
    assert checked(path).verdict is Verdict.LOADS
    assert checked(path, "port=443", "name=x").verdict is Verdict.LOADS
    report = checked(path, "port=0x1bb", "name[0]=120", "offset=-2")
    assert report.verdict is Verdict.REFUSED
    assert report.object
    built = write("a.o", report.object)
    assert checked(built, "port=80").verdict is Verdict.LOADS  # what was set is set anew


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("port", "says no value"),
        ("prot=1", "no variable called 'prot'"),
        ("counter=1", "counter is no constant"),
        ("port=65536", "65536 does not fit into the 16 bits of port"),
        ("port=-32769", "does not fit"),
        ("name=eight888", "too long for name (8 bytes)"),
        ("name[8]=1", "name has nothing called name[8]"),
        ("prot.low=1", "no variable called 'prot'"),
        ("name[1]=256", "256 does not fit into the 8 bits of name[1]"),
    ],
)
def test_what_cannot_be_set_is_said(write: Write, setting: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        capture.check(write("a.bpf.c", SOURCE), CaptureOptions(globals=(setting,), load=False))
    assert words in caught.value.sentence


def test_a_bcc_program_has_nothing_to_set(write: Write) -> None:
    with pytest.raises(Problem, match="is BCC's"):
        capture.check(
            write("a.c", "int f(void *ctx) { return 0; }\n"),
            CaptureOptions(globals=("a=1",), flavour=Flavour.BCC),
        )
