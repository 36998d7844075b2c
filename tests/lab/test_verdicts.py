"""Programs of our own before two kernels: verdicts, logs, capabilities, and what a kernel lacks."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable

from bpfdoctor.lab import reasons, warmup
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from bpfdoctor.lab.results import Loaded, Lost, NoVerdict, Request, Result
from bpfdoctor.model.report import Verdict

Compiled = Callable[[str], bytes]


def loaded(result: Result) -> dict[str, Loaded]:
    """The result's programs by name; none was lost."""
    assert all(isinstance(entry, Loaded) for entry in result.programs), result.programs
    return {str(entry.program.name): entry for entry in result.programs if isinstance(entry, Loaded)}


def test_each_program_gets_a_verdict_of_its_own(
    lab: Lab, compiled: Compiled, old: LabKernel, new: LabKernel
) -> None:
    results = lab.run([old, new], [Request(compiled("mixed"))])
    verdicts = [{name: entry.verdict.value for name, entry in loaded(result).items()} for result in results]
    assert verdicts == [
        {"padding": "refused", "unchecked": "refused", "fine": "loads", "filter": "loads"},
        {"padding": "loads", "unchecked": "refused", "fine": "loads", "filter": "loads"},
    ]


def test_the_logs_are_the_kernels_own(lab: Lab, compiled: Compiled, old: LabKernel, new: LabKernel) -> None:
    before, after = (loaded(found) for found in lab.run([old, new], [Request(compiled("mixed"))]))
    assert b"invalid indirect read from stack" in before["padding"].log
    assert b"R0 invalid mem access 'map_value_or_null'" in before["unchecked"].log
    assert b"Verification failed:" in after["unchecked"].log  # 7.3 prints a report of its own
    assert before["unchecked"].errno == errno.EACCES and before["unchecked"].insns
    assert before["fine"].insns == 2


def test_level_2_shows_more_than_level_1(lab: Lab, compiled: Compiled, new: LabKernel) -> None:
    (result,) = lab.run([new], [Request(compiled("mixed"), program="unchecked", levels=(1, 2))])
    entry = loaded(result)["unchecked"]
    assert set(entry.logs) == {1, 2, 4}
    assert len(entry.logs[4]) < len(entry.logs[1]) and entry.logs[1] != entry.logs[2]


def test_a_program_that_loads_shows_its_log_when_asked(lab: Lab, compiled: Compiled, new: LabKernel) -> None:
    plain = Request(compiled("mixed"), program="fine")
    told = Request(compiled("mixed"), program="fine", levels=(2,), always=True)  # level 1 forgets good paths
    without, with_log = lab.run([new], [plain, told])
    assert set(loaded(without)["fine"].logs) == {4}
    assert b"(b7) r0 = 2" in loaded(with_log)["fine"].logs[2]


def test_capabilities_change_the_verdict(
    lab: Lab, compiled: Compiled, old: LabKernel, new: LabKernel
) -> None:
    sets = ("full", "no-perfmon", "bpf+net", "unprivileged")
    asked = [Request(compiled("mixed"), capabilities=name) for name in sets]
    for kernel in (old, new):
        found = [loaded(result) for result in lab.run([kernel], asked)]
        assert [each["fine"].verdict.value for each in found] == ["loads", "loads", "loads", "not-loaded"]
        assert [each["filter"].verdict.value for each in found] == ["loads"] * 4
        assert found[1]["unchecked"].verdict is Verdict.NOT_LOADED  # kprobes need CAP_PERFMON
        assert reasons.not_possible(found[1]["unchecked"], kernel) == "needs CAP_PERFMON"


def test_what_a_kernel_lacks_is_named(lab: Lab, compiled: Compiled, old: LabKernel, new: LabKernel) -> None:
    before, after = (loaded(found) for found in lab.run([old, new], [Request(compiled("newer"))]))
    assert reasons.not_possible(before["loops"], old) == "helper bpf_loop came with 5.17"
    assert after["loops"].verdict is Verdict.LOADS
    nowhere = "no_such_function_anywhere is not there to attach to"
    assert reasons.not_possible(after["nowhere"], new) == nowhere


def test_co_re_and_kconfig_are_resolved_in_the_guest(
    lab: Lab, compiled: Compiled, old: LabKernel, new: LabKernel
) -> None:
    before, after = (
        loaded(found)["reads"]
        for found in lab.run([old, new], [Request(compiled("core"), levels=(2,), always=True)])
    )
    assert (before.verdict, after.verdict) == (Verdict.LOADS, Verdict.LOADS)
    offsets = [re.findall(rb"\(b7\) r\d = (\d{3,})", entry.logs[2]) for entry in (before, after)]
    assert offsets[0] and offsets[0] != offsets[1]  # the member lies elsewhere


def test_a_type_can_be_forced(lab: Lab, compiled: Compiled, new: LabKernel) -> None:
    asked = Request(compiled("mixed"), program="fine", prog_type="sched_cls")
    entry = loaded(lab.run([new], [asked])[0])["fine"]
    assert entry.program.type == "sched_cls" and entry.verdict is Verdict.LOADS


def test_a_hundred_requests_in_a_warm_guest(lab: Lab, new: LabKernel) -> None:
    results = lab.run([new], [Request(warmup.smallest_object())] * 100)
    assert all(loaded(result)["warm"].verdict is Verdict.LOADS for result in results)


def test_garbage_is_no_object(lab: Lab, new: LabKernel) -> None:
    garbage = [b"", b"\x7fELF" + bytes(60), b"hello", warmup.smallest_object()[:200]]
    for result in lab.run([new], [Request(data) for data in garbage]):
        (entry,) = result.programs
        assert isinstance(entry, Lost) and entry.failure is NoVerdict.OBJECT, entry


def test_a_program_that_is_not_there(lab: Lab, new: LabKernel) -> None:
    (result,) = lab.run([new], [Request(warmup.smallest_object(), program="cold")])
    (entry,) = result.programs
    assert isinstance(entry, Lost) and entry.sentence == "There is no program called cold in it."


def test_a_type_nobody_knows(lab: Lab, new: LabKernel) -> None:
    (result,) = lab.run([new], [Request(warmup.smallest_object(), prog_type="no_such_type")])
    (entry,) = result.programs
    assert isinstance(entry, Lost) and entry.sentence == "libbpf knows no program type called no_such_type."


def test_what_loaders_set_is_set_when_asked(
    lab: Lab, compiled: Compiled, old: LabKernel, new: LabKernel
) -> None:
    plain, like_loaders = Request(compiled("loader_sets")), Request(compiled("loader_sets"), settings=True)
    for without, with_settings in zip(
        *(lab.run([old, new], [each]) for each in (plain, like_loaders)), strict=True
    ):
        assert loaded(without)["count"].verdict is Verdict.NOT_LOADED
        assert loaded(with_settings)["count"].verdict is Verdict.LOADS
    assert loaded(lab.run([new], [like_loaders])[0])["pass"].verdict is Verdict.LOADS
