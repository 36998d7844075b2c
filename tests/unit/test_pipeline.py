"""What the pipeline makes of several findings of one program."""

from dataclasses import replace

from bpfdoctor.model.report import Flavour, Kernel, RawReport, Stage, Verdict
from bpfdoctor.pipeline import diagnose

# What libbpf 1.1 printed for an fentry program on a locked-down 6.18.
LOCKED_DOWN = RawReport(
    b"libbpf: prog 'forget': BPF program load failed: Operation not permitted\n"
    b"libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB\n"
    b"libbpf: prog 'forget': failed to load: -1\n",
    "prog.bpf.c",
    Flavour.LIBBPF,
    Stage.LOADER,
    Verdict.NOT_LOADED,
)


def rules(release: str | None) -> list[str]:
    raw = replace(LOCKED_DOWN, kernel=Kernel(release) if release else None)
    return [each.rule for report in diagnose(raw) for each in report.diagnoses]


def test_a_hint_about_old_kernels_is_left_out_on_a_newer_one() -> None:
    assert rules("6.18.44") == ["permission-denied"]


def test_it_is_shown_where_it_may_help() -> None:
    assert rules("5.10.218") == ["permission-denied", "memory-lock-limit"]
    assert rules(None) == ["permission-denied", "memory-lock-limit"]
