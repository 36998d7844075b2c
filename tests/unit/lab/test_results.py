"""Logs stand where the loaders print them, and a verdict says who gave it."""

from __future__ import annotations

from bpfdoctor.lab import frames, results
from bpfdoctor.lab.frames import Answer, Status, Tag
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.printed import printed
from bpfdoctor.lab.recording import Recording
from bpfdoctor.lab.results import Loaded, Lost, NoVerdict, Request, Result
from bpfdoctor.model.report import Flavour, Program, RawReport, Stage, Verdict

KERNEL = LabKernel("6.12.1-1", "6.12.1", "6.12.1+deb13-cloud-amd64", "00", "x86_64", "Debian trixie")
LOG = b"0: (95) exit\nR0 !read_ok\nprocessed 1 insns (limit 1000000) max_states_per_insn 0\n"
SAID = (
    b"libbpf: prog 'p': BPF program load failed: Permission denied\n"
    b"libbpf: prog 'p': failed to load: -13\n"
    b"libbpf: failed to load object 'x'\n"
)


def answer(*pairs: tuple[Tag, int | bytes | str]) -> Loaded:
    data = frames.answer(Answer.PROGRAM, 1, frames.fields([(Tag.NAME, "p"), (Tag.TYPE_NAME, "xdp"), *pairs]))
    (frame,) = frames.answers(data, 1, 0)
    return results.loaded(frame)


def refusal() -> Loaded:
    logs = [(Tag.LOG4, b"R0 !read_ok\nprocessed 1 insns\n"), (Tag.LOG1, LOG)]
    return answer((Tag.STATUS, Status.REFUSED), (Tag.ERRNO, 13), *logs, (Tag.MESSAGES, SAID))


def template() -> RawReport:
    return RawReport(b"", "x.o", Flavour.OBJECT, Stage.COMPILER, object=b"elf")


def test_a_refusal() -> None:
    found = refusal()
    assert (found.verdict, found.errno, found.insns, found.log) == (Verdict.REFUSED, 13, 1, LOG)
    assert found.program == Program("p", "xdp", "")


def test_a_program_that_loads_says_how_many_instructions_were_processed() -> None:
    found = answer((Tag.STATUS, Status.LOADS), (Tag.LOG4, b"stack depth 8+0\nprocessed 27 insns \n"))
    assert (found.verdict, found.insns, found.errno) == (Verdict.LOADS, 27, None)
    assert found.stats.stack == 8


def test_a_refusal_without_a_word_is_not_the_verifiers() -> None:
    found = answer((Tag.STATUS, Status.REFUSED), (Tag.ERRNO, 1), (Tag.LOG4, b""), (Tag.MESSAGES, SAID))
    assert (found.verdict, found.errno) == (Verdict.NOT_LOADED, 1)


def test_the_log_stands_where_libbpf_prints_it() -> None:
    first, *rest = SAID.splitlines(keepends=True)
    wanted = first + b"libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n" + LOG + b"-- END PROG LOAD LOG --\n"
    assert printed(refusal()) == wanted + b"".join(rest)


def test_a_report_is_the_template_with_the_kernels_verdict() -> None:
    result = Result(KERNEL, Request(b"elf", capabilities="no-perfmon"), (refusal(),), 0.1)
    (report,) = results.reports(result, template())
    assert report.kernel and (report.kernel.release, report.kernel.capabilities) == ("6.12.1", "no-perfmon")
    assert (report.stage, report.verdict, report.errno) == (Stage.VERIFIER, Verdict.REFUSED, 13)
    assert (report.source, report.object, report.program) == ("x.o", b"elf", Program("p", "xdp", ""))
    assert (report.log, report.data) == (LOG, b"")


def test_what_the_loader_says_of_a_program_that_no_verifier_saw_is_told() -> None:
    entry = answer((Tag.STATUS, Status.NOT_LOADED), (Tag.ERRNO, 22), (Tag.MESSAGES, SAID))
    (report,) = results.reports(Result(KERNEL, Request(b"elf"), (entry,), 0.1), template())
    assert (report.stage, report.verdict, report.errno) == (Stage.LOADER, Verdict.NOT_LOADED, 22)
    assert (report.log, report.data) == (None, SAID)


def test_a_log_that_did_not_fit_is_told_of() -> None:
    entry = answer(
        (Tag.STATUS, Status.REFUSED),
        (Tag.ERRNO, 7),
        (Tag.LOG4, b"too complex\nprocessed 9 insns\n"),
        (Tag.LOG1, b"0: (95) exit\n"),
        (Tag.CUT, 2),
        (Tag.MESSAGES, SAID),
    )
    (report,) = results.reports(Result(KERNEL, Request(b""), (entry,), 0), template())
    assert any("a part of it is missing" in note for note in report.notes)


def test_a_program_without_a_verdict_says_why() -> None:
    lost = Lost(NoVerdict.TIMEOUT, "The verifier had not decided after 5 s.", "p")
    (report,) = results.reports(Result(KERNEL, Request(b""), (lost,), 5), template())
    assert report.verdict is Verdict.NO_ANSWER
    assert report.no_answer == "On kernel 6.12.1: The verifier had not decided after 5 s."


def test_a_replayed_program_keeps_its_own_name() -> None:
    entry = answer((Tag.STATUS, Status.REFUSED), (Tag.ERRNO, 13), (Tag.LOG4, b"x\n"), (Tag.LOG1, LOG))
    result = Result(KERNEL, Request(b"", recording=Recording(b"", ("p",))), (entry,), 0)
    mine = RawReport(b"", "t.py", Flavour.PYTHON, Stage.VERIFIER, program=Program("kprobe__p", "kprobe"))
    (report,) = results.replayed_reports(result, [mine])
    assert report.program == Program("kprobe__p", "kprobe")
    assert (report.log, report.data) == (LOG, b"")
    said = b"bpf: Failed to load program: Permission denied\n" + LOG + b"\n"
    assert printed(entry, bcc=True) == said


def test_headers_of_another_kernel_are_told_of() -> None:
    entry = answer((Tag.STATUS, Status.LOADS), (Tag.LOG4, b"processed 2 insns\n"))
    mine = RawReport(b"", "t.py", Flavour.PYTHON, Stage.VERIFIER, program=Program("p", "kprobe"))
    for headers, told in (((6, 1), 1), ((6, 12), 0), (None, 0)):
        request = Request(b"", recording=Recording(b"", ("p",), headers))
        (report,) = results.replayed_reports(Result(KERNEL, request, (entry,), 0), [mine])
        assert len(report.notes) == told
        assert all("headers of 6.1, loaded on 6.12.1" in note for note in report.notes)
