"""A function that is not found: what is told of its name, with the condition of each sentence."""

from __future__ import annotations

import pytest

from bpfdoctor.model.diagnosis import Confidence, Diagnosis, Layer
from bpfdoctor.model.report import Flavour, Kernel, RawReport, Stage
from bpfdoctor.pipeline import diagnose

NOT_FOUND = "libbpf: extern (func ksym) '{}': not found in kernel or module BTFs\n"
NO_TYPE = "libbpf: failed to find BTF for extern '{}' [12] section: -2\n"


def told(name: str, release: str = "", line: str = NOT_FOUND) -> Diagnosis:
    kernel = Kernel(release) if release else None
    raw = RawReport(line.format(name).encode(), "log.txt", Flavour.LOG, Stage.PASTE, kernel=kernel)
    [report] = diagnose(raw)
    return report.diagnoses[-1]


@pytest.mark.parametrize(
    ("name", "release", "outcome", "layer", "says"),
    [
        ("bpf_task_aquire", "", "MISSPELT", Layer.SOURCE, "bpf_task_acquire"),
        ("bpf_map_lookup_elm", "", "MISSPELT", Layer.SOURCE, "bpf_map_lookup_elem"),
        ("bpf_map_lookup_elem", "", "HELPER", Layer.SOURCE, "is a helper"),
        ("bpf_task_acquire", "6.1.192", "NEWER", Layer.ENVIRONMENT, "came with Linux 6.2"),
        ("scx_bpf_consume", "7.2.13", "GONE", Layer.ENVIRONMENT, "last in Linux 6.16"),
        ("scx_bpf_kick_cpu", "6.18.15", "LEFT_OUT", Layer.ENVIRONMENT, "CONFIG_SCHED_CLASS_EXT"),
        ("bpf_ct_release", "", "SINCE", Layer.ENVIRONMENT, "nf_conntrack"),
        ("mine_own_thing", "6.18.15", "NOBODYS", Layer.ENVIRONMENT, "no kernel up to"),
    ],
)
def test_what_is_known_of_the_name_is_told(
    name: str, release: str, outcome: str, layer: Layer, says: str
) -> None:
    found = told(name, release)
    assert (found.rule, found.outcome, found.layer) == ("unknown-helper", outcome, layer)
    assert says in f"{found.headline} {found.wants}"


@pytest.mark.parametrize("name", ["bpf_task_aquire", "mine_own_thing"])
def test_a_kernel_nobody_knows_may_have_it(name: str) -> None:
    assert told(name).confidence is Confidence.LIKELY


def test_a_name_that_kernels_have_is_no_mistake() -> None:
    found = told("bpf_task_acquire")
    assert (found.layer, found.confidence) == (Layer.ENVIRONMENT, Confidence.CERTAIN)


def test_a_call_without_a_declaration_is_told_the_name_that_is_near() -> None:
    found = told("bpf_map_lookup", line=NO_TYPE)
    assert (found.rule, found.outcome, found.confidence) == (
        "name-not-declared",
        "NEAR_NAME",
        Confidence.LIKELY,
    )
    assert "bpf_map_lookup_elem" in found.headline


def test_names_of_other_kernels_are_not_bent_to_one_that_exists() -> None:
    assert told("scx_bpf_switch_all").outcome == "NOBODYS"
    assert told("bpf_sched_entity_belongs_to_cgrp", line=NO_TYPE).outcome == "KERNEL_FUNCTION"


def test_a_number_that_no_kernel_has_is_no_old_kernels_fault() -> None:
    found = told("", line="3: (85) call unknown#4000\ninvalid func unknown#4000\nprocessed 1 insns\n")
    assert found.outcome == "NO_NUMBER" and found.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("name", "says"),
    [("clock_gettime", "bpf_ktime_get_ns"), ("get_nprocs", "C library"), ("mine", "in the same file")],
)
def test_a_function_of_the_library_is_not_asked_to_be_inlined(name: str, says: str) -> None:
    found = told(name, line=NO_TYPE)
    assert says in f"{found.headline} {found.wants}"
    assert (found.rule == "function-not-inlined") == (name == "mine")
