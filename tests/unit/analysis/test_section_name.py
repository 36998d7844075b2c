"""A section that the loader does not know is no mistake of the source's where a later libbpf knows it."""

from __future__ import annotations

import pytest

from bpfdoctor.model.diagnosis import Diagnosis, Layer
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose


def told(section: str) -> Diagnosis:
    text = f"libbpf: prog 'filter': missing BPF prog type, check ELF section name '{section}'\n"
    [report] = diagnose(RawReport(text.encode(), "log.txt", Flavour.LOG, Stage.PASTE))
    return report.diagnoses[-1]


@pytest.mark.parametrize(
    ("section", "since"), [("netkit/peer", "1.3"), ("uprobe.multi//lib/c.so:f*", "1.3"), ("usdt", "0.8")]
)
def test_the_release_that_brought_it_is_named(section: str, since: str) -> None:
    found = told(section)
    assert (found.rule, found.layer) == ("section-unknown", Layer.ENVIRONMENT)
    assert f"libbpf {since}" in found.headline and not found.fixes


@pytest.mark.parametrize("section", ["xdp_main", "netfilter/ingress", "xdp.frags/mine"])
def test_a_name_of_its_own_is_the_sources(section: str) -> None:
    found = told(section)
    assert found.layer is Layer.SOURCE and "since" not in found.headline
