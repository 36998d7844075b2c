"""A map that the kernel refuses: the attribute that its type forbids is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor import capture, pipeline
from bpfdoctor.analysis import map_declaration
from bpfdoctor.model.diagnosis import Confidence, Layer
from bpfdoctor.model.report import CaptureOptions, Verdict

PROGRAM = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {{ __uint(type, BPF_MAP_TYPE_{0}); {1} }} mine SEC(".maps");
SEC("xdp") int pass(struct xdp_md *ctx)
{{
	long key = 0;
	return bpf_map_lookup_elem(&mine, &key) ? XDP_DROP : XDP_PASS;
}}
char LICENSE[] SEC("license") = "GPL";
"""
ONE = "__uint(max_entries, 1); "
CASES = [
    ("RINGBUF", "__uint(max_entries, 4096); __uint(value_size, 8);", "a ringbuf has no value"),
    ("RINGBUF", "__uint(max_entries, 4096); __uint(key_size, 4);", "a ringbuf has no key"),
    (
        "ARRAY",
        "__uint(max_entries, 1); __type(key, long); __type(value, int);",
        "the key of an array has 4 bytes",
    ),
    ("QUEUE", "__uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4);", "a queue has no key"),
    ("LPM_TRIE", "__uint(max_entries, 1); __type(key, long); __type(value, int);", "BPF_F_NO_PREALLOC"),
    (
        "TASK_STORAGE",
        "__uint(map_flags, BPF_F_NO_PREALLOC); __uint(max_entries, 9); __type(key, int); __type(value, int);",
        "has no max_entries, and this one has 9",
    ),
    (
        "PERF_EVENT_ARRAY",
        "__uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 8);",
        "the value of a perf event array has 4 bytes, and this one has 8",
    ),
]


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(("kind", "attributes", "wanted"), CASES)
def test_what_the_kernel_refuses_in_a_declaration_is_named(
    tmp_path: Path, kind: str, attributes: str, wanted: str
) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM.format(kind, attributes))
    [report] = pipeline.check(path, CaptureOptions())
    assert report.verdict is Verdict.NOT_LOADED
    [finding] = report.diagnoses
    assert finding.rule == "map-create-failed"
    assert finding.means.startswith("In the declaration of mine: ") and wanted in finding.means
    assert finding.confidence is Confidence.CERTAIN


def test_a_size_that_is_no_power_of_two_and_a_type_that_a_kernel_lacks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM.format("RINGBUF", "__uint(max_entries, 5000);"))
    [raw] = capture.check(path, CaptureOptions(load=False))
    assert raw.object
    said, layer = map_declaration.wrong(raw.object, "mine", "6.1.0")
    assert "and 5000 is not." in said and layer is Layer.SOURCE
    said, layer = map_declaration.wrong(raw.object, "mine", "5.4.0")
    assert "ringbuf, which came with Linux 5.8" in said and layer is Layer.ENVIRONMENT
    assert not map_declaration.wrong(raw.object, "other", "6.1.0")[0]


def test_nothing_is_said_of_a_declaration_with_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    path.write_text(PROGRAM.format("HASH", "__uint(max_entries, 1); __type(key, long); __type(value, int);"))
    [raw] = capture.check(path, CaptureOptions(load=False))
    assert raw.object
    assert not map_declaration.wrong(raw.object, "mine", "6.1.0")[0]
