"""Several kernels as one, and the patches that all of them load."""

from __future__ import annotations

from dataclasses import replace

from bpfdoctor import all_kernels
from bpfdoctor.model.diagnosis import Layer, Report
from bpfdoctor.model.report import Kernel, Stats
from tests.unit.render import reports


def on(kernel: str, report: Report) -> Report:
    return replace(report, kernel=Kernel(kernel))


def loads(kernel: str) -> Report:
    return on(kernel, replace(reports.loads(), program=reports.report().program))


def refused(kernel: str, *, fixes: tuple[object, ...] = ()) -> Report:
    return on(kernel, reports.report(reports.diagnosis(fixes=fixes)))


def test_what_one_kernel_refuses_is_refused() -> None:
    (one,) = all_kernels.as_one([loads("5.10.218"), refused("6.12.1"), refused("7.3.4")])
    assert one == refused("6.12.1")


def test_what_all_load_names_them_all() -> None:
    (one,) = all_kernels.as_one([loads("5.10.218"), replace(loads("6.12.1"), stats=Stats(40))])
    assert one.kernel == Kernel("5.10.218, 6.12.1", "full")
    assert one.insns == 40


def test_a_kernel_that_cannot_take_the_program_has_no_say() -> None:
    lacks = replace(refused("5.10.218"), not_possible="helper bpf_loop came with 5.17")
    assert all_kernels.as_one([lacks, loads("6.12.1")]) == [loads("6.12.1")]
    assert all_kernels.as_one([lacks]) == []


def test_who_is_at_fault_is_taken_over_for_the_kernel_that_was_run_for() -> None:
    told = [refused("6.12.1"), refused("7.3.4")]
    ran = reports.report(replace(reports.diagnosis(), layer=Layer.FALSE_POSITIVE, witness="seen"))
    found = all_kernels.with_fixes(told, [on("6.12.1", ran)])
    assert [each.diagnoses[-1].layer for each in found] == [Layer.FALSE_POSITIVE, Layer.SOURCE]
    assert [each.diagnoses[-1].witness for each in found] == ["seen", ""]


def test_the_patches_stand_in_the_answer_of_every_kernel_that_refuses() -> None:
    told = [loads("5.10.218"), refused("6.12.1", fixes=(reports.SUGGESTION,)), refused("7.3.4")]
    elsewhere = replace(told[2].diagnoses[-1], insn=99)
    told.append(on("7.4.0", reports.report(replace(elsewhere, fixes=(reports.SUGGESTION,)))))
    tried = [refused("6.12.1", fixes=(reports.FIX,))]
    found = all_kernels.with_fixes(told, tried)
    assert [report.diagnoses[-1].fixes if report.diagnoses else () for report in found] == [
        (),
        (reports.FIX,),
        (reports.FIX,),
        (reports.FIX,),
    ]
