"""A refused program is found to go wrong, in the way that the verifier feared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import capture, mending, pipeline
from bpfdoctor.experiments import recorded, witness
from bpfdoctor.machine.concrete.faults import FaultKind
from bpfdoctor.model.report import CaptureOptions
from bpfdoctor.render.plain import insn_of
from tests.compilers import CLANG
from tests.unit.machine.concrete.test_kernel_agrees import CASES, calls

REFUSED = {
    "packet-bounds/udp-after-ip-check": (FaultKind.OUT_OF_BOUNDS, "packet"),
    "packet-bounds/checked-before-the-options": (FaultKind.OUT_OF_BOUNDS, "packet"),
    "packet-bounds/second-header-unchecked": (FaultKind.OUT_OF_BOUNDS, "packet"),
    "map-value-or-null/lookup-not-checked": (FaultKind.NULL, ""),
    "map-value-or-null/another-entry-checked": (FaultKind.NULL, ""),
    "unbounded-access/index-has-no-limit": (FaultKind.OUT_OF_BOUNDS, "map value"),
    "uninitialized-register/no-return-value": (FaultKind.UNWRITTEN, ""),
    "used-after-release/read-after-submit": (FaultKind.RELEASED, "ring buffer record"),
    "map-value-bounds/one-element-too-many": (FaultKind.OUT_OF_BOUNDS, "map value"),
    "stack-bounds/index-past-buffer": (FaultKind.OUT_OF_BOUNDS, "stack"),
    "uninitialized-stack/key-never-written": (FaultKind.UNWRITTEN, "stack"),
    "unreleased-reference/early-return": (FaultKind.LEAKED, ""),
    "infinite-loop/spin-on-map-value": (FaultKind.ENDLESS, ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_program_goes_wrong(case: str, tmp_path: Path) -> None:
    types = Path("/sys/kernel/btf/vmlinux").read_bytes()
    found = []
    for asked in calls(CASES / case / "prog.bpf.c", tmp_path).values():
        (program,) = recorded.programs(asked, types)
        found.append(witness.search(program, None, seconds=10).witness)
    kind, region = REFUSED[case]
    shown = [(one.fault.kind, one.fault.touched.region if one.fault.touched else "") for one in found if one]
    assert (kind, region) in shown


@pytest.mark.parametrize("case", [case for case in REFUSED if (CASES / case / "fixed.bpf.c").exists()])
def test_its_mended_version_does_not(case: str, tmp_path: Path) -> None:
    types = Path("/sys/kernel/btf/vmlinux").read_bytes()
    for asked in calls(CASES / case / "fixed.bpf.c", tmp_path).values():
        (program,) = recorded.programs(asked, types)
        tried = witness.search(program, None, seconds=2, most=300)
        assert tried.witness is None, tried.witness
        assert tried.runs >= 20, tried.why


loads = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")


def asked(source: Path) -> witness.Search:
    """What a search says of the instruction that this kernel refuses."""
    options = CaptureOptions(clang=CLANG, include_dirs=(str(source.parent),))
    (raw,) = capture.check(source, options)
    (report,) = pipeline.diagnosed([raw])
    assert report.program is not None
    program = mending.runnable(raw.object or b"", report.program.name or "", options)
    assert program is not None
    return witness.search(program, insn_of(report.diagnoses[-1]), seconds=10)


# Inputs that nobody comes upon by chance, and how the program goes wrong with them.
LED_TO = {
    "unbounded-access/signed-char-index": "it reads 8 bytes before the start of the global variables in .bss",
    "unbounded-access/read-again-behind-a-barrier": "another CPU changes the map's value between",
    "map-value-or-null/looked-up-again": "another CPU deletes the element between two look-ups, and NULL",
    "map-value-bounds/index-past-array": "it reads bytes 128 to 135 of a value of sizes, 128 bytes long",
    "packet-bounds/length-from-the-packet": "of a packet of",
    "stale-packet-pointer/read-after-store": "it reads the packet where it was before a call moved it",
}


@loads
@pytest.mark.parametrize("case", LED_TO)
def test_it_is_led_to_the_refused_instruction(case: str) -> None:
    found = asked(CASES / case / "prog.bpf.c")
    assert found.witness is not None, found
    assert LED_TO[case] in witness.words(found.witness)


NARROW = """
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct vxlan { __be32 flags, vni; };

SEC("xdp")
int tunnels(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct vxlan *vxlan = (void *)(udp + 1);

	if ((void *)(vxlan + 1) > end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != 17 || ip->ihl != 5)
		return XDP_PASS;
	if (udp->dest != bpf_htons(4789) || (vxlan->vni & bpf_htonl(0xffffff00)) != bpf_htonl(0x12345600))
		return XDP_PASS;
	return *(__u32 *)(vxlan + 1) == ctx->ingress_ifindex ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""


@loads
def test_comparisons_are_turned_round_one_after_the_other(tmp_path: Path) -> None:
    source = tmp_path / "prog.bpf.c"
    source.write_text(NARROW)
    found = asked(source)
    assert found.witness is not None, found
    packet = found.witness.world.packet
    assert packet[36:38] == b"\x12\xb5" and packet[46:49] == b"\x12\x34\x56"
    assert 50 <= len(packet) < 54


@loads
def test_correct_code_has_no_witness() -> None:
    found = asked(CASES / "unbounded-access/quotient-as-index/prog.bpf.c")
    assert found.witness is None and found.arrived > 50
