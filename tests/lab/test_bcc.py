"""A BCC program is recorded on the host and replayed in guests, with the verdicts of each."""

from __future__ import annotations

from pathlib import Path

from bpfdoctor import capture
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from bpfdoctor.lab.recording import for_guests
from bpfdoctor.lab.results import Request, replayed_reports
from bpfdoctor.model.report import CaptureOptions, Verdict

PROGRAM = """
BPF_HASH(seen, u32, u64);
BPF_PERF_OUTPUT(events);

struct event { u32 pid; char name[16]; };

int kprobe__do_nanosleep(struct pt_regs *ctx)
{
    struct event event;

    event.pid = bpf_get_current_pid_tgid();
    events.perf_submit(ctx, &event, sizeof(event));
    return 0;
}

int kprobe__vfs_read(struct pt_regs *ctx)
{
    u32 pid = bpf_get_current_pid_tgid();
    u64 *count = seen.lookup(&pid);

    return *count;
}

KFUNC_PROBE(vfs_write)
{
    return 0;
}
"""


def test_verdicts_of_a_replay(lab: Lab, old: LabKernel, new: LabKernel, tmp_path: Path) -> None:
    path = tmp_path / "tool.c"
    path.write_text("#include <uapi/linux/ptrace.h>\n" + PROGRAM)
    captured = capture.check(path, CaptureOptions(recorded=True))
    assert captured[0].recording
    recording = for_guests(captured[0].recording)
    assert len(recording.programs) == len(captured) == 3
    verdicts = []
    for result in lab.run([old, new], [Request(b"", recording=recording)]):
        reports = replayed_reports(result, captured)
        verdicts.append({str(report.program and report.program.name): report.verdict for report in reports})
        refused = next(
            report for report in reports if report.program and "vfs_read" in str(report.program.name)
        )
        assert refused.log
        assert b"R0 invalid mem access 'map_value_or_null'" in refused.log[:]
    both = {"kprobe__vfs_read": Verdict.REFUSED, "kfunc__vfs_write": Verdict.LOADS}
    assert verdicts == [
        both | {"kprobe__do_nanosleep": Verdict.REFUSED},  # 16 bytes of the event were never written
        both | {"kprobe__do_nanosleep": Verdict.LOADS},
    ]
