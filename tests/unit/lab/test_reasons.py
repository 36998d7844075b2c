"""What a kernel lacks is told apart from what a program does wrong."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.lab import reasons
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.results import Loaded
from bpfdoctor.model.report import Program, Stats, Verdict

OLD = LabKernel("5.10.218-1", "5.10.218", "5.10.0-30-cloud-amd64", "00", "x86_64", "Debian", btf=True)
SILENT = b"libbpf: prog 'p': BPF program load failed: Invalid argument\n"


def entry(verdict: Verdict = Verdict.REFUSED, error: int = errno.EINVAL, **more: Any) -> Loaded:
    return replace(Loaded(Program("p", "xdp"), verdict, error, Stats(), {}), **more)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (entry(logs={4: b"0: (85) call unknown#181\ninvalid func unknown#181\n"}),
         "helper bpf_loop came with 5.17"),
        (entry(logs={4: b"number of funcs in func_info doesn't match number of subprogs\n"}, helper=181),
         "helper bpf_loop came with 5.17"),
        (entry(logs={4: b"unrecognized bpf_ld_imm64 insn\n"}, helper=1), None),
        (entry(logs={4: b"R1 invalid mem access 'inv'\n"}, helper=181), None),
        (entry(logs={4: b"unknown func bpf_get_current_comm#16\n"}), None),
        (entry(Verdict.NOT_LOADED, map_type=33), "map type arena came with 6.9"),
        (entry(Verdict.NOT_LOADED, errno.ENOMEM, map_type=1), "the guest has no memory for its maps"),
        (entry(Verdict.NOT_LOADED, errno.ESRCH,
               messages=b"libbpf: prog 'p': failed to find kernel BTF type ID of 'nope': -3\n"),
         "nope is not there to attach to"),
        (entry(Verdict.NOT_LOADED, messages=SILENT, program=Program("p", "netfilter")),
         "program type netfilter came with 6.4"),
        (entry(Verdict.NOT_LOADED, messages=SILENT), None),
        (entry(Verdict.NOT_LOADED, errno.EPERM, messages=SILENT, capabilities="no-perfmon",
               program=Program("p", "kprobe")), "needs CAP_PERFMON"),
        (entry(Verdict.NOT_LOADED, errno.EPERM, messages=SILENT, capabilities="unprivileged"),
         "not allowed without privileges"),
        (entry(Verdict.LOADS), None),
    ],
)  # fmt: skip
def test_reason(found: Loaded, reason: str | None) -> None:
    assert reasons.not_possible(found, OLD) == reason


def test_a_kernel_without_btf() -> None:
    found = entry(Verdict.NOT_LOADED, errno.ESRCH, messages=b"libbpf: failed to find valid kernel BTF\n")
    assert reasons.not_possible(found, replace(OLD, btf=False)) == "it has no BTF"
    assert reasons.not_possible(found, OLD) is None


def test_a_kernel_without_btf_still_refuses_for_reasons_of_the_program() -> None:
    log = b"btf_vmlinux is malformed\n1: (71) r0 = *(u8 *)(r1 +20)\nR1 offset is outside of the packet\n"
    assert reasons.not_possible(entry(logs={4: log}), replace(OLD, btf=False)) is None


def test_a_type_that_is_not_built_in(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("CONFIG_BPF=y\n# CONFIG_BPF_LIRC_MODE2 is not set\n")
    found = entry(Verdict.NOT_LOADED, messages=SILENT, program=Program("p", "lirc_mode2"))
    kernel = replace(OLD, folder=tmp_path)
    assert reasons.not_possible(found, kernel) == (
        "program type lirc_mode2 is not built in (CONFIG_BPF_LIRC_MODE2)"
    )


def test_a_type_that_every_distribution_builds_in_is_not_blamed_without_a_configuration() -> None:
    found = entry(Verdict.NOT_LOADED, messages=SILENT, program=Program("p", "xdp"))
    assert reasons.not_possible(found, OLD) is None


@pytest.mark.parametrize(("version", "why"), [("6.8.1", "map type arena came with 6.9"), ("6.12.1", None)])
def test_a_map_type_is_blamed_on_kernels_that_lack_it_only(version: str, why: str | None) -> None:
    found = replace(entry(Verdict.NOT_LOADED, errno.EINVAL), map_type=33)
    assert reasons.not_possible(found, replace(OLD, version=version)) == why
