"""Loads that the kernel refuses before it looks at the program, for real: what is known of why."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from textwrap import dedent

import pytest

from bpfdoctor.model.report import Verdict
from bpfdoctor.processes import how_it_ended
from tests.cli.command import BPFDOCTOR, ROOT, environment
from tests.unit.capture.running import Check, Write

KPROBE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_unlinkat") int on_unlink(void *ctx) { return 0; }

char LICENSE[] SEC("license") = "GPL";
"""
# A seccomp filter for bpf(2) on x86-64 and arm64, set by the process itself; then it becomes another program.
FILTERED = """
import ctypes, os, platform, struct, sys
action, number = int(sys.argv[1]), {"x86_64": 321, "aarch64": 280}[platform.machine()]
code = b"".join(struct.pack("HBBI", *each) for each in (
    (0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, action), (6, 0, 0, 0x7FFF0000)))
room = ctypes.create_string_buffer(code, len(code))
program = struct.pack("HxxxxxxQ", 4, ctypes.addressof(room))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execvp(sys.argv[2], sys.argv[2:])
"""
_REFUSE = 0x00050000  # SECCOMP_RET_ERRNO


@pytest.mark.usefixtures("kernel")
def test_the_capabilities_that_the_type_takes_are_named(check: Check) -> None:
    [raw] = check("probe.bpf.c", KPROBE, capabilities="bpf+net")
    assert (raw.verdict, raw.errno, raw.lacks) == (Verdict.NOT_LOADED, errno.EPERM, ("CAP_PERFMON",))


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("error", "said"),
    [(errno.EPERM, "a seccomp filter is set"), (errno.ENOSYS, "hides bpf(), which the kernel itself has")],
)
def test_a_filter_is_seen(write: Write, error: int, said: str) -> None:
    path = write("probe.bpf.c", KPROBE)
    done = subprocess.run(
        [sys.executable, "-c", FILTERED, str(_REFUSE | error), *BPFDOCTOR, "check", "--no-experiments", path],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        timeout=120,
        check=False,
    )
    assert done.returncode == 1 and said in " ".join(done.stdout.split()), done.stdout + done.stderr
    assert "sudo bpfdoctor check" not in done.stdout and "message is missing" not in done.stdout


def test_who_was_ended_by_a_filter_is_told_so() -> None:
    assert (
        how_it_ended(-signal.SIGSYS)
        == "was ended by SIGSYS: a seccomp filter forbids a system call that it made"
    )


def test_rights_inside_a_user_namespace_are_none() -> None:
    code = dedent(
        """
        import ctypes, sys
        if ctypes.CDLL(None).unshare(0x10000000):  # CLONE_NEWUSER
            sys.exit(3)
        from bpfdoctor.capture import privileges
        from bpfdoctor.model.report import CaptureOptions
        try:
            print(privileges.require(CaptureOptions()))
        except privileges.NoRights as problem:
            print(problem.sentence)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    if done.returncode == 3:
        pytest.skip("this machine allows no user namespaces")
    assert "inside a user namespace only" in done.stdout or done.stdout == "unprivileged\n", done.stderr
