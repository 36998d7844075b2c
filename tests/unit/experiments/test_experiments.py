"""Whose fault a refusal is, asked of real compilers and this kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor import capture, mending, pipeline
from bpfdoctor.capture.touching import touching
from bpfdoctor.capture.variants import Variants
from bpfdoctor.experiments import blame, tries
from bpfdoctor.experiments.tries import Subject
from bpfdoctor.model.diagnosis import Confidence, Diagnosis, FixStatus, Layer, Proof, Report
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.model.trial import Answer, Way, With
from bpfdoctor.render.words import tried
from tests.compilers import CLANG, CLANGS, HEADERS

CASES = Path(__file__).parents[3] / "corpus" / "cases"
COPY = CASES / "unbounded-access/compiler-checked-a-copy/prog.bpf.c"  # -mcpu=v3 compares what it uses
WRONG = CASES / "unbounded-access/another-variable-checked/prog.bpf.c"
PROVED = CASES / "packet-bounds/second-header-unchecked/prog.bpf.c"
UNSET = CASES / "uninitialized-register/no-return-value/prog.bpf.c"
OLD_CPU = CaptureOptions(clang=CLANG, cflags=("-mcpu=v1",), experiments=True, environment=dict(os.environ))
# What capture says it compiled with.
COMMAND = (
    shutil.which(CLANG) or CLANG,
    *("-g", "-O2", "-target", "bpf", "-idirafter", HEADERS, "-D__TARGET_ARCH_x86", "-mcpu=v1"),
)

pytestmark = pytest.mark.usefixtures("kernel")


def told(path: Path, options: CaptureOptions = OLD_CPU) -> Diagnosis:
    [report] = pipeline.check(path, options)
    return report.diagnoses[-1]


def refused(path: Path) -> Report:
    [report] = pipeline.check(path, replace(OLD_CPU, experiments=False))
    return report


@pytest.mark.needs_clang(14)
def test_the_compiler_is_at_fault_where_a_flag_helps() -> None:
    found = told(COPY)
    assert (found.layer, found.confidence, found.proof) == (
        Layer.LOWERING,
        Confidence.CERTAIN,
        Proof.EXPERIMENT,
    )
    assert tried(found) == "the same source loads with -mcpu=v3"
    fix = found.fixes[0]
    assert (fix.compile, fix.edits, fix.outcome.status) == ("-mcpu=v3", (), FixStatus.LOADS)
    assert fix.outcome.kernel == os.uname().release and fix.outcome.insns


def test_what_is_refused_in_every_way_is_not_certain_for_that() -> None:
    found = told(WRONG)
    assert found.layer is Layer.SOURCE and found.confidence is Confidence.LIKELY
    assert found.tried and not any(each.loads for each in found.tried)
    assert tried(found).startswith("refused as well with -mcpu=v3")
    assert "nothing that was tried loads it" in found.confidence_why


def test_what_the_path_proves_is_not_tried() -> None:
    found = told(PROVED)
    assert (found.proof, found.tried) == (Proof.PATH, ())


def test_no_compiler_is_blamed_for_a_variable_without_a_value() -> None:
    report = refused(UNSET)
    assert report.program
    name = report.program.name or ""
    answers = [Answer(Way("-O1", With.FLAG), {name: 2})]
    assert blame.judged(report, answers) == report


@pytest.mark.needs_clang(14)
def test_it_can_be_left_out() -> None:
    found = told(COPY, replace(OLD_CPU, experiments=False))
    assert found.tried == () and found.proof is not Proof.EXPERIMENT


def test_a_newer_kernel_that_loads_it_shows_a_limit_of_this_one() -> None:
    report = refused(CASES / "unbounded-access/another-copy-masked/prog.bpf.c")
    assert report.program and report.program.name
    name = report.program.name
    old, new = Way("98.1", With.KERNEL), Way("99.1", With.KERNEL)
    last = blame.judged(report, [Answer(old, {}, (name,)), Answer(new, {name: 9})]).diagnoses[-1]
    assert (last.layer, last.confidence, last.proof) == (
        Layer.FALSE_POSITIVE,
        Confidence.CERTAIN,
        Proof.EXPERIMENT,
    )
    assert last.other_kernels and last.other_kernels.since == "99.1"
    assert last.other_kernels.loads == ("99.1",)


def test_what_every_compiler_does_is_not_certainly_a_compilers_doing() -> None:
    report = refused(CASES / "unbounded-access/read-again-behind-a-barrier/prog.bpf.c")
    last = report.diagnoses[-1]
    assert (last.layer, last.confidence) == (Layer.LOWERING, Confidence.CERTAIN)
    assert report.program and report.program.name
    name = report.program.name
    another, flag = Way("clang-99", With.COMPILER), Way("-O1", With.FLAG)
    told = blame.judged(report, [Answer(flag, {}, (name,)), Answer(another, {}, (name,))]).diagnoses[-1]
    assert told.confidence is Confidence.LIKELY and "every clang" in told.confidence_why
    assert blame.judged(report, [Answer(flag, {}, (name,))]).diagnoses[-1].confidence is Confidence.CERTAIN


class Counted(Variants):
    """The real compilers, counting what they are asked."""

    asked = 0

    def answers(self, ways: Sequence[Way], programs: Sequence[str], seconds: float) -> Iterator[Answer]:
        self.asked += 1
        return super().answers(ways, programs, seconds)


def subject(elf: bytes = b"elf") -> Subject:
    return Subject(elf, (COPY.read_text(),), ("on_write",))


def test_answers_are_remembered_by_content() -> None:
    compilers = Counted(COPY, COMMAND, OLD_CPU)
    first = tries.tried(subject(), compilers, None)
    assert first and first[-1].loads.keys() == {"on_write"}
    assert tries.tried(subject(), compilers, None) == first
    assert compilers.asked == 1
    tries.tried(subject(b"another header, another object"), compilers, None)
    assert compilers.asked == 2


def test_a_damaged_answer_is_not_believed(cache: Path) -> None:
    compilers = Counted(COPY, COMMAND, OLD_CPU)
    tries.tried(subject(), compilers, None)
    [entry] = cache.glob("tried_compilers-*")
    entry.write_bytes(b'[{"way": 1}]\nend')
    assert tries.tried(subject(), compilers, None)
    assert compilers.asked == 2


def test_without_time_nothing_is_said_and_nothing_remembered(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "SECONDS", 0.0)
    assert tries.tried(subject(), Counted(COPY, COMMAND, OLD_CPU), None) == ()
    assert not list(cache.glob("tried_*"))


def test_the_users_own_flag_is_not_tried_again() -> None:
    command = (*COMMAND[:-1], "-mcpu=v3", "-O1")
    names = [way.name for way in Variants(COPY, command, OLD_CPU).ways()]
    assert "-mcpu=v3" not in names and "-O1" not in names
    assert {"-mcpu=v2", "-O2", "-O3", "-Os"} <= set(names)


def test_a_program_that_loads_costs_nothing_more() -> None:
    code = (
        "import sys; from pathlib import Path; from bpfdoctor import pipeline\n"
        "from bpfdoctor.model.report import CaptureOptions\n"
        f"[report] = pipeline.check(Path({str(PROVED.with_name('fixed.bpf.c'))!r}), "
        f"CaptureOptions(clang={CLANG!r}, experiments=True))\n"
        "print(report.verdict.value, 'bpfdoctor.experiments.blame' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [Verdict.LOADS.value, "False"]


def run(case: str) -> Diagnosis:
    """What `check` says, which runs what is refused."""
    path = CASES / case / "prog.bpf.c"
    options = CaptureOptions(clang=CLANG, include_dirs=(str(path.parent),))
    raws = capture.check(path, options)
    [report] = mending.tried(path, options, raws, pipeline.diagnosed(raws), seconds=0)
    return report.diagnoses[-1]


def test_an_input_that_goes_wrong_proves_the_source_at_fault() -> None:
    found = run("unbounded-access/another-variable-checked")
    assert (found.confidence, found.layer, found.proof) == (
        Confidence.CERTAIN,
        Layer.SOURCE,
        Proof.WITNESS,
    )
    assert found.witness == "it writes bytes 2048 to 2055 of a value of tables, 136 bytes long"
    assert found.witness_input is not None and found.witness_input["packet"] is None


def test_correct_code_that_never_goes_wrong_is_not_blamed_with_certainty() -> None:
    found = run("packet-bounds/pulled-after-check")
    assert (found.confidence, found.proof, found.witness) == (Confidence.LIKELY, Proof.NONE, "")
    assert "made-up inputs, and never went wrong there" in found.confidence_why


def test_what_never_goes_wrong_and_nothing_proves_is_rather_the_verifiers() -> None:
    found = run("packet-bounds/length-compared-as-number")
    assert (found.layer, found.confidence) == (Layer.FALSE_POSITIVE, Confidence.LIKELY)
    assert "it may be right, and the verifier not see why" in found.confidence_why


def test_a_length_of_zero_is_found() -> None:
    found = run("zero-sized-read/masked-length")
    assert (found.proof, found.witness) == (Proof.WITNESS, "the length in R4 is 0")


def test_two_numbers_have_to_be_large_at_once() -> None:
    found = run("map-value-bounds/moved-after-the-check")
    assert (found.layer, found.proof) == (Layer.SOURCE, Proof.WITNESS)


def test_what_loads_because_the_access_is_left_out_excuses_nothing() -> None:
    report = refused(WRONG)
    assert report.program and report.diagnoses[-1].location
    name = report.program.name or ""
    way = Way("-O3", With.FLAG)
    last = blame.judged(report, [Answer(way, {name: 2}, (), frozenset())]).diagnoses[-1]
    assert last.layer is report.diagnoses[-1].layer and last.proof is Proof.NONE
    assert [each.left_out for each in last.tried] == [True]
    assert tried(last) == "with -O3 it loads because the compiler leaves this out"
    assert not any(fix.compile for fix in last.fixes)


_UNUSED = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 sum = 0;
	sum += skb->len;
	return skb->mark;
}
"""


@pytest.mark.parametrize("clang", CLANGS)
def test_a_line_that_the_compiler_leaves_out_touches_nothing(clang: str, tmp_path: Path) -> None:
    (tmp_path / "unused.bpf.c").write_text(_UNUSED)
    [raw] = capture.check(tmp_path / "unused.bpf.c", replace(OLD_CPU, clang=clang, load=False))
    lines = touching(raw.object or b"")
    assert "unused.bpf.c:8" in lines and "unused.bpf.c:7" not in lines
    assert touching(b"no object") == frozenset()


@pytest.mark.needs_clang(14)
def test_where_a_flag_helps_it_is_told_first_and_what_is_written_needs_none() -> None:
    path = Path(__file__).parent / "correct/read-result.bpf.c"
    options = replace(OLD_CPU, cflags=("-mcpu=v2",))
    assert told(path, options).fixes[0].compile == "-mcpu=v3"
    done = mending.mend(path, options, 10.0, False)
    assert done.after != done.before and [report.verdict for report in done.left] == [Verdict.LOADS]
